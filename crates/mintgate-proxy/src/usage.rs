//! Counts requests, on each worker for itself.
//!
//! A worker's [`Counters`] are plain cells that no other thread can reach: an `Rc` keeps them on the thread that made
//! them, which the compiler checks. Counting a request is a look-up in a table of keys and two additions. From time to
//! time the whole table goes to a collector, and an empty one takes its place; that is a move of a pointer, never a
//! wait. What a table may hold is bounded: one that is full goes early.

mod counted;
mod meter;

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, hash_map::Entry},
    rc::Rc,
    time::Duration,
};

use mintgate_types::{KeyId, RefusalReason, StatusClass, Timestamp, UsageHour};
use tokio::sync::{mpsc, watch};

pub use self::counted::Counted;
use self::counted::Tally;
pub(crate) use self::meter::Meter;

/// What one worker has counted since it last handed it over.
pub(crate) struct Counters {
    /// A borrow never outlasts a call.
    table: RefCell<Table>,
    collector: mpsc::Sender<Counted>,
    /// Requests that found no room, and that nobody took: a collector that stands still.
    uncounted: Cell<u64>,
}

type Keys = HashMap<KeyId, Tally, foldhash::fast::RandomState>;

struct Table {
    hour: UsageHour,
    keys: Keys,
    refusals: [u64; RefusalReason::COUNT],
}

/// How a request ended that had a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was let through, and the caller got a reply of this class.
    Answered(StatusClass),
    /// The gate refused it.
    Refused,
}

impl Counters {
    pub(crate) fn new(collector: mpsc::Sender<Counted>, now: Timestamp) -> Rc<Self> {
        let table = RefCell::new(Table::new(UsageHour::of(now), 0));
        Rc::new(Self { table, collector, uncounted: Cell::new(0) })
    }

    /// Counts the outcome of a request that came at `seen`.
    pub(crate) fn count(&self, key: KeyId, seen: Timestamp, outcome: Outcome) {
        let table = &mut *self.table.borrow_mut();
        self.turn_to(table, seen);
        let room = table.keys.len() < MOST_KEYS || table.keys.contains_key(&key) || self.send(table);
        if !room {
            self.uncounted.set(self.uncounted.get().saturating_add(1));
            return;
        }
        match table.keys.entry(key) {
            Entry::Occupied(mut entry) => entry.get_mut().add(seen, outcome),
            Entry::Vacant(entry) => entry.insert(Tally::new()).add(seen, outcome),
        }
    }

    /// Counts a refusal; also for the key, where one was found.
    pub(crate) fn refuse(&self, reason: RefusalReason, key: Option<KeyId>, now: Timestamp) {
        {
            let table = &mut *self.table.borrow_mut();
            self.turn_to(table, now);
            table.refusals[reason.index()] += 1;
        }
        if let Some(key) = key {
            self.count(key, now, Outcome::Refused);
        }
    }

    /// Gives the collector what there is. What it does not take stays, and is given again.
    pub(crate) fn hand_over(&self) {
        let table = &mut *self.table.borrow_mut();
        if !table.is_empty() || self.uncounted.get() > 0 {
            self.send(table);
        }
    }

    /// A table is of one hour. A request that began before the hour and ended in it counts for it, so that tables do
    /// not alternate.
    fn turn_to(&self, table: &mut Table, moment: Timestamp) {
        let hour = UsageHour::of(moment);
        if hour <= table.hour && !is_far_behind(hour, table.hour) {
            return;
        }
        if table.is_empty() || self.send(table) {
            table.hour = hour;
        }
    }

    /// False if the collector has no room: then the table stays as it is.
    fn send(&self, table: &mut Table) -> bool {
        let Ok(place) = self.collector.try_reserve() else { return false };
        let next = Table::new(table.hour, table.keys.len());
        let Table { hour, keys, refusals } = std::mem::replace(table, next);
        place.send(Counted { hour, keys, refusals, uncounted: self.uncounted.take() });
        true
    }
}

impl Table {
    fn new(hour: UsageHour, keys: usize) -> Self {
        let keys = Keys::with_capacity_and_hasher(keys, foldhash::fast::RandomState::default());
        Self { hour, keys, refusals: [0; RefusalReason::COUNT] }
    }

    fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.refusals.iter().all(|count| *count == 0)
    }
}

/// The clock was set back: by more than a request can straddle.
fn is_far_behind(hour: UsageHour, table: UsageHour) -> bool {
    use mintgate_types::UsageStep::Hour;
    table.period(Hour) - hour.period(Hour) > 1
}

/// Hands over every `interval`; at the end, when requests come to theirs one by one, more often. For as long as it is
/// polled.
pub(crate) async fn hand_over(
    counters: Rc<Counters>,
    interval: Duration,
    mut stopping: watch::Receiver<bool>,
) {
    let mut is_ending = false;
    loop {
        let pause = if is_ending { interval.min(AT_THE_END) } else { interval };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopping.wait_for(|stopping| *stopping), if !is_ending => is_ending = true,
        }
        counters.hand_over();
    }
}

/// How many keys a worker counts before it hands over early: 1.8 MB.
const MOST_KEYS: usize = 28_672;
const AT_THE_END: Duration = Duration::from_millis(50);

/// No worker shares its counters: they cannot leave their thread, and no other thread can reach them. Should one of the
/// two become possible, the name below is ambiguous, and this does not compile.
const _: fn() = || {
    struct Possible;
    trait AmbiguousIfSend<T> {
        fn stays() {}
    }
    impl<T> AmbiguousIfSend<()> for T {}
    impl<T: Send> AmbiguousIfSend<Possible> for T {}
    trait AmbiguousIfSync<T> {
        fn is_alone() {}
    }
    impl<T> AmbiguousIfSync<()> for T {}
    impl<T: Sync> AmbiguousIfSync<Possible> for T {}
    let _ = <Rc<Counters> as AmbiguousIfSend<_>>::stays;
    let _ = <Counters as AmbiguousIfSync<_>>::is_alone;
};

#[cfg(test)]
mod tests;
