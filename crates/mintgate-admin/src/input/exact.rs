//! JSON that says one thing: no member twice, no whole number that would be kept as another one.
//!
//! Readers of JSON differ in which of two members counts, and whoever reads into maps takes the last without a word
//! (RFC 8259 §4). Metadata becomes claims, so what somebody wrote must be what is signed.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// Any JSON of that kind; nothing is kept of it.
pub(super) struct Exact;

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Whole)
    }
}

struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Exact;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Exact, E> {
        Ok(Exact)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Exact, E> {
        Ok(Exact)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Exact, E> {
        Ok(Exact)
    }

    /// A number with a fraction, or one that is too large for the other two.
    fn visit_f64<E: Error>(self, number: f64) -> Result<Exact, E> {
        if number.fract() == 0.0 && number.abs() > MOST_EXACT {
            return Err(E::custom("must be a number that can be kept as it is; write it as a string"));
        }
        Ok(Exact)
    }

    fn visit_str<E>(self, _: &str) -> Result<Exact, E> {
        Ok(Exact)
    }

    fn visit_unit<E>(self) -> Result<Exact, E> {
        Ok(Exact)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Exact, A::Error> {
        while items.next_element::<Exact>()?.is_some() {}
        Ok(Exact)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Exact, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !seen.insert(name) {
                members.next_value::<IgnoredAny>()?;
                return Err(A::Error::custom("must not have a member twice"));
            }
            members.next_value::<Exact>()?;
        }
        Ok(Exact)
    }
}

/// 2^53: beyond it, not every whole number has a floating-point number of its own.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;
