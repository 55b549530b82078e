//! Doing a thing once: the caller's key, what was asked under it, and the answer it got.

use motcua_domain::actor::Actor;
use motcua_domain::error_code::ErrorCode;
use motcua_domain::text::Text;
use motcua_store::Tx;
use motcua_store::idempotency::{self as store, Claim};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::{Ctx, Error, Result};

/// Characters of a key from a caller nobody knows. People behind one address share its keys, and an
/// answer holds a tracking key: only a key that nobody else comes upon keeps them apart.
const ANONYMOUS_LEAST: usize = 32;

/// What a write brings along: the version it was made for, and its idempotency key.
#[derive(Debug, Clone, Default)]
pub struct Ticket {
    pub expected_version: Option<i64>,
    pub key: Option<Key>,
}

/// A key with the caller it belongs to and the print of what is asked.
#[derive(Debug, Clone)]
pub struct Key {
    caller: String,
    key: String,
    fingerprint: Vec<u8>,
}

impl Key {
    /// `asked` is operation, target and body: the same key for anything else is a mistake.
    ///
    /// # Errors
    /// `MalformedHeader` for a short key of a caller who has not signed in.
    pub fn new(ctx: &Ctx, key: &str, asked: &[&[u8]]) -> Result<Self> {
        if matches!(ctx.actor, Actor::Anonymous) && key.len() < ANONYMOUS_LEAST {
            return Err(Error::saying(
                ErrorCode::MalformedHeader,
                Text::new(
                    "Khi chưa đăng nhập, Idempotency-Key phải là một UUID hoặc chuỗi ngẫu nhiên từ 32 ký tự trở lên.",
                    "Without signing in, the Idempotency-Key must be a UUID or a random text of at least 32 characters.",
                ),
            ));
        }
        let caller = match &ctx.actor {
            Actor::Citizen(account) => format!("account:{account}"),
            Actor::Staff(staff) => format!("account:{}", staff.account),
            Actor::Partner(partner) => format!("partner:{}", partner.id),
            Actor::Holder(dossier) => format!("dossier:{dossier}"),
            // Who holds a key is told apart from others at the same address by its hash.
            Actor::Anonymous => match &ctx.tracking_key {
                Some(key) => format!("key:{}", hex::encode(crate::track::key_hash(key.expose_secret()))),
                None => format!("address:{}", crate::wrong_keys::network(&ctx.address)),
            },
            Actor::System => "system".to_owned(),
        };
        let mut digest = Sha256::new();
        for part in asked {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        Ok(Self { caller, key: key.to_owned(), fingerprint: digest.finalize().to_vec() })
    }

    /// The same key for one content only: another content is another thing, not a mistake.
    #[must_use]
    pub fn about(mut self, content: &str) -> Self {
        self.key = format!("{}:{content}", self.key);
        self
    }
}

impl Ticket {
    /// The answer given before, when this was asked before.
    ///
    /// # Errors
    /// `KeyReused` when the key was used for something else.
    pub async fn claim<T: DeserializeOwned>(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Option<T>> {
        let Some(key) = &self.key else { return Ok(None) };
        match store::claim(tx, &key.caller, &key.key, &key.fingerprint, ctx.now()).await? {
            Claim::Fresh => Ok(None),
            Claim::Answered(answer) => Ok(Some(serde_json::from_value(answer)?)),
            Claim::Reused => Err(Error::of(ErrorCode::KeyReused)),
        }
    }

    /// Keeps the answer, in the acting transaction.
    pub async fn answer<T: Serialize>(&self, tx: &mut Tx, answer: &T) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        store::answer(tx, &key.caller, &key.key, &serde_json::to_value(answer)?).await?;
        Ok(())
    }
}
