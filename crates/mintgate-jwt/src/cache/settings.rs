//! The times and sizes of the cache.

use std::{sync::Arc, time::Duration};

use super::{Fetched, Held, Moment};

/// How long things are kept. [`CacheSettings::usual`] is meant for access tokens of minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheSettings {
    /// For how long a set is fresh when its issuer does not say.
    pub usual_max_age: Duration,
    /// A set is fresh for at least this, even if its issuer says less.
    pub shortest_max_age: Duration,
    /// A set is fresh for at most this, even if its issuer says more: a withdrawn key is gone after it.
    pub longest_max_age: Duration,
    /// For how long a set that is no longer fresh serves while the issuer cannot be reached.
    pub stale_limit: Duration,
    /// The least time between two fetches for the sake of unknown kids.
    pub cool_down: Duration,
    /// For how long a kid that was sought and not found is refused without another fetch.
    pub absent_for: Duration,
    /// How many such kids are remembered.
    pub most_absent_kids: usize,
    /// The pause after a first failed fetch; it doubles with each further one.
    pub first_back_off: Duration,
    /// The longest pause after failed fetches.
    pub longest_back_off: Duration,
    /// A fetch that has not reported after this is taken for lost.
    pub give_up_after: Duration,
    /// How long a refresh that is due is left to the background before whoever asks does it; zero where nothing
    /// runs in the background. `mintgate-verify` sets it by what it runs.
    pub refresher_grace: Duration,
}

impl CacheSettings {
    /// Refresh about every five minutes, ask again for unknown kids every 30 seconds, serve stale for an hour.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            usual_max_age: Duration::from_mins(5),
            shortest_max_age: Duration::from_secs(30),
            longest_max_age: Duration::from_hours(1),
            stale_limit: Duration::from_hours(1),
            cool_down: Duration::from_secs(30),
            absent_for: Duration::from_mins(1),
            most_absent_kids: 128,
            first_back_off: Duration::from_secs(1),
            longest_back_off: Duration::from_secs(30),
            give_up_after: Duration::from_secs(10),
            refresher_grace: Duration::ZERO,
        }
    }

    pub(super) fn held(&self, fetched: Fetched, now: Moment) -> Held {
        let max_age = fetched
            .max_age
            .unwrap_or(self.usual_max_age)
            .min(self.longest_max_age)
            .max(self.shortest_max_age);
        let fresh_until = now.after(max_age);
        Held {
            set: Arc::new(fetched.set),
            fresh_until,
            // With a fifth of its life left, so that a slow or failed refresh has time for another.
            refresh_at: now.after(max_age / 5 * 4),
            serve_until: fresh_until.after(self.stale_limit),
        }
    }

    pub(super) fn back_off(&self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_back_off.saturating_mul(doubled).min(self.longest_back_off)
    }
}
