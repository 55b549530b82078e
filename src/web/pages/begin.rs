//! What the two pages that begin a draft have in common: the citizen's and the counter's.

use motcua_app::Error;
use motcua_app::idempotency::{Key, Ticket};
use motcua_domain::dossier::FilerMode;
use motcua_domain::error_code::FieldError;
use motcua_domain::person::Contact;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::frame::Frame;
use super::submitted::Submitted;
use super::visitor::Visitor;
use crate::problem::Failure;

/// How to reach the applicant, as typed.
pub fn contact(sent: &Submitted) -> Contact {
    Contact {
        name: sent.given("name").unwrap_or_default(),
        email: sent.given("email"),
        phone: sent.given("phone"),
    }
}

/// On whose behalf it is filled in, and by whom.
pub fn filer(sent: &Submitted) -> (FilerMode, Option<String>) {
    let mode = sent.get("mode").and_then(|mode| mode.parse().ok()).unwrap_or(FilerMode::Own);
    (mode, sent.given("filled_in_by"))
}

/// The page carries a key: the same page with the same content sent twice begins one draft, one that
/// was gone back to and changed begins another.
///
/// # Errors
/// 400 when the key is none of ours.
pub fn once(visitor: &Visitor, sent: &Submitted) -> Result<Ticket, Failure> {
    let mut digest = Sha256::new();
    for (name, value) in sent.typed() {
        for part in [name, value] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
    }
    let print = hex::encode(digest.finalize());
    let page = sent.given("_key").unwrap_or_default();
    let key = Key::new(&visitor.ctx, &page, &[b"begin", print.as_bytes()])?.about(&print);
    Ok(Ticket { expected_version: None, key: Some(key) })
}

/// What the form need not ask again.
pub fn known_of(contact: &Contact) -> Value {
    let phone = contact.phone.as_ref().map(|phone| phone.chars().filter(|c| c.is_ascii_digit() || *c == '+'));
    let known = [
        ("full_name", Some(contact.name.clone())),
        ("email", contact.email.clone()),
        ("phone", phone.map(String::from_iter)),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect()
}

/// One thing that is wrong, at its input.
pub struct Mistake {
    /// Of the input.
    pub id: String,
    pub label: &'static str,
    pub text: String,
}

/// Where each mistake is, what that input is called, and what is wrong.
pub fn mistakes(frame: &Frame, error: &Error, label: fn(&Frame, &str) -> &'static str) -> Vec<Mistake> {
    let of = |wrong: &FieldError| {
        let id = wrong.pointer.rsplit('/').next().unwrap_or_default().to_owned();
        Mistake { label: label(frame, &id), text: frame.text(&wrong.text).to_owned(), id }
    };
    error.errors.iter().map(of).collect()
}

/// The same for the summary on top of a page.
pub fn summary(mistakes: &[Mistake]) -> Vec<(String, String)> {
    let said = |mistake: &Mistake| match mistake.label {
        "" => mistake.text.clone(),
        label => format!("{label}: {}", mistake.text),
    };
    mistakes.iter().map(|mistake| (mistake.id.clone(), said(mistake))).collect()
}
