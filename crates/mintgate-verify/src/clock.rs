//! The two clocks of a verifier: one that says what time it is, and one that never jumps.

use std::time::Instant;

use mintgate_jwt::cache::Moment;
use mintgate_types::{Clock, SystemClock, Timestamp};

/// What a verifier knows of time. Tokens are judged by the wall clock; keys age by the one that never jumps, so that
/// setting a clock back does not keep a withdrawn key alive.
pub trait Clocks: Send + Sync + 'static {
    /// The current time, UTC.
    fn now(&self) -> Timestamp;
    /// The time since some start.
    fn moment(&self) -> Moment;
}

/// The system's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClocks {
    start: Instant,
}

impl SystemClocks {
    /// Clocks whose moments count from now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clocks for SystemClocks {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn moment(&self) -> Moment {
        Moment(self.start.elapsed())
    }
}
