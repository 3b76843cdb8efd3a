//! When to fetch an issuer's keys, and what to say meanwhile: a state machine without network, thread or clock.
//!
//! It is asked for a key by its kid and answers with the set to use, an order to fetch, or a refusal. It promises:
//! - one fetch at a time, however many ask;
//! - a refresh before the set goes stale, if [`JwksCache::due`] is asked in the background;
//! - an unknown kid causes one fetch and then gets its answer, but a flood of them at most one a cool-down; a token
//!   without kid that no key verifies counts as one;
//! - while the issuer is down the last set serves up to a limit, attempts back off, and nobody waits for them (but
//!   for one asker at a time where nothing refreshes in the background);
//! - a new set replaces the old one, so that a withdrawn key is gone.
//!
//! Tokens are judged elsewhere ([`crate::verify_with_set`]); `mintgate-verify` does the fetching.

mod absent;
mod settings;

use std::{sync::Arc, time::Duration};

use mintgate_types::Kid;

use crate::Jwks;
use absent::AbsentKids;
pub use settings::CacheSettings;

/// A point on a clock that never jumps, as the time since some start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Duration);

impl Moment {
    fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    fn until(self, later: Self) -> Duration {
        later.0.saturating_sub(self.0)
    }
}

/// What a token needs from the set.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'token> {
    /// The key of this name.
    Kid(&'token Kid),
    /// The token names no key: whatever the set holds.
    Any,
    /// The token names no key, and none of this set verified it: a newer set, fetched as rarely as for unknown kids.
    NewerThan(&'token Arc<Jwks>),
}

/// What to do for a token.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Verify with this set; the wanted kid is in it, or it is another set.
    Use(Arc<Jwks>),
    /// Fetch now, [`JwksCache::report`] what came of it, then ask again.
    Fetch(Ticket),
    /// Somebody else is fetching: ask again after their report.
    Wait,
    /// The issuer has no such key.
    Absent,
    /// It cannot be known now; nobody should ask again earlier than this.
    Unavailable {
        /// When an answer is possible at the earliest.
        retry_after: Duration,
    },
}

/// The duty to fetch once and report. It cannot be forged or used twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket(u64);

/// What a fetch brought.
#[derive(Debug)]
pub struct Fetched {
    /// The published set.
    pub set: Jwks,
    /// For how long the issuer says that it may be kept.
    pub max_age: Option<Duration>,
}

/// A fetch that brought no set, for whatever reason. The reason is the fetcher's to log.
#[derive(Debug, Clone, Copy)]
pub struct FetchFailed;

/// The keys of one issuer, as far as they are known.
#[derive(Debug)]
pub struct JwksCache {
    settings: CacheSettings,
    held: Option<Held>,
    ongoing: Option<Ongoing>,
    /// Failed fetches since the last good one.
    failures: u32,
    /// No attempt before this, after a failure.
    retry_at: Moment,
    /// No fetch for the sake of an unknown kid before this.
    unknown_at: Moment,
    absent: AbsentKids,
    tickets: u64,
}

/// A set and its times.
#[derive(Debug, Clone)]
pub struct Held {
    /// The set.
    pub set: Arc<Jwks>,
    /// Until when it may be used without asking the cache.
    pub fresh_until: Moment,
    refresh_at: Moment,
    serve_until: Moment,
}

#[derive(Debug)]
struct Ongoing {
    ticket: u64,
    since: Moment,
    /// The kid for whose sake it began, to be remembered if the new set lacks it too.
    sought: Option<Kid>,
}

impl JwksCache {
    /// A cache that knows nothing yet.
    #[must_use]
    pub fn new(settings: CacheSettings) -> Self {
        let start = Moment(Duration::ZERO);
        let absent = AbsentKids::new(settings.most_absent_kids);
        Self {
            settings,
            held: None,
            ongoing: None,
            failures: 0,
            retry_at: start,
            unknown_at: start,
            absent,
            tickets: 0,
        }
    }

    /// The set that is held, whatever its age.
    #[must_use]
    pub fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    /// What to do for a token that wants `wanted`.
    pub fn ask(&mut self, wanted: Wanted<'_>, now: Moment) -> Answer {
        let Some(held) = self.held.clone().filter(|held| now < held.serve_until) else {
            return self.without_set(wanted, now);
        };
        match wanted {
            Wanted::Kid(kid) if !held.set.contains(kid) => self.for_unknown(Some(kid), now),
            Wanted::NewerThan(set) if Arc::ptr_eq(set, &held.set) => self.for_unknown(None, now),
            // Past its time, one asker fetches; the others take what is there rather than wait.
            _ if self.is_overdue(held.fresh_until, now) => self.begin(None, now),
            _ => Answer::Use(held.set),
        }
    }

