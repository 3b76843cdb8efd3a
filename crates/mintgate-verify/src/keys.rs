//! The keys of one issuer, kept up to date.
//!
//! Requests read a snapshot without a lock. Who finds it wanting asks the state machine of [`mintgate_jwt::cache`]
//! under a mutex that is never held during I/O. A thread refreshes ahead of time and retries after failures, so that
//! requests wait for the network only at the very first, and for a kid that is new.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::Waker,
    thread,
    time::Duration,
};

use arc_swap::ArcSwapOption;
use mintgate_jwt::{
    Jwks,
    cache::{Answer, CacheSettings, FetchFailed, Fetched, Held, JwksCache, Ticket, Wanted},
};

use crate::{VerifyError, clock::Clocks, fetch::Fetcher};

/// Keys and the thread that refreshes them; the thread ends with this value.
pub(crate) struct Keys(Arc<Shared>);

struct Shared {
    /// What the state machine held when it last changed.
    snapshot: ArcSwapOption<Held>,
    state: Mutex<State>,
    /// Something was reported, or the thread is to end.
    changed: Condvar,
    fetcher: Fetcher,
    clocks: Arc<dyn Clocks>,
    /// How long one waits for another's fetch: as long as a fetch may take.
    patience: Duration,
}

struct State {
    cache: JwksCache,
    last_failure: Option<Arc<str>>,
    is_stopped: bool,
    /// Futures that wait for the fetch that runs; all are woken when it ends.
    waiting: HashMap<u64, Waker>,
    places: u64,
}

/// Where a future waits.
pub(crate) struct Place(u64);

/// Why there is no set to verify with.
pub(crate) enum NoKeys {
    /// The issuer has no key of that name.
    Absent,
    /// Not to be had now.
    Unavailable(VerifyError),
    /// Being fetched, and whoever asked will not wait for it here.
    Pending,
}

impl Keys {
    pub(crate) fn new(
        fetcher: Fetcher,
        settings: CacheSettings,
        patience: Duration,
        clocks: Arc<dyn Clocks>,
    ) -> Self {
        let state = State {
            cache: JwksCache::new(settings),
            last_failure: None,
            is_stopped: false,
            waiting: HashMap::new(),
            places: 0,
        };
        Self(Arc::new(Shared {
            snapshot: ArcSwapOption::empty(),
            state: Mutex::new(state),
            changed: Condvar::new(),
            fetcher,
            clocks,
            patience,
        }))
    }

    /// Starts the thread that fetches ahead. Without it, keys are fetched by the requests that need them.
    pub(crate) fn refresh_in_background(&self) {
        let shared = Arc::clone(&self.0);
        let started = thread::Builder::new().name("mintgate-jwks".into()).spawn(move || shared.refresh());
        if let Err(error) = started {
            tracing::warn!(error = %error, "no thread to refresh keys: requests will fetch them");
        }
    }

    /// The set, if it is fresh and holds what is wanted. Takes no lock.
    pub(crate) fn at_hand(&self, wanted: Wanted<'_>) -> Option<Arc<Jwks>> {
        let held = self.0.snapshot.load();
        let held = held.as_ref()?;
        let is_there = match wanted {
            Wanted::Any => true,
            Wanted::Kid(kid) => held.set.contains(kid),
            Wanted::NewerThan(set) => !Arc::ptr_eq(set, &held.set),
        };
        (is_there && self.0.clocks.moment() < held.fresh_until).then(|| Arc::clone(&held.set))
    }

    /// The set to verify with; fetches or waits if need be.
    pub(crate) fn find(&self, wanted: Wanted<'_>) -> Result<Arc<Jwks>, NoKeys> {
        if let Some(set) = self.at_hand(wanted) {
            return Ok(set);
        }
        let mut state = self.0.state();
        loop {
            match state.cache.ask(wanted, self.0.clocks.moment()) {
                Answer::Use(set) => return Ok(set),
                Answer::Absent => return Err(NoKeys::Absent),
                Answer::Unavailable { retry_after } => return Err(state.unavailable(retry_after)),
                Answer::Fetch(ticket) => {
                    drop(state);
                    self.0.fetch(&ticket);
                    state = self.0.state();
                }
                Answer::Wait => {
                    let woken = self.0.changed.wait_timeout(state, self.0.patience);
                    let (regained, outcome) = woken.unwrap_or_else(PoisonError::into_inner);
                    state = regained;
                    if outcome.timed_out() {
                        return Err(state.unavailable(Duration::from_secs(1)));
                    }
                }
            }
        }
    }
}

