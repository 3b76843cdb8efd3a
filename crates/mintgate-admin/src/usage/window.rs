//! Which time is asked about, in whole periods.

use mintgate_store::UsageSpan;
use mintgate_types::{SignedDuration, Timestamp, UsageStep};

use super::BY_THE_HOUR;
use crate::reply::{Refusal, Reply};

/// As the request has it.
pub(crate) struct Asked {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    pub(super) step: Option<UsageStep>,
}

/// From the beginning of one period to the end of another; never longer than what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window(UsageSpan);

impl Window {
    pub(crate) fn new(asked: &Asked, now: Timestamp) -> Reply<Self> {
        let to = asked.to.unwrap_or(now);
        let usual = SignedDuration::from_hours(if asked.step == Some(UsageStep::Day) { 30 * 24 } else { 24 });
        let from = match asked.from {
            Some(from) => from,
            None => to.checked_sub(usual).map_err(|_| Refusal::field("to", "is too early"))?,
        };
        if from >= to {
            return Err(Refusal::field("from", "must be before `to`"));
        }
        let short = to.duration_since(from) <= BY_THE_HOUR;
        let step = asked.step.unwrap_or(if short { UsageStep::Hour } else { UsageStep::Day });
        let instant = SignedDuration::from_nanos(1);
        let last = step.period_of(to.checked_sub(instant).unwrap_or(to));
        let span = UsageSpan { step, from: step.period_of(from), until: last + 1 };
        let (most, name) = match step {
            UsageStep::Hour => (MOST_HOURS, "35 days by the hour"),
            UsageStep::Day => (MOST_DAYS, "400 days"),
        };
        if span.until - span.from > most {
            return Err(Refusal::field("from", format!("must be at most {name} before `to`")));
        }
        Ok(Self(span))
    }

    pub(crate) fn span(self) -> UsageSpan {
        self.0
    }

    pub(crate) fn step(self) -> UsageStep {
        self.0.step
    }

    pub(crate) fn from(self) -> Timestamp {
        self.0.step.start_of(self.0.from)
    }

    pub(crate) fn to(self) -> Timestamp {
        self.0.step.start_of(self.0.until)
    }

    /// Every period, with what `points` say of it, which are in order.
    pub(crate) fn fill<P, T>(
        self,
        points: impl IntoIterator<Item = P>,
        period: impl Fn(&P) -> u32,
        mut at: impl FnMut(Timestamp, Vec<P>) -> T,
    ) -> Vec<T> {
        let mut points = points.into_iter().peekable();
        let mut all = Vec::new();
        for number in self.0.from..self.0.until {
            let mut here = Vec::new();
            while let Some(point) = points.next_if(|point| period(point) <= number) {
                here.push(point);
            }
            all.push(at(self.0.step.start_of(number), here));
        }
        all
    }
}

/// 35 days, and the hours at both ends that are only partly meant.
const MOST_HOURS: u32 = 35 * 24 + 1;
const MOST_DAYS: u32 = 400 + 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn window(from: &str, to: &str, step: Option<UsageStep>) -> Result<Window, Refusal> {
        let asked = Asked { from: Some(time(from)), to: Some(time(to)), step };
        Window::new(&asked, time("2026-06-01T10:30:00Z"))
    }

    #[test]
    fn without_words_it_is_the_last_day_by_the_hour() {
        let asked = Asked { from: None, to: None, step: None };
        let window = Window::new(&asked, time("2026-06-01T10:30:00Z")).expect("a window");
        let seen = (window.step(), window.from(), window.to());
        let (from, to) = (time("2026-05-31T10:00:00Z"), time("2026-06-01T11:00:00Z"));
        assert_eq!(seen, (UsageStep::Hour, from, to));
    }

    #[test]
    fn a_window_has_whole_periods_and_none_that_is_not_meant() {
        let window = window("2026-06-01T10:00:00Z", "2026-06-01T12:00:00Z", None).expect("a window");
        assert_eq!(
            window.fill([], |(): &()| 0, |at, _| at.to_string()),
            ["2026-06-01T10:00:00Z", "2026-06-01T11:00:00Z"]
        );
    }

    #[test]
    fn long_times_are_by_the_day_and_too_long_ones_are_refused() {
        let weeks = window("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", None).expect("days");
        assert_eq!(weeks.step(), UsageStep::Day);
        let hours = Some(UsageStep::Hour);
        for (from, to, step) in [
            ("2016-06-01T00:00:00Z", "2026-06-01T00:00:00Z", hours),
            ("2016-06-01T00:00:00Z", "2026-06-01T00:00:00Z", None),
            ("2026-04-01T00:00:00Z", "2026-06-01T00:00:00Z", hours),
            ("2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z", None),
            ("2026-06-02T00:00:00Z", "2026-06-01T00:00:00Z", None),
            ("-009999-01-02T01:59:59Z", "9999-12-30T22:00:00.999999999Z", None),
        ] {
            let refused = window(from, to, step);
            assert!(matches!(refused, Err(Refusal::Fields(_))), "{from} {to}");
        }
    }

    #[test]
    fn every_time_is_answered() {
        for moment in [Timestamp::MIN, Timestamp::MAX] {
            for step in [None, Some(UsageStep::Hour), Some(UsageStep::Day)] {
                let asked = Asked { from: None, to: Some(moment), step };
                drop(Window::new(&asked, time("2026-06-01T10:30:00Z")));
            }
        }
    }
}
