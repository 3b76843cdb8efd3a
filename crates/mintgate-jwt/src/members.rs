//! The members of a header that matter, read as strictly as all JSON here but without keeping the rest: most of a
//! request's headers are the same few names over and over.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::json::{DUPLICATE, Nested, NotStrictJson, read_object};

/// What of a header is looked at. `jku`, `x5u`, `jwk` and `x5c` are not.
#[derive(Default)]
pub(crate) struct Members<'json> {
    pub(crate) alg: Member<'json>,
    pub(crate) kid: Member<'json>,
    pub(crate) typ: Member<'json>,
    pub(crate) has_enc: bool,
    pub(crate) has_crit: bool,
    pub(crate) has_b64: bool,
}

/// A member that should be a string.
#[derive(Default)]
pub(crate) enum Member<'json> {
    #[default]
    Absent,
    Text(Cow<'json, str>),
    Other,
}

impl<'json> Members<'json> {
    pub(crate) fn parse(bytes: &'json [u8]) -> Result<Self, NotStrictJson> {
        read_object(bytes, Header)
    }
}

struct Header;

impl<'de> DeserializeSeed<'de> for Header {
    type Value = Members<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Header {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::default();
        let mut names: Vec<Cow<'de, str>> = Vec::with_capacity(4);
        while let Some(name) = access.next_key_seed(Text)? {
            let value = access.next_value_seed(Text)?;
            let Member::Text(name) = name else { return Err(A::Error::custom("a name that is no string")) };
            match &*name {
                "alg" => members.alg = value,
                "kid" => members.kid = value,
                "typ" => members.typ = value,
                "enc" => members.has_enc = true,
                "crit" => members.has_crit = true,
                "b64" => members.has_b64 = true,
                _ => {}
            }
            names.push(name);
        }
        // Sorted once, so that thousands of members cost no more than their number.
        names.sort_unstable();
        if names.is_sorted_by(|one, next| one < next) {
            Ok(members)
        } else {
            Err(A::Error::custom(DUPLICATE))
        }
    }
}

/// A string, or any other value, which is read and dropped.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Member<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Member<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Member<'de>, E> {
        Ok(Member::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Member<'de>, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Member<'de>, E> {
        Nested::OUTERMOST.visit_f64(value).map(|_| Member::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<Member<'de>, A::Error> {
        Nested::OUTERMOST.visit_seq(access).map(|_| Member::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Member<'de>, A::Error> {
        Nested::OUTERMOST.visit_map(access).map(|_| Member::Other)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::parse_object;

    fn text<'a>(member: &'a Member<'_>) -> Option<&'a str> {
        match member {
            Member::Text(text) => Some(text),
            Member::Absent | Member::Other => None,
        }
    }

    /// Compares with the slower parser, which keeps everything.
    fn agrees(bytes: &[u8]) {
        match (Members::parse(bytes), parse_object(bytes)) {
            (Ok(members), Ok(object)) => {
                for (name, member) in [("alg", &members.alg), ("kid", &members.kid), ("typ", &members.typ)] {
                    assert_eq!(text(member), object.get(name).and_then(|value| value.as_str()), "{name}");
                    assert_eq!(matches!(member, Member::Absent), !object.contains_key(name), "{name}");
                }
                assert_eq!(members.has_enc, object.contains_key("enc"));
                assert_eq!(members.has_crit, object.contains_key("crit"));
                assert_eq!(members.has_b64, object.contains_key("b64"));
            }
            // Of two mistakes, either may be told.
            (Err(_), Err(_)) => {}
            (one, other) => panic!("{:?} and {:?}", one.map(|_| ()), other.map(|_| ())),
        }
    }

    #[test]
    fn a_header_reads_as_the_parser_that_keeps_everything_reads_it() {
        for bytes in [
            r#"{"alg":"RS256","kid":"a\u00e9","typ":"at+jwt"}"#,
            r#"{"a\u006cg":"RS256","crit":["b64"],"b64":false,"enc":null}"#,
            r#"{"alg":7,"kid":null,"typ":{"a":[1,-2,3.5,true]}}"#,
            r#"{"alg":"a","\u0061lg":"b"}"#,
            r#"{"x":{"y":1,"y":2}}"#,
            r#"{"x":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}"#,
            r#"{"x":1e999}"#,
            r#"{7:"x"}"#,
            r#"{"x":1}x"#,
            "[]",
            "\"alg\"",
            "",
        ] {
            agrees(bytes.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn random_headers_read_as_the_parser_that_keeps_everything_reads_them(
            bytes in r#"\{("(alg|kid|x|\\u0078|enc)":("a"|1|null|\[1\]|\{"y":"z"\}),?){0,4}\}?"#
        ) {
            agrees(bytes.as_bytes());
        }
    }
}