impl Keys {
    /// The set to verify with, if that is known at once. Otherwise `waker` is called when it is, and `took` is given
    /// the place to [`Keys::leave`]; the fetch runs elsewhere.
    pub(crate) fn find_or_wake(
        &self,
        wanted: Wanted<'_>,
        waker: &Waker,
        took: impl FnOnce(Place),
    ) -> Result<Arc<Jwks>, NoKeys> {
        if let Some(set) = self.at_hand(wanted) {
            return Ok(set);
        }
        let mut state = self.0.state();
        let ticket = match state.cache.ask(wanted, self.0.clocks.moment()) {
            Answer::Use(set) => return Ok(set),
            Answer::Absent => return Err(NoKeys::Absent),
            Answer::Unavailable { retry_after } => return Err(state.unavailable(retry_after)),
            Answer::Fetch(ticket) => Some(ticket),
            Answer::Wait => None,
        };
        state.places += 1;
        let place = state.places;
        state.waiting.insert(place, waker.clone());
        took(Place(place));
        drop(state);
        if let Some(ticket) = ticket {
            self.0.fetch_elsewhere(&ticket);
        }
        Err(NoKeys::Pending)
    }

    /// Gives up a place.
    pub(crate) fn leave(&self, place: &Place) {
        self.0.state().waiting.remove(&place.0);
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.0.state().is_stopped = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    /// Whatever panicked while it was held, the state machine itself is never left half-changed by it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches, reports, and wakes those who wait.
    fn fetch(&self, ticket: &Ticket) {
        let mut report = Report {
            shared: self,
            ticket,
            result: Err(FetchFailed),
            failure: Some("the fetch was broken off".into()),
        };
        match self.fetcher.fetch() {
            Ok(fetched) => {
                for skipped in fetched.set.skipped() {
                    tracing::debug!(position = skipped.position, reason = %skipped.reason, "a key was skipped");
                }
                report.failure = None;
                report.result = Ok(fetched);
            }
            Err(error) => {
                tracing::warn!(error = %error, "keys could not be fetched");
                report.failure = Some(error.to_string().into());
            }
        }
    }

    /// Fetches on a thread of its own. The cache gives out one ticket at a time, so there is one such thread at most.
    fn fetch_elsewhere(self: &Arc<Self>, ticket: &Ticket) {
        let (shared, order) = (Arc::clone(self), ticket.clone());
        let started =
            thread::Builder::new().name("mintgate-fetch".into()).spawn(move || shared.fetch(&order));
        if let Err(error) = started {
            let failure = Some(format!("no thread to fetch keys: {error}").into());
            drop(Report { shared: self, ticket, result: Err(FetchFailed), failure });
        }
    }

    /// The thread: fetches what is due, sleeps until something is.
    fn refresh(&self) {
        let mut state = self.state();
        while !state.is_stopped {
            let now = self.clocks.moment();
            if let Some(ticket) = state.cache.due(now) {
                drop(state);
                self.fetch(&ticket);
                state = self.state();
                continue;
            }
            let pause = state.cache.next_due().0.saturating_sub(now.0).max(SHORTEST_PAUSE);
            state = self.changed.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// What came of a fetch. It is handed in when this is dropped, so also when fetching panicked: nobody waits in vain.
struct Report<'fetch> {
    shared: &'fetch Shared,
    ticket: &'fetch Ticket,
    result: Result<Fetched, FetchFailed>,
    failure: Option<Arc<str>>,
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        let result = std::mem::replace(&mut self.result, Err(FetchFailed));
        let mut state = self.shared.state();
        state.last_failure = self.failure.take();
        state.cache.report(self.ticket, result, self.shared.clocks.moment());
        self.shared.snapshot.store(state.cache.held().cloned().map(Arc::new));
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        self.shared.changed.notify_all();
        waiting.into_values().for_each(Waker::wake);
    }
}

impl State {
    fn unavailable(&self, retry_after: Duration) -> NoKeys {
        NoKeys::Unavailable(VerifyError::Unavailable { retry_after, cause: self.last_failure.clone() })
    }
}

/// Against spinning when two clocks disagree by a hair.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
