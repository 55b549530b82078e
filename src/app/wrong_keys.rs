//! Wrong tracking keys, counted per network and dossier and per network over all dossiers, so that
//! nobody can guess, and nobody can keep others from a dossier they have the key of.
//!
//! Kept in this process and bounded in size. Not a record: losing it at a restart is fine.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// Wrong keys from one network for one dossier before that pair rests.
const MOST_AT_ONE: u32 = 10;
/// Wrong keys from one network, whatever they were tried at, before the network rests.
const MOST_AT_ALL: u32 = 60;
/// Wrong keys count together for this long, and a rest lasts as long.
const REST: TimeDelta = TimeDelta::minutes(15);
/// Counts kept at most; the oldest goes first.
const MOST_KNOWN: usize = 10_000;

/// What is counted as one caller: an IPv4 address, or the /64 an IPv6 address is in, of which one
/// subscriber has all addresses.
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// A hash, so that what callers make up takes no more room than what is true.
type Print = [u8; 32];

fn print(network: &str, what: &str) -> Print {
    Sha256::new().chain_update(network).chain_update([0]).chain_update(what).finalize().into()
}

#[derive(Debug, Clone, Copy)]
struct Count {
    wrong: u32,
    /// The end of the window, or of the rest.
    until: DateTime<Utc>,
}

#[derive(Debug, Default)]
struct Counts(Mutex<HashMap<Print, Count>>);

impl Counts {
    fn check(&self, who: &Print, most: u32, now: DateTime<Utc>) -> Result<()> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(who) {
            Some(count) if count.wrong >= most && now < count.until => {
                let left = count.until.signed_duration_since(now).num_seconds();
                Err(Error::too_many(u64::try_from(left).unwrap_or(0).max(1)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn note(&self, who: Print, most: u32, now: DateTime<Utc>) {
        let end = now.checked_add_signed(REST).unwrap_or(now);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN && !known.contains_key(&who) {
            known.retain(|_, count| now < count.until);
            if known.len() >= MOST_KNOWN
                && let Some(oldest) =
                    known.iter().min_by_key(|(_, count)| count.until).map(|(print, _)| *print)
            {
                known.remove(&oldest);
            }
        }
        let count = known.entry(who).or_insert(Count { wrong: 0, until: end });
        if count.until <= now {
            *count = Count { wrong: 0, until: end };
        }
        count.wrong = count.wrong.saturating_add(1);
        if count.wrong == most {
            count.until = end;
        }
    }
}

/// The counts of this process.
#[derive(Debug, Default)]
pub struct WrongKeys {
    at_one: Counts,
    at_all: Counts,
}

impl WrongKeys {
    /// To be asked before a key is looked at; `what` is the code or id it is tried at.
    ///
    /// # Errors
    /// `TooManyRequests` while the caller rests.
    pub fn check(&self, address: &str, what: &str, now: DateTime<Utc>) -> Result<()> {
        let network = network(address);
        self.at_all.check(&print(&network, ""), MOST_AT_ALL, now)?;
        self.at_one.check(&print(&network, what), MOST_AT_ONE, now)
    }

    /// A key was wrong, or there is nothing it could open.
    pub fn note(&self, address: &str, what: &str, now: DateTime<Utc>) {
        let network = network(address);
        self.at_all.note(print(&network, ""), MOST_AT_ALL, now);
        self.at_one.note(print(&network, what), MOST_AT_ONE, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_network_is_an_address_or_a_subscribers_64() {
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:aaaa::1"), network("2001:db8:1:2:bbbb::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network(""), "");
    }

    #[test]
    fn wrong_keys_make_a_caller_rest_at_one_dossier_and_nobody_else() {
        let keys = WrongKeys::default();
        for _ in 0..10 {
            keys.check("192.0.2.1", "A", at(0)).unwrap();
            keys.note("192.0.2.1", "A", at(0));
        }
        assert!(keys.check("192.0.2.1", "A", at(14)).is_err());
        keys.check("192.0.2.1", "B", at(14)).unwrap();
        keys.check("192.0.2.2", "A", at(14)).unwrap();
        keys.check("192.0.2.1", "A", at(15)).unwrap();
        // A mistake now and then never adds up.
        for day in 0..100 {
            keys.note("192.0.2.3", "A", at(day * 16));
            keys.check("192.0.2.3", "A", at(day * 16)).unwrap();
        }
    }

    #[test]
    fn many_dossiers_tried_from_one_network_make_it_rest() {
        let keys = WrongKeys::default();
        for n in 0..60 {
            let address = format!("2001:db8:1:2::{n:x}");
            keys.check(&address, &n.to_string(), at(0)).unwrap();
            keys.note(&address, &n.to_string(), at(0));
        }
        assert!(keys.check("2001:db8:1:2::ffff", "new", at(1)).is_err());
        keys.check("2001:db8:1:3::1", "new", at(1)).unwrap();
    }

    #[test]
    fn a_full_table_forgets_the_oldest_alone() {
        let keys = WrongKeys::default();
        for _ in 0..10 {
            keys.note("192.0.2.1", "old", at(0));
            keys.note("192.0.2.2", "new", at(2));
        }
        for n in 0..MOST_KNOWN - 1 {
            keys.note(&format!("made-up-{n}"), "x", at(1));
        }
        keys.check("192.0.2.1", "old", at(3)).unwrap();
        assert!(keys.check("192.0.2.2", "new", at(3)).is_err());
        assert_eq!(keys.at_one.0.lock().unwrap().len(), MOST_KNOWN);
    }
}
