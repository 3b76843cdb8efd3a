//! JSON without its second readings: an object may not repeat a member (RFC 7515 §4), nesting has a limit, and what
//! follows the value must be nothing but white space.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why bytes are not acceptable JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotStrictJson {
    /// Not JSON, or not an object, or not UTF-8.
    Malformed,
    /// A member stands twice in one object.
    DuplicateMember,
    /// Nested deeper than [`DEEPEST`].
    TooDeep,
}

/// How deeply values may nest; the object itself is the first level.
pub(crate) const DEEPEST: u8 = 16;

/// Parses an object strictly.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, NotStrictJson> {
    read_object(bytes, Object { depth: 1 })
}

/// Reads an object strictly, but for its members' names and values, which `members` reads.
pub(crate) fn read_object<'bytes, S: DeserializeSeed<'bytes>>(
    bytes: &'bytes [u8],
    members: S,
) -> Result<S::Value, NotStrictJson> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let object = members.deserialize(&mut deserializer).map_err(|error| classify(&error))?;
    deserializer.end().map_err(|_| NotStrictJson::Malformed)?;
    Ok(object)
}

/// serde's errors carry text only, so ours are known by theirs.
fn classify(error: &serde_json::Error) -> NotStrictJson {
    let text = error.to_string();
    if text.starts_with(DUPLICATE) {
        NotStrictJson::DuplicateMember
    } else if text.starts_with(TOO_DEEP) {
        NotStrictJson::TooDeep
    } else {
        NotStrictJson::Malformed
    }
}

struct Object {
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Object {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(Nested { depth: self.depth })?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(object)
    }
}

/// A value inside something that stands at `depth`.
#[derive(Clone, Copy)]
pub(crate) struct Nested {
    depth: u8,
}

impl Nested {
    /// A member of the outermost object.
    pub(crate) const OUTERMOST: Self = Self { depth: 1 };

    fn deeper<E: serde::de::Error>(self) -> Result<u8, E> {
        if self.depth < DEEPEST { Ok(self.depth + 1) } else { Err(E::custom(TOO_DEEP)) }
    }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number that is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(Self { depth })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        Object { depth }.visit_map(access).map(Value::Object)
    }
}

pub(crate) const DUPLICATE: &str = "duplicate member";
const TOO_DEEP: &str = "nested too deeply";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_reads_as_serde_json_reads_it() {
        let text = br#" {"a":[1,-2,3.5,true,null,"x\u00e9"],"b":{"c":{}}} "#;
        let expected: Value = serde_json::from_slice(text).expect("JSON");
        assert_eq!(Value::Object(parse_object(text).expect("strict JSON")), expected);
    }

    #[test]
    fn a_repeated_member_is_refused_at_any_level() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"b":{"a":1,"\u0061":2}}"#, r#"{"b":[{"a":1,"a":2}]}"#] {
            assert_eq!(parse_object(text.as_bytes()), Err(NotStrictJson::DuplicateMember), "{text}");
        }
    }

    #[test]
    fn nesting_stops_at_the_limit() {
        let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse_object(nested(15).as_bytes()).is_ok());
        assert_eq!(parse_object(nested(16).as_bytes()), Err(NotStrictJson::TooDeep));
        assert_eq!(parse_object(nested(100_000).as_bytes()), Err(NotStrictJson::TooDeep));
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        for text in
            ["", "[]", "1", "null", "{} {}", "{}x", "{\"a\":}", "{\"a\":1e999}", "{'a':1}", "{\"a\":NaN}"]
        {
            assert_eq!(parse_object(text.as_bytes()), Err(NotStrictJson::Malformed), "{text}");
        }
        assert_eq!(parse_object(b"{\"\xff\":1}"), Err(NotStrictJson::Malformed));
    }
}
