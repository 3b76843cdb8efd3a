//! Counts that wait to be written, summed up by key and hour.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::Bound,
};

use mintgate_proxy::Counted;
use mintgate_store::{KeyUse, RefusalCount, UsageBatch};
use mintgate_types::{KeyId, RefusalReason, RequestCounts, Timestamp, UsageHour};

/// A bounded number of keys and hours.
pub(super) struct Pending {
    keys: BTreeMap<Place, Waiting>,
    refusals: BTreeMap<(UsageHour, RefusalReason), u64>,
    most_keys: usize,
    /// Where the last batch ended: the next one goes on from there, so that every key has its turn.
    after: Option<Place>,
}

/// In the order of the store's rows.
type Place = (UsageHour, KeyId);

/// As small as it can be: there may be many.
#[derive(Clone, Copy)]
struct Waiting {
    by_class: [u32; 4],
    refused: u32,
    /// In milliseconds; before the last one if there was none.
    first_used: i64,
    last_used: i64,
}

impl Pending {
    pub(super) fn new(most_keys: usize) -> Self {
        Self { keys: BTreeMap::new(), refusals: BTreeMap::new(), most_keys, after: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.refusals.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Adds what a worker counted, and returns how many requests found no room.
    pub(super) fn take(&mut self, counted: &Counted) -> u64 {
        for (reason, count) in counted.refusals() {
            self.refuse(counted.hour(), reason, count);
        }
        let mut lost = 0;
        for (key, counts, used) in counted.keys() {
            let one = KeyUse { key, hour: counted.hour(), counts, used };
            if !self.add(&one, self.most_keys) {
                lost += counts.served() + counts.refused;
            }
        }
        lost
    }

    /// Up to `most` keys, and all refusals.
    pub(super) fn next_batch(&mut self, most: usize) -> UsageBatch {
        let from = self.after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut places: Vec<Place> =
            self.keys.range((from, Bound::Unbounded)).take(most).map(|(place, _)| *place).collect();
        // Round to the beginning.
        let rest = most - places.len();
        places.extend(
            self.keys.keys().take_while(|place| self.after.is_some_and(|after| **place <= after)).take(rest),
        );
        self.after = places.last().copied();
        let mut keys = Vec::with_capacity(places.len());
        for place in places {
            if let Some(waiting) = self.keys.remove(&place) {
                keys.push(waiting.into_use(place));
            }
        }
        let refusals = std::mem::take(&mut self.refusals).into_iter();
        let refusals = refusals.map(|((hour, reason), count)| RefusalCount { hour, reason, count }).collect();
        UsageBatch { keys, refusals }
    }

    /// Takes a batch again that was not written. There is room for it: it was here before.
    pub(super) fn put_back(&mut self, batch: &UsageBatch) {
        for one in &batch.keys {
            self.add(one, usize::MAX);
        }
        for RefusalCount { hour, reason, count } in &batch.refusals {
            self.refuse(*hour, *reason, *count);
        }
    }

    fn refuse(&mut self, hour: UsageHour, reason: RefusalReason, count: u64) {
        *self.refusals.entry((hour, reason)).or_default() += count;
    }

    fn add(&mut self, one: &KeyUse, most_keys: usize) -> bool {
        let room = self.keys.len() < most_keys;
        match self.keys.entry((one.hour, one.key)) {
            Entry::Occupied(mut entry) => entry.get_mut().add(one),
            Entry::Vacant(entry) if room => entry.insert(Waiting::new()).add(one),
            Entry::Vacant(_) => return false,
        }
        true
    }
}

impl Waiting {
    fn new() -> Self {
        Self { by_class: [0; 4], refused: 0, first_used: i64::MAX, last_used: i64::MIN }
    }

    fn add(&mut self, one: &KeyUse) {
        let sum = |count: &mut u32, more: u64| {
            *count = count.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        };
        for (count, more) in self.by_class.iter_mut().zip(one.counts.by_class) {
            sum(count, more);
        }
        sum(&mut self.refused, one.counts.refused);
        if let Some((first, last)) = one.used {
            self.first_used = self.first_used.min(first.as_millisecond());
            self.last_used = self.last_used.max(last.as_millisecond());
        }
    }

    fn into_use(self, (hour, key): Place) -> KeyUse {
        let counts = RequestCounts { by_class: self.by_class.map(u64::from), refused: self.refused.into() };
        let (first, last) =
            (Timestamp::from_millisecond(self.first_used), Timestamp::from_millisecond(self.last_used));
        KeyUse { key, hour, counts, used: first.ok().zip(last.ok()) }
    }
}