    /// Hands in what came of a fetch. A report for a fetch that was given up meanwhile is ignored.
    pub fn report(&mut self, ticket: &Ticket, result: Result<Fetched, FetchFailed>, now: Moment) {
        let Some(ongoing) = self.ongoing.take_if(|ongoing| ongoing.ticket == ticket.0) else {
            return;
        };
        let Ok(fetched) = result else {
            self.failures = self.failures.saturating_add(1);
            self.retry_at = now.after(self.settings.back_off(self.failures));
            return;
        };
        self.failures = 0;
        self.retry_at = now;
        if let Some(kid) = ongoing.sought.filter(|kid| !fetched.set.contains(kid)) {
            self.absent.insert(kid, now.after(self.settings.absent_for));
        }
        self.held = Some(self.settings.held(fetched, now));
    }

    /// Whether a fetch is due with nobody asking: the first, the refresh ahead, the next attempt after a failure.
    pub fn due(&mut self, now: Moment) -> Option<Ticket> {
        let is_due = self.held.as_ref().is_none_or(|held| now >= held.refresh_at);
        match (is_due && self.may_fetch(now)).then(|| self.begin(None, now)) {
            Some(Answer::Fetch(ticket)) => Some(ticket),
            _ => None,
        }
    }

    /// When [`JwksCache::due`] should be asked next.
    #[must_use]
    pub fn next_due(&self) -> Moment {
        if let Some(ongoing) = &self.ongoing {
            return ongoing.since.after(self.settings.give_up_after);
        }
        self.held.as_ref().map_or(self.retry_at, |held| held.refresh_at.max(self.retry_at))
    }

    fn without_set(&mut self, wanted: Wanted<'_>, now: Moment) -> Answer {
        // The first fetch is begun by whoever needs it; later attempts are the refresher's, so that nobody waits.
        let is_left_to_others =
            if self.failures == 0 { self.is_fetching(now) } else { !self.is_overdue(self.retry_at, now) };
        if is_left_to_others {
            return self.meanwhile(now);
        }
        match wanted {
            Wanted::Kid(kid) => self.begin(Some(kid.clone()), now),
            Wanted::Any | Wanted::NewerThan(_) => self.begin(None, now),
        }
    }

    /// For a key that the set lacks, by its kid if the token names one.
    fn for_unknown(&mut self, kid: Option<&Kid>, now: Moment) -> Answer {
        if kid.is_some_and(|kid| self.absent.contains(kid, now)) {
            return Answer::Absent;
        }
        if self.is_fetching(now) {
            return self.meanwhile(now);
        }
        if now >= self.unknown_at && now >= self.retry_at {
            self.unknown_at = now.after(self.settings.cool_down);
            return self.begin(kid.cloned(), now);
        }
        // After a failed fetch the key may well exist: that is no reason to call a token bad.
        if self.failures > 0 { self.meanwhile(now) } else { Answer::Absent }
    }

    /// While no fetch may begin: wait for the one that runs, unless the issuer is failing.
    fn meanwhile(&self, now: Moment) -> Answer {
        if self.failures == 0 && self.is_fetching(now) {
            return Answer::Wait;
        }
        let retry_after = now.until(self.retry_at).max(SHORTEST_RETRY);
        Answer::Unavailable { retry_after }
    }

    fn may_fetch(&self, now: Moment) -> bool {
        now >= self.retry_at && !self.is_fetching(now)
    }

    /// Whether an asker has to do what the refresher should have done by now.
    fn is_overdue(&self, since: Moment, now: Moment) -> bool {
        self.may_fetch(now) && now >= since.max(self.retry_at).after(self.settings.refresher_grace)
    }

    /// A fetch that has not reported for too long counts no more: its thread may be gone, as after `fork`.
    fn is_fetching(&self, now: Moment) -> bool {
        self.ongoing.as_ref().is_some_and(|ongoing| now < ongoing.since.after(self.settings.give_up_after))
    }

    fn begin(&mut self, sought: Option<Kid>, now: Moment) -> Answer {
        self.tickets += 1;
        self.ongoing = Some(Ongoing { ticket: self.tickets, since: now, sought });
        Answer::Fetch(Ticket(self.tickets))
    }
}

/// What is said when an attempt is running: its end is near.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
