//! What the two pages that begin a draft have in common: the citizen's and the counter's.

use motcua_app::Error;
use motcua_app::idempotency::{Key, Ticket};
use motcua_domain::person::Contact;
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

/// Where each mistake is, by the id of its input, and what it is.
pub fn mistakes(frame: &Frame, error: &Error) -> Vec<(String, String)> {
    let of = |pointer: &str| pointer.rsplit('/').next().unwrap_or_default().to_owned();
    error.errors.iter().map(|wrong| (of(&wrong.pointer), frame.text(&wrong.text).to_owned())).collect()
}
