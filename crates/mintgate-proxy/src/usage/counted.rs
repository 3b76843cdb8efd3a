//! What a worker hands over.

use mintgate_types::{KeyId, RefusalReason, RequestCounts, Timestamp, UsageHour};

use super::{Keys, Outcome};

/// What one worker counted in one hour since it last handed over.
pub struct Counted {
    pub(super) hour: UsageHour,
    pub(super) keys: Keys,
    pub(super) refusals: [u64; RefusalReason::COUNT],
    pub(super) uncounted: u64,
}

/// The requests of one key, as small as they can be: there may be many keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tally {
    by_class: [u32; 4],
    refused: u32,
    /// In milliseconds; before the last one if there was none.
    first_used: i64,
    last_used: i64,
}

impl Counted {
    /// What somebody counted: by key, with its first and its last use, and by reason.
    pub fn new(
        hour: UsageHour,
        keys: impl IntoIterator<Item = (KeyId, RequestCounts, Option<(Timestamp, Timestamp)>)>,
        refusals: impl IntoIterator<Item = (RefusalReason, u64)>,
    ) -> Self {
        let keys = keys.into_iter().map(|(key, counts, used)| (key, Tally::of(&counts, used))).collect();
        let mut counted = Self { hour, keys, refusals: [0; RefusalReason::COUNT], uncounted: 0 };
        for (reason, count) in refusals {
            counted.refusals[reason.index()] += count;
        }
        counted
    }

    /// In which hour.
    #[must_use]
    pub fn hour(&self) -> UsageHour {
        self.hour
    }

    /// How many keys were seen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What was counted by key; and when the first and the last request came that was let through, if any was.
    pub fn keys(&self) -> impl Iterator<Item = (KeyId, RequestCounts, Option<(Timestamp, Timestamp)>)> {
        self.keys.iter().map(|(key, tally)| (*key, tally.counts(), tally.used()))
    }

    /// What was refused, by reason.
    pub fn refusals(&self) -> impl Iterator<Item = (RefusalReason, u64)> {
        RefusalReason::ALL.iter().copied().zip(self.refusals).filter(|(_, count)| *count > 0)
    }

    /// Requests that are missing here, because nobody had taken what was counted before them.
    #[must_use]
    pub fn uncounted(&self) -> u64 {
        self.uncounted
    }
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { by_class: [0; 4], refused: 0, first_used: i64::MAX, last_used: i64::MIN }
    }

    fn of(counts: &RequestCounts, used: Option<(Timestamp, Timestamp)>) -> Self {
        let small = |count| u32::try_from(count).unwrap_or(u32::MAX);
        let mut tally = Self::new();
        (tally.by_class, tally.refused) = (counts.by_class.map(small), small(counts.refused));
        if let Some((first, last)) = used {
            (tally.first_used, tally.last_used) = (first.as_millisecond(), last.as_millisecond());
        }
        tally
    }

    pub(super) fn add(&mut self, seen: Timestamp, outcome: Outcome) {
        let Outcome::Answered(class) = outcome else {
            self.refused = self.refused.saturating_add(1);
            return;
        };
        let count = &mut self.by_class[class as usize];
        *count = count.saturating_add(1);
        let seen = seen.as_millisecond();
        self.first_used = self.first_used.min(seen);
        self.last_used = self.last_used.max(seen);
    }

    fn counts(&self) -> RequestCounts {
        RequestCounts { by_class: self.by_class.map(u64::from), refused: self.refused.into() }
    }

    fn used(&self) -> Option<(Timestamp, Timestamp)> {
        let first = Timestamp::from_millisecond(self.first_used).ok()?;
        Timestamp::from_millisecond(self.last_used).ok().map(|last| (first, last))
    }
}
