//! Lengths of time as people write them.

use std::{fmt, str::FromStr};

use mintgate_types::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A length of time such as `90s`, `5m`, `24h` or `30d`, at most ten years. A day is 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9]{1,9}[smhd]$", example = "24h")]
#[serde(try_from = "String", into = "String")]
pub struct Span(u32);

/// Text that is no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a length of time is a whole number with s, m, h or d behind it, such as 24h, and at most ten years")]
pub struct InvalidSpan;

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One day.
    pub const DAY: Self = Self(DAY);
    const LONGEST: u32 = 3660 * DAY;

    /// As a duration.
    #[must_use]
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(self.0.into())
    }
}

impl FromStr for Span {
    type Err = InvalidSpan;

    fn from_str(text: &str) -> Result<Self, InvalidSpan> {
        let split = text.len().checked_sub(1).filter(|at| text.is_char_boundary(*at)).ok_or(InvalidSpan)?;
        let (number, unit) = text.split_at(split);
        let unit = match unit {
            "s" => 1,
            "m" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            _ => return Err(InvalidSpan),
        };
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidSpan);
        }
        let seconds =
            number.parse::<u32>().ok().and_then(|number| number.checked_mul(unit)).ok_or(InvalidSpan)?;
        if seconds > Self::LONGEST { Err(InvalidSpan) } else { Ok(Self(seconds)) }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self.0 {
            0 => (0, 's'),
            seconds if seconds % DAY == 0 => (seconds / DAY, 'd'),
            seconds if seconds % HOUR == 0 => (seconds / HOUR, 'h'),
            seconds if seconds % MINUTE == 0 => (seconds / MINUTE, 'm'),
            seconds => (seconds, 's'),
        };
        write!(formatter, "{number}{unit}")
    }
}

impl TryFrom<String> for Span {
    type Error = InvalidSpan;

    fn try_from(text: String) -> Result<Self, InvalidSpan> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_as_people_write_it() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("5m", 300), ("24h", 86_400), ("30d", 2_592_000)] {
            assert_eq!(text.parse::<Span>().expect(text).duration(), SignedDuration::from_secs(seconds));
        }
        assert_eq!("24h".parse::<Span>().expect("a day").to_string(), "1d");
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in ["", "h", "24", "-1h", "+1h", "1.5h", "1w", "4000d", "99999999999s", "1h30m", "5µ"] {
            assert_eq!(text.parse::<Span>(), Err(InvalidSpan), "{text}");
        }
    }
}
