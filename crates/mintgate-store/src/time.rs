//! Times as stores keep them: in microseconds, because that is what databases keep.

use mintgate_types::Timestamp;

/// What a store keeps of a time: finer parts are dropped, and the last second of the year 9999 is cut to its start.
#[must_use]
pub fn kept_time(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(kept_microseconds(time)).expect("cut to the range of times")
}

/// The same, in microseconds since 1970.
#[must_use]
pub fn kept_microseconds(time: Timestamp) -> i64 {
    time.as_microsecond().min(LAST)
}

/// The last time that can be made from microseconds; the range of times goes on for 999,999 more.
const LAST: i64 = 253_402_207_200_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_can_be_kept() {
        for time in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let kept = kept_time(time);
            assert_eq!(kept_time(kept), kept, "what was kept stays");
            assert!(kept <= time && time.as_second() == kept.as_second(), "{time} became {kept}");
        }
    }
}
