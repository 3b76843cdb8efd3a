//! Coarse time for one worker. Reading the clock and arming a timer for each request would cost more than the limits
//! that they serve are worth: those are seconds, and almost never reached.

use std::{cell::Cell, cell::RefCell, rc::Rc, task::Waker, time::Duration};

/// Counts ticks of [`TICK`], and wakes those whose time has come.
pub(crate) struct Ticks {
    now: Cell<u64>,
    /// Waiting tasks; free places are reused. A borrow never outlasts a call.
    waiting: RefCell<Waiting>,
}

#[derive(Default)]
struct Waiting {
    places: Vec<Option<Sleeper>>,
    free: Vec<usize>,
}

struct Sleeper {
    due: u64,
    waker: Waker,
}

/// How long a tick lasts. Limits are kept to within one.
pub(crate) const TICK: Duration = Duration::from_millis(TICK_MILLIS);
const TICK_MILLIS: u64 = 100;

impl Ticks {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self { now: Cell::new(0), waiting: RefCell::default() })
    }

    /// Counts for as long as it is polled.
    pub(crate) async fn count(&self) {
        let mut interval = tokio::time::interval(TICK);
        // After a stall the limits of those who wait should not all have passed at once.
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            self.advance();
        }
    }

    /// The current tick.
    pub(crate) fn now(&self) -> u64 {
        self.now.get()
    }

    /// How long ago `tick` was, to within one tick.
    pub(crate) fn since(&self, tick: u64) -> Duration {
        TICK * u32::try_from(self.now.get().saturating_sub(tick)).unwrap_or(u32::MAX)
    }

    /// One tick more.
    pub(crate) fn advance(&self) {
        let now = self.now.get() + 1;
        self.now.set(now);
        let waiting = self.waiting.borrow();
        for sleeper in waiting.places.iter().flatten().filter(|sleeper| sleeper.due <= now) {
            sleeper.waker.wake_by_ref();
        }
    }
}

/// A limit on waiting, of which the worker's ticks remind. Frees its place when dropped.
pub(crate) struct Reminder {
    ticks: Rc<Ticks>,
    /// How many ticks the limit comes to.
    count: u64,
    due: u64,
    place: Option<usize>,
}

impl Reminder {
    /// A limit that counts from now.
    pub(crate) fn new(ticks: &Rc<Ticks>, limit: Duration) -> Self {
        let millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let count = millis.div_ceil(TICK_MILLIS);
        let mut reminder = Self { ticks: Rc::clone(ticks), count, due: 0, place: None };
        reminder.renew();
        reminder
    }

    /// Counts from now.
    pub(crate) fn renew(&mut self) {
        // The tick that is under way does not count.
        self.due = self.ticks.now().saturating_add(self.count).saturating_add(1);
    }

    /// Whether the limit has passed. If not, `waker` is woken when it has.
    pub(crate) fn has_passed(&mut self, waker: &Waker) -> bool {
        if self.ticks.now() >= self.due {
            return true;
        }
        let mut waiting = self.ticks.waiting.borrow_mut();
        if let Some(place) = self.place {
            let sleeper = waiting.places[place].as_mut().expect("a place is freed by its holder alone");
            sleeper.waker.clone_from(waker);
            sleeper.due = self.due;
        } else {
            let place = waiting.free.pop().unwrap_or_else(|| {
                waiting.places.push(None);
                waiting.places.len() - 1
            });
            waiting.places[place] = Some(Sleeper { due: self.due, waker: waker.clone() });
            self.place = Some(place);
        }
        false
    }
}

impl Drop for Reminder {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let mut waiting = self.ticks.waiting.borrow_mut();
            waiting.places[place] = None;
            waiting.free.push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl std::task::Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn whoever_waits_is_woken_when_the_limit_has_passed_and_not_before() {
        let (ticks, woken) = (Ticks::new(), Arc::new(Woken::default()));
        let waker = Waker::from(Arc::clone(&woken));
        let mut reminder = Reminder::new(&ticks, TICK * 2);
        assert!(!reminder.has_passed(&waker));
        ticks.advance();
        ticks.advance();
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);
        assert!(!reminder.has_passed(&waker));
        ticks.advance();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert!(reminder.has_passed(&waker));
    }

    #[test]
    fn a_place_is_used_again_once_it_is_free() {
        let ticks = Ticks::new();
        for _ in 0..100 {
            let mut reminder = Reminder::new(&ticks, TICK);
            assert!(!reminder.has_passed(Waker::noop()));
        }
        assert_eq!(ticks.waiting.borrow().places.len(), 1);
    }
}
