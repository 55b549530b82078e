//! The audit chain: each entry's hash covers the one before, so nothing can be changed quietly.
//!
//! One chain per subject (a dossier, an agency's administration), never one for all.
//! Every field is length-prefixed before hashing; the body is kept as the exact text hashed.

use sha2::{Digest, Sha256};

const TAG: &[u8] = b"motcua.audit.v1";

/// SHA-256 of an entry.
pub type Hash = [u8; 32];

/// What the first entry of a chain points back to.
pub const GENESIS: Hash = [0; 32];

/// One entry, before or after it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub chain: String,
    /// From 1, without gaps.
    pub seq: i64,
    pub prev: Hash,
    /// RFC 3339 with microseconds, UTC: the text that was hashed.
    pub at: String,
    /// The doer as JSON text.
    pub actor: String,
    pub act: String,
    pub subject: String,
    pub request_id: String,
    /// The body as the exact text that was hashed.
    pub body: String,
}

impl Entry {
    pub fn hash(&self) -> Hash {
        let mut digest = Sha256::new();
        let seq = self.seq.to_string();
        let fields: [&[u8]; 10] = [
            TAG,
            self.chain.as_bytes(),
            seq.as_bytes(),
            &self.prev,
            self.at.as_bytes(),
            self.actor.as_bytes(),
            self.act.as_bytes(),
            self.subject.as_bytes(),
            self.request_id.as_bytes(),
            self.body.as_bytes(),
        ];
        for field in fields {
            digest.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(field);
        }
        digest.finalize().into()
    }
}

/// Where a chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("chain {chain} breaks at entry {seq}: {what}")]
pub struct Broken {
    pub chain: String,
    pub seq: i64,
    pub what: &'static str,
}

/// Checks a whole chain against its stored hashes and its head.
///
/// # Errors
/// The first place where sequence, link, hash or head does not fit.
pub fn verify(entries: &[(Entry, Hash)], head: Option<(i64, Hash)>) -> Result<(), Broken> {
    let mut prev = GENESIS;
    let mut seq = 0_i64;
    for (entry, stored) in entries {
        seq = seq.saturating_add(1);
        let broken = |what| Err(Broken { chain: entry.chain.clone(), seq, what });
        if entry.seq != seq {
            return broken("an entry is missing or out of order");
        }
        if entry.prev != prev {
            return broken("the link to the entry before does not fit");
        }
        if entry.hash() != *stored {
            return broken("the content does not fit its hash");
        }
        prev = *stored;
    }
    let chain = entries.first().map_or_else(String::new, |(entry, _)| entry.chain.clone());
    match head {
        Some((last, hash)) if last == seq && hash == prev => Ok(()),
        Some(_) => Err(Broken { chain, seq, what: "the head does not fit the last entry" }),
        None if entries.is_empty() => Ok(()),
        None => Err(Broken { chain, seq, what: "the chain has no head" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chain(bodies: &[String]) -> Vec<(Entry, Hash)> {
        let mut prev = GENESIS;
        let mut entries = Vec::new();
        for (at, body) in bodies.iter().enumerate() {
            let entry = Entry {
                chain: "dossier:1".into(),
                seq: i64::try_from(at).unwrap() + 1,
                prev,
                at: "2026-01-01T00:00:00.000000Z".into(),
                actor: "{}".into(),
                act: "receive".into(),
                subject: "1".into(),
                request_id: "r".into(),
                body: body.clone(),
            };
            prev = entry.hash();
            entries.push((entry, prev));
        }
        entries
    }

    fn head(entries: &[(Entry, Hash)]) -> Option<(i64, Hash)> {
        entries.last().map(|(entry, hash)| (entry.seq, *hash))
    }

    proptest! {
        #[test]
        fn an_untouched_chain_verifies_and_any_change_is_seen(bodies in prop::collection::vec(".{0,20}", 1..8), victim in 0usize..8, field in 0u8..6) {
            let entries = chain(&bodies);
            prop_assert!(verify(&entries, head(&entries)).is_ok());
            let mut touched = entries.clone();
            let at = victim % touched.len();
            match field {
                0 => touched[at].0.body.push('x'),
                1 => touched[at].0.at.push('1'),
                2 => touched[at].0.actor.push(' '),
                3 => touched[at].1[3] ^= 1,
                4 => { touched.remove(at); }
                _ => { touched[at].0.prev[0] ^= 1; }
            }
            prop_assert!(verify(&touched, head(&entries)).is_err());
        }
    }

    #[test]
    fn moving_text_between_fields_changes_the_hash() {
        let mut one = chain(&["ab".into()]).remove(0).0;
        let mut two = one.clone();
        one.act = "ab".into();
        one.subject = "c".into();
        two.act = "a".into();
        two.subject = "bc".into();
        assert_ne!(one.hash(), two.hash());
    }
}
