//! How fast managers may leave something behind. There can be many of them, and they are not the installation's own
//! people: none of them is to fill the store with keys, or the audit log with what was refused.

use std::time::Duration;

use mintgate_types::Timestamp;

use super::Person;
use crate::pace::Pace;

/// By person.
pub(crate) struct ManagerPaces {
    changes: Pace<String>,
    refusals: Pace<String>,
}

impl Default for ManagerPaces {
    fn default() -> Self {
        Self {
            // Somebody rolls the keys of a few consumers at once, and then no thousands a day.
            changes: Pace::new(30, Duration::from_mins(1)),
            refusals: Pace::new(30, Duration::from_mins(1)),
        }
    }
}

impl ManagerPaces {
    /// Whether one more change is let through; if not, after what time one is.
    pub(super) fn admit_change(&self, person: &Person, now: Timestamp) -> Result<(), Duration> {
        self.changes.admit_and_spend(person.issued().to_owned(), now)
    }

    /// Whether one more refusal is written down.
    pub(super) fn admit_refusal(&self, person: &Person, now: Timestamp) -> bool {
        self.refusals.admit_and_spend(person.issued().to_owned(), now).is_ok()
    }
}
