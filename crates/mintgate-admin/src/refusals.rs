//! How much of what was refused goes into the audit log. An entry is for ever, so nobody may write as many as they have
//! requests: an actor has some at once, and then one every few seconds. What is passed over is counted, and the count
//! stands in the actor's next entry; of the last ones, one is kept back and written when the service ends.
//!
//! Counts are in memory: a process that is killed loses them, and never the entries that were let through.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use mintgate_store::{Actor, Author, RefusedAttempt};
use mintgate_types::Timestamp;

use crate::{AdminService, pace::Pace};

/// By actor.
pub(crate) struct Refusals {
    pace: Pace<String>,
    /// The latest attempt of each that was passed over; its count has those before it. A plain lock: refusals are rare,
    /// and a look takes nanoseconds.
    passed_over: Mutex<HashMap<String, (RefusedAttempt, Author)>>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { pace: Pace::new(AT_ONCE, ONE_EVERY), passed_over: Mutex::default() }
    }
}

impl Refusals {
    /// The attempt as it goes into the log, if it does.
    fn admit(&self, mut attempt: RefusedAttempt, by: &Author, now: Timestamp) -> Option<RefusedAttempt> {
        let mut passed_over = self.lock();
        let actor = known_by(&by.actor);
        let before = passed_over.remove(&actor).map_or(0, |(earlier, _)| earlier.passed_over + 1);
        attempt.passed_over = before;
        if self.pace.admit_and_spend(actor.clone(), now).is_ok() {
            return Some(attempt);
        }
        if passed_over.len() < MOST_ACTORS {
            passed_over.insert(actor, (attempt, by.clone()));
        }
        None
    }

    fn rest(&self) -> Vec<(RefusedAttempt, Author)> {
        self.lock().drain().map(|(_, last)| last).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (RefusedAttempt, Author)>> {
        // Whatever panicked, each entry is whole.
        self.passed_over.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AdminService {
    /// Writes an attempt down, unless its actor has had enough of that lately.
    pub(crate) async fn note_refused(&self, attempt: RefusedAttempt, by: &Author) {
        if let Some(attempt) = self.refusals().admit(attempt, by, self.now()) {
            self.write_refused(attempt, by).await;
        }
    }

    /// Writes down what was kept back.
    pub(crate) async fn note_last_refusals(&self) {
        for (attempt, by) in self.refusals().rest() {
            self.write_refused(attempt, &by).await;
        }
    }

    async fn write_refused(&self, attempt: RefusedAttempt, by: &Author) {
        if let Err(error) = self.store().note_refused(attempt, by).await {
            // The attempt was refused all the same.
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a refused attempt was not written down"
            );
        }
    }
}

/// Names may be taken anew, ids never; who has no id has a name of the configuration.
fn known_by(actor: &Actor) -> String {
    let id = actor.id.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{}\u{0}{id}", actor.name)
}

/// More than a person is refused in a minute of mistakes.
const AT_ONCE: u8 = 100;
const ONE_EVERY: Duration = Duration::from_secs(10);
/// Beyond so many at once, nobody's count is kept; their first entries are.
const MOST_ACTORS: usize = 1_000;
