//! The header that says that a request is asked for once.

use http::{HeaderMap, HeaderName};
use utoipa::IntoParams;
use zeroize::Zeroizing;

use crate::reply::Refusal;

/// What a caller calls a request, so that asking again is not asking anew. It is what opens the reply that is kept, so it
/// is guarded like a secret.
pub(crate) struct IdempotencyKey(Zeroizing<Vec<u8>>);

/// The header, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is only described")]
pub(crate) struct IdempotencyKeyHeader {
    /// 1 to 255 visible ASCII characters, best random, as such or as a string in quotes (RFC 9651). For 24 hours the same
    /// request with the same key gets the same reply again, with `Idempotency-Replayed: true`, and makes nothing.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        nullable = false,
        pattern = r#"^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$"#,
        example = "8e03978e-40d5-43e8-bc93-6894a57f9324"
    )]
    idempotency_key: Option<String>,
}

impl IdempotencyKey {
    /// The most characters that it may have.
    pub(crate) const LONGEST: usize = 255;

    /// The key of a request, if it has one.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let mut lines = headers.get_all(NAME).iter();
        let Some(line) = lines.next() else { return Ok(None) };
        if lines.next().is_some() {
            return Err(refused("there is more than one"));
        }
        Self::parse(line.as_bytes()).map(Some)
    }

    fn parse(value: &[u8]) -> Result<Self, Refusal> {
        let key = match value.strip_prefix(b"\"") {
            Some(rest) => unquoted(rest).ok_or_else(|| refused("it begins with a quote and is no string"))?,
            None => Zeroizing::new(value.to_vec()),
        };
        if key.is_empty() || key.len() > Self::LONGEST || !key.iter().all(u8::is_ascii_graphic) {
            return Err(refused("it must have 1 to 255 visible ASCII characters"));
        }
        Ok(Self(key))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What stands in a string of RFC 9651 §3.3.3 whose opening quote is off. Nothing may follow it: no parameter has a meaning.
fn unquoted(rest: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let inner = rest.strip_suffix(b"\"")?;
    let mut key = Zeroizing::new(Vec::with_capacity(inner.len()));
    let mut bytes = inner.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return None,
            b'\\' => key.push(*bytes.next().filter(|escaped| matches!(escaped, b'"' | b'\\'))?),
            _ => key.push(*byte),
        }
    }
    Some(key)
}

fn refused(what: &str) -> Refusal {
    Refusal::Unreadable(format!("the Idempotency-Key header: {what}"))
}

impl std::fmt::Debug for IdempotencyKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("IdempotencyKey(..)")
    }
}

/// The header's name.
pub(crate) const NAME: HeaderName = HeaderName::from_static("idempotency-key");

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<String> {
        let key = IdempotencyKey::parse(value.as_bytes()).ok()?;
        Some(String::from_utf8(key.as_bytes().to_vec()).expect("visible ASCII"))
    }

    #[test]
    fn a_string_in_quotes_and_its_content_alone_are_one_key() {
        for (value, key) in [
            ("8e03978e-40d5", "8e03978e-40d5"),
            ("\"8e03978e-40d5\"", "8e03978e-40d5"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (r#"a"b\c"#, r#"a"b\c"#),
            ("~", "~"),
            ("a,b;c=1", "a,b;c=1"),
        ] {
            assert_eq!(read(value).as_deref(), Some(key), "{value}");
        }
        assert_eq!(read(&"k".repeat(255)).map(|key| key.len()), Some(255));
        assert_eq!(read(&format!("\"{}\"", "k".repeat(255))).map(|key| key.len()), Some(255));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for value in [
            "",
            "\"\"",
            "\"",
            "a b",
            "\"a b\"",
            "\"a\";p=1",
            "\"a\" ",
            "\"a\"b\"",
            "\"a",
            r#""a\""#,
            r#""a\b""#,
            "a\tb",
            "é",
            "a, b",
        ] {
            assert_eq!(read(value), None, "{value:?}");
        }
        assert_eq!(read(&"k".repeat(256)), None);
        assert_eq!(read(&format!("\"{}\"", "k".repeat(256))), None);
    }

    #[test]
    fn two_lines_are_refused_even_if_they_are_equal() {
        let mut headers = HeaderMap::new();
        assert!(matches!(IdempotencyKey::of(&headers), Ok(None)));
        headers.append(NAME, "a".parse().expect("a value"));
        assert!(matches!(IdempotencyKey::of(&headers), Ok(Some(_))));
        headers.append(NAME, "a".parse().expect("a value"));
        assert!(IdempotencyKey::of(&headers).is_err());
    }

    #[test]
    fn r38_an_idempotency_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", IdempotencyKey::parse(b"abc").expect("a key")), "IdempotencyKey(..)");
    }
}
