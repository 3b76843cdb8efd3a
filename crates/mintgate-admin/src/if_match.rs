//! `If-Match`: change it only if it is still what I saw.

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use mintgate_types::Revision;

use crate::reply::Refusal;

/// The revision that the caller saw, if the caller cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IfMatch(pub(crate) Option<Revision>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let mut lines = parts.headers.get_all(header::IF_MATCH).iter();
        match (lines.next(), lines.next()) {
            (None, _) => Ok(Self(None)),
            (Some(line), None) => read(line.as_bytes()).ok_or_else(unreadable),
            (Some(_), Some(_)) => Err(unreadable()),
        }
    }
}

/// `*`, or one strong tag of ours. A weak tag never matches (RFC 9110 §13.1.1), so it is refused outright.
fn read(line: &[u8]) -> Option<IfMatch> {
    let text = std::str::from_utf8(line).ok()?.trim();
    if text == "*" {
        return Some(IfMatch(None));
    }
    let digits = text.strip_prefix('"')?.strip_suffix('"')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().map(|revision| IfMatch(Some(Revision(revision))))
}

fn unreadable() -> Refusal {
    Refusal::Unreadable("If-Match must be `*` or one ETag that this API gave".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_strong_tag_or_a_star_is_understood() {
        assert_eq!(read(b"\"42\""), Some(IfMatch(Some(Revision(42)))));
        assert_eq!(read(b"*"), Some(IfMatch(None)));
    }

    #[test]
    fn anything_else_is_refused_rather_than_passed_over() {
        for text in ["", "42", "W/\"42\"", "\"42\", \"43\"", "\"-1\"", "\"+1\"", "\"x\"", "\""] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
