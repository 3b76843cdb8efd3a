//! Quantities with their unit: `250ms`, `30d`, `16KiB`.

use std::{fmt, time::Duration};

use serde_json::{Value as Json, json};

use super::setting::TextSetting;

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period(Duration);

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size(u64);

/// A number of bytes, or `unlimited`. No number stands for "none": zero would be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound(Option<Size>);

impl Period {
    pub(crate) const fn milliseconds(milliseconds: u64) -> Self {
        Self(Duration::from_millis(milliseconds))
    }

    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    pub(crate) const fn hours(hours: u64) -> Self {
        Self::seconds(hours * 3600)
    }

    pub(crate) const fn days(days: u64) -> Self {
        Self::hours(days * 24)
    }

    pub(crate) fn get(self) -> Duration {
        self.0
    }
}

impl Size {
    pub(crate) const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    pub(crate) fn get(self) -> u64 {
        self.0
    }

    /// As a size in memory.
    pub(crate) fn in_memory(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl Bound {
    pub(crate) fn get(self) -> Option<u64> {
        self.0.map(Size::get)
    }
}

impl TextSetting for Period {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        let refused = || {
            let hint = "write a whole number and `ms`, `s`, `m`, `h` or `d`, such as `30s`".to_owned();
            ("not a length of time".to_owned(), Some(hint))
        };
        let milliseconds = scaled(text, &PERIODS).ok_or_else(refused)?;
        Ok(Self(Duration::from_millis(milliseconds)))
    }

    fn shape() -> Json {
        json!({ "pattern": "^[0-9]+(ms|s|m|h|d)$" })
    }
}

impl TextSetting for Size {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        let hint = "write a whole number and `B`, `KiB`, `MiB` or `GiB`, such as `16KiB`".to_owned();
        scaled(text, &SIZES).map(Self).ok_or(("not a size".to_owned(), Some(hint)))
    }

    fn shape() -> Json {
        json!({ "pattern": "^[0-9]+(B|KiB|MiB|GiB)$" })
    }
}

impl TextSetting for Bound {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        match text {
            "unlimited" => Ok(Self(None)),
            _ => match Size::from_text(text)? {
                Size(0) => Err(("zero would refuse everything".to_owned(), Some(NO_BOUND.to_owned()))),
                size => Ok(Self(Some(size))),
            },
        }
    }

    fn shape() -> Json {
        json!({ "pattern": "^([0-9]+(B|KiB|MiB|GiB)|unlimited)$" })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_scaled(formatter, self.0.as_millis(), &PERIODS)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_scaled(formatter, self.0.into(), &SIZES)
    }
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, scale) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*scale)
}

fn write_scaled(formatter: &mut fmt::Formatter<'_>, amount: u128, units: &[(&str, u64)]) -> fmt::Result {
    let whole = |scale: u64| amount.is_multiple_of(scale.into());
    let (name, scale) =
        units.iter().rfind(|(_, scale)| whole(*scale) && amount >= (*scale).into()).unwrap_or(&units[0]);
    write!(formatter, "{}{name}", amount / u128::from(*scale))
}

const PERIODS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

const NO_BOUND: &str = "write `unlimited` for no limit";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_a_whole_number_and_a_unit() {
        for (text, milliseconds) in [("250ms", 250), ("5m", 300_000), ("30d", 2_592_000_000), ("0s", 0)] {
            assert_eq!(Period::from_text(text).expect(text), Period::milliseconds(milliseconds));
        }
        for text in [
            "",
            "5",
            "m",
            "5 m",
            "-5m",
            "1.5h",
            "1h30m",
            "5min",
            "5M",
            "99999999999999999999d",
            "213503982335d",
        ] {
            assert!(Period::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_has_a_whole_number_and_a_binary_unit() {
        for (text, bytes) in [("16KiB", 16_384), ("10MiB", 10_485_760), ("512B", 512), ("1GiB", 1 << 30)] {
            assert_eq!(Size::from_text(text).expect(text), Size::bytes(bytes));
        }
        for text in ["", "16", "16KB", "16kib", "1.5MiB", "99999999999GiB"] {
            assert!(Size::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_limit_is_said_in_a_word_never_as_zero() {
        assert_eq!(Bound::from_text("unlimited").expect("the word").get(), None);
        assert_eq!(Bound::from_text("1KiB").expect("a size").get(), Some(1024));
        let (_, hint) = Bound::from_text("0B").expect_err("zero");
        assert_eq!(hint.as_deref(), Some("write `unlimited` for no limit"));
    }

    #[test]
    fn quantities_are_shown_in_their_largest_whole_unit() {
        for text in ["250ms", "90s", "5m", "36h", "30d", "0ms"] {
            assert_eq!(Period::from_text(text).expect(text).to_string(), text);
        }
        assert_eq!(Size::bytes(1536).to_string(), "1536B");
        assert_eq!(Size::bytes(32 << 10).to_string(), "32KiB");
    }
}
