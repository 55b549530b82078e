//! The audit chain: each entry's hash covers the one before, so nothing can be changed quietly.
//!
//! One chain per subject (a dossier, an agency's administration), never one for all.
//! Every field is length-prefixed before hashing; the body is kept as the exact text hashed.

use sha2::{Digest, Sha256};

const TAG: &[u8] = b"motcua.audit.v1";
const SEAL_TAG: &[u8] = b"motcua.seal.v1";

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
        let seq = self.seq.to_string();
        hash_fields(&[
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
        ])
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

/// Hashes length-prefixed fields, so that text cannot move between them unseen.
fn hash_fields(fields: &[&[u8]]) -> Hash {
    let mut digest = Sha256::new();
    for field in fields {
        digest.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(field);
    }
    digest.finalize().into()
}

/// The leaf of one access log row, from the texts it is stored as.
pub fn log_leaf(fields: &[&[u8]]) -> Hash {
    hash_fields(fields)
}

/// The root of a Merkle tree over leaves, as in RFC 6962: leaves and nodes are hashed apart.
pub fn merkle_root(leaves: &[Hash]) -> Hash {
    let mut level: Vec<Hash> = leaves.iter().map(|leaf| tagged(0, &[leaf])).collect();
    if level.is_empty() {
        return Sha256::digest(b"").into();
    }
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => tagged(1, &[left, right]),
                // An odd one moves up unchanged.
                other => other.first().copied().unwrap_or_default(),
            })
            .collect();
    }
    level.first().copied().unwrap_or_default()
}

fn tagged(tag: u8, parts: &[&Hash]) -> Hash {
    let mut digest = Sha256::new();
    digest.update([tag]);
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into()
}

/// The hourly seal: a root over the entries and log rows of a period, linked to the seal before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// From 1, without gaps.
    pub seq: i64,
    pub prev: Hash,
    /// Microseconds since 1970, as stored.
    pub sealed_at: i64,
    /// Everything after the seal before, up to this moment. Microseconds since 1970.
    pub covers_until: i64,
    pub leaves: i64,
    pub root: Hash,
}

impl Seal {
    pub fn hash(&self) -> Hash {
        let numbers = [self.seq, self.sealed_at, self.covers_until, self.leaves].map(i64::to_be_bytes);
        let [seq, sealed_at, covers_until, leaves] = &numbers;
        hash_fields(&[SEAL_TAG, seq, &self.prev, sealed_at, covers_until, leaves, &self.root])
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
    fn the_root_is_that_of_rfc_6962() {
        let hex = |hash: Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(merkle_root(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let leaves: Vec<Hash> = (0..5).map(|at| [at; 32]).collect();
        let node = |left, right| tagged(1, &[&left, &right]);
        let leaf = |at: u8| tagged(0, &[&[at; 32]]);
        let four = node(node(leaf(0), leaf(1)), node(leaf(2), leaf(3)));
        assert_eq!(merkle_root(&leaves), node(four, leaf(4)));
    }

    proptest! {
        #[test]
        fn any_change_of_leaves_changes_the_root(leaves in prop::collection::vec(any::<[u8; 32]>(), 1..20), victim in 0usize..20, how in 0u8..3) {
            let mut touched = leaves.clone();
            let at = victim % touched.len();
            match how {
                0 => touched[at][0] ^= 1,
                1 => { touched.remove(at); }
                _ => touched.push([7; 32]),
            }
            prop_assert_ne!(merkle_root(&leaves), merkle_root(&touched));
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
