//! Rate limits: a token bucket per address (per /64 of IPv6) and per client, in this process.
//! With several nodes each keeps its own count; the proxy in front may keep a common one.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

type Buckets = RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// What a caller may be told of his bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until the whole limit is there again.
    pub reset: u32,
    /// Seconds to wait, when nothing remains.
    pub retry_after: Option<u64>,
}

/// The buckets.
pub struct Limiter {
    buckets: Buckets,
    limit: u32,
    clock: DefaultClock,
}

/// Buckets kept before the full ones are swept.
const SWEEP_AT: usize = 100_000;

impl Limiter {
    pub fn per_minute(limit: u32) -> Self {
        let limit = NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN);
        let buckets = RateLimiter::keyed(Quota::per_minute(limit)).with_middleware();
        Self { buckets, limit: limit.get(), clock: DefaultClock::default() }
    }

    /// Takes one from the bucket of `key`.
    pub fn take(&self, key: &str) -> Standing {
        if self.buckets.len() > SWEEP_AT {
            self.buckets.retain_recent();
        }
        let (remaining, retry_after) = match self.buckets.check_key(&key.to_owned()) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(self.clock.now()).as_secs().saturating_add(1))),
        };
        let used = u64::from(self.limit.saturating_sub(remaining));
        let reset = used.saturating_mul(60).div_ceil(u64::from(self.limit));
        Standing { limit: self.limit, remaining, reset: u32::try_from(reset).unwrap_or(60), retry_after }
    }
}
