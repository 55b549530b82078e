//! How mail leaves: a mail server, or a folder of `.eml` files to look into. Used by jobs alone.
//!
//! Servers are trusted by the machine's certificates (`SSL_CERT_FILE` can name others). Without
//! `?tls=required` a server that is not this machine is still spoken to with STARTTLS when it offers it.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::address::AddressError;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use motcua_domain::ids::MessageId;
use secrecy::{ExposeSecret, SecretString};

use crate::{Error, Result};

const LIMIT: Duration = Duration::from_secs(30);

/// Which way mail goes.
#[derive(Debug, Clone)]
pub enum Route {
    Folder(PathBuf),
    /// `smtp://` or `smtps://`, with user, password and `?tls=` as lettre reads them.
    Smtp(SecretString),
}

/// Sends letters. One per process: it keeps connections.
pub struct Mailer {
    way: Way,
    from: Mailbox,
}

enum Way {
    Folder(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

/// A letter ready to leave.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    pub id: MessageId,
    pub recipient: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    pub language: &'a str,
    pub at: DateTime<Utc>,
}

/// Why a letter did not leave. The text may name the recipient: it is for the message's row alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSent {
    /// Trying again may help.
    Later(String),
    /// The address is wrong, or the server said no for good.
    Never(String),
}

impl Mailer {
    /// # Errors
    /// When the sender, the folder or the server's address cannot be used.
    pub fn open(route: &Route, from: &str) -> Result<Self> {
        let from: Mailbox = from
            .parse()
            .map_err(|error: AddressError| Error::internal(format!("the sender of mail: {error}")))?;
        let way = match route {
            Route::Folder(folder) => {
                crate::file::private_folder(folder)?;
                Way::Folder(folder.clone())
            }
            Route::Smtp(url) => Way::Smtp(server(url.expose_secret())?),
        };
        Ok(Self { way, from })
    }

    /// # Errors
    /// Whether and why to try again.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), NotSent> {
        let message = self.compose(letter)?;
        match &self.way {
            Way::Folder(folder) => {
                let path = folder.join(format!("{}.eml", letter.id));
                tokio::fs::write(path, message.formatted())
                    .await
                    .map_err(|error| NotSent::Later(error.to_string()))
            }
            Way::Smtp(server) => match server.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(NotSent::Never(error.to_string())),
                Err(error) => Err(NotSent::Later(error.to_string())),
            },
        }
    }

    fn compose(&self, letter: &Letter<'_>) -> Result<Message, NotSent> {
        let never = |error: &dyn std::fmt::Display| NotSent::Never(error.to_string());
        let to: Mailbox = letter.recipient.parse().map_err(|error: AddressError| never(&error))?;
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject)
            // The same for every try of this letter.
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .date(letter.at.into())
            .header(AutoSubmitted)
            .header(ContentLanguage(letter.language.to_owned()))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(letter.body.to_owned()))
            .map_err(|error| never(&error))
    }
}

fn server(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let wrong = |error: lettre::transport::smtp::Error| {
        Error::internal(format!("the address of the mail server: {error}"))
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(wrong)?;
    let host = host(url);
    if url.starts_with("smtp://") && !url.contains("?tls=") && !is_this_machine(host) {
        builder = builder.tls(Tls::Opportunistic(TlsParameters::new(host.to_owned()).map_err(wrong)?));
    }
    Ok(builder.timeout(Some(LIMIT)).build())
}

/// The host of `smtp://user:password@host:port/…`.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((inner, _)) => inner,
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Asks machines not to answer. RFC 3834.
#[derive(Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[derive(Clone)]
struct ContentLanguage(String);

impl Header for ContentLanguage {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }
    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(recipient: &str) -> Letter<'_> {
        Letter {
            id: MessageId(uuid::Uuid::nil()),
            recipient,
            subject: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
            body: "Kính gửi bà Nguyễn Thị Hồng,\n\nĐã tiếp nhận.\n.\nHết.\n",
            language: "vi",
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn a_folder_gets_one_file_per_letter_however_often_it_is_sent() {
        let folder = std::env::temp_dir().join(format!("motcua-mail-{}", std::process::id()));
        let mailer =
            Mailer::open(&Route::Folder(folder.clone()), "Một cửa <no-reply@thads.example>").unwrap();
        mailer.send(&letter("hong@example.vn")).await.unwrap();
        mailer.send(&letter("hong@example.vn")).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
        for line in [
            "Message-ID: <00000000-0000-0000-0000-000000000000@thads.example>",
            "Auto-Submitted: auto-generated",
            "Content-Language: vi",
            "To: hong@example.vn",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_never_tried_again() {
        let mailer = Mailer::open(&Route::Folder(std::env::temp_dir()), "motcua@localhost").unwrap();
        for wrong in ["", "nobody", "a@b\r\nBcc: c@d.example"] {
            assert!(matches!(mailer.send(&letter(wrong)).await, Err(NotSent::Never(_))), "{wrong:?}");
        }
    }

    #[test]
    fn the_host_is_found_in_every_form() {
        for (url, expected) in [
            ("smtp://mail:1025", "mail"),
            ("smtps://u:p%40@mail.gov.vn", "mail.gov.vn"),
            ("smtp://[::1]:25?tls=required", "::1"),
            ("smtp://127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(host(url), expected);
        }
        assert!(
            is_this_machine("127.0.0.1")
                && is_this_machine("::1")
                && is_this_machine("localhost")
                && !is_this_machine("mail")
        );
    }
}
