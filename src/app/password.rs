//! Passwords: what one must be, and how it is kept (argon2id, off the runtime).
//!
//! At most as many are hashed at once as the machine has processors: each takes 19 MiB.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use motcua_domain::error_code::{ErrorCode, FieldError};
use motcua_domain::text::Text;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{Error, Result};

const SHORTEST: usize = 10;
const LONGEST: usize = 200;

/// What is tried first by anyone who guesses; compared without case, digits at the end aside.
const COMMON: [&str; 32] = [
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "matkhau",
    "mậtkhẩu",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "zxcvbnm",
    "iloveyou",
    "letmein",
    "welcome",
    "admin",
    "administrator",
    "anhyeuem",
    "emyeuanh",
    "toiyeuem",
    "toiyeuvietnam",
    "vietnam",
    "việtnam",
    "hanoi",
    "saigon",
    "thihanhan",
    "congan",
    "chaoem",
    "khongco",
    "abc",
    "abcd",
    "abcdef",
    "abcdefghij",
    "changeme",
];

/// Hashes and checks passwords. One per process.
#[derive(Debug)]
pub struct Hasher {
    seats: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        let seats = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        Self { seats: Arc::new(Semaphore::new(seats)) }
    }
}

impl Hasher {
    /// # Errors
    /// When the system has no randomness to give.
    pub async fn hash(&self, password: &SecretString) -> Result<String> {
        let password = password.clone();
        self.off_runtime(move || {
            Argon2::default()
                .hash_password(password.expose_secret().as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| Error::internal(error.to_string()))
        })
        .await?
    }

    /// Is it the password of this hash? Without a hash the same time is spent and the answer is no,
    /// so that an unknown name takes as long as a known one.
    ///
    /// # Errors
    /// When the kept hash cannot be read.
    pub async fn fits(&self, password: &SecretString, hash: Option<String>) -> Result<bool> {
        let Some(hash) = hash else {
            self.hash(password).await?;
            return Ok(false);
        };
        let password = password.clone();
        self.off_runtime(move || {
            let kept = PasswordHash::new(&hash)
                .map_err(|error| Error::internal(format!("password hash: {error}")))?;
            Ok(Argon2::default().verify_password(password.expose_secret().as_bytes(), &kept).is_ok())
        })
        .await?
    }

    async fn off_runtime<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let seat = Arc::clone(&self.seats)
            .acquire_owned()
            .await
            .map_err(|error| Error::internal(error.to_string()))?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(seat);
            done
        })
        .await
        .map_err(|error| Error::internal(error.to_string()))
    }
}

/// What is wrong with a new password, as errors of the field at `pointer`.
pub fn check(pointer: &str, password: &SecretString, login: &str) -> Vec<FieldError> {
    let text = password.expose_secret();
    let length = text.chars().count();
    if length < SHORTEST {
        return vec![FieldError::new(
            pointer,
            ErrorCode::FieldTooShort,
            Text::new("Mật khẩu phải có ít nhất 10 ký tự.", "The password must have at least 10 characters."),
        )];
    }
    if length > LONGEST {
        return vec![FieldError::new(
            pointer,
            ErrorCode::FieldTooLong,
            Text::new("Mật khẩu có nhiều nhất 200 ký tự.", "The password must have at most 200 characters."),
        )];
    }
    let lower = text.to_lowercase();
    let names_owner = lower == login
        || login
            .split_once('@')
            .is_some_and(|(name, _)| lower.trim_end_matches(|c: char| c.is_ascii_digit()) == name);
    if names_owner || is_common(&lower) {
        return vec![FieldError::new(
            pointer,
            ErrorCode::FieldInvalid,
            Text::new(
                "Mật khẩu này quá dễ đoán; hãy chọn mật khẩu khác.",
                "This password is too easy to guess; choose another.",
            ),
        )];
    }
    Vec::new()
}

/// A common word with digits or signs after it, a row of digits, or one thing over and over.
fn is_common(lower: &str) -> bool {
    let plain: String = lower.chars().filter(|c| !c.is_whitespace()).collect();
    let word = plain.trim_end_matches(|c: char| !c.is_alphabetic());
    let distinct: std::collections::BTreeSet<char> = plain.chars().collect();
    word.is_empty() || COMMON.contains(&word) || distinct.len() < 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<ErrorCode> {
        check("/password", &password.into(), "lan.tran@example.vn").first().map(|error| error.code)
    }

    #[test]
    fn a_password_is_long_and_not_the_first_guess() {
        assert_eq!(code("cam-quýt-bưởi"), None);
        assert_eq!(code("motcua-demo-2026"), None);
        assert_eq!(code("ngắn"), Some(ErrorCode::FieldTooShort));
        assert_eq!(code(&"x1y2".repeat(51)), Some(ErrorCode::FieldTooLong));
        for easy in [
            "Password2026!",
            "0123456789",
            "aaaaaaaaaaaa",
            "mật khẩu 12345",
            "lan.tran@example.vn",
            "Lan.Tran2026",
            "abababababab",
        ] {
            assert_eq!(code(easy), Some(ErrorCode::FieldInvalid), "{easy}");
        }
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_alone() {
        let hasher = Hasher::default();
        let hash = hasher.hash(&"cam-quýt-bưởi".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(hasher.fits(&"cam-quýt-bưởi".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.fits(&"cam-quýt-chanh".into(), Some(hash)).await.unwrap());
        assert!(!hasher.fits(&"cam-quýt-bưởi".into(), None).await.unwrap());
    }
}
