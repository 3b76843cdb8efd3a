//! Second copies of a key: clients send it in `X-Api-Key` or a cookie as well, and no origin shall get it.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use mintgate_apikey::PresentedKey;

/// What stands behind the scheme, or alone. Nothing if it is too short for anybody's key.
pub(super) fn credential(value: &HeaderValue) -> Option<&[u8]> {
    let text = value.as_bytes().trim_ascii().rsplit(|byte| *byte == b' ').next()?;
    (text.len() >= PresentedKey::SHORTEST).then_some(text)
}

/// The names of the headers whose values hold `key`. `Authorization` is replaced anyway, and without `Host` there is no
/// request.
pub(super) fn holders_of<'h>(key: &[u8], headers: &'h HeaderMap) -> impl Iterator<Item = &'h HeaderName> {
    // Most values are shorter than a key, and cost a comparison of two lengths.
    let holds = |value: &[u8]| value.len() >= key.len() && memchr::memmem::find(value, key).is_some();
    let holders = headers.iter().filter(move |(_, value)| holds(value.as_bytes())).map(|(name, _)| name);
    holders.filter(|name| !matches!(**name, header::AUTHORIZATION | header::HOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk_live_51NcM2dLkQ";

    #[test]
    fn a_credential_is_found_behind_its_scheme_or_alone() {
        for value in [KEY.to_owned(), format!("bearer  {KEY} "), format!("Bearer {KEY}")] {
            let value = value.parse().expect("a value");
            assert_eq!(credential(&value), Some(KEY.as_bytes()), "{value:?}");
        }
    }

    #[test]
    fn what_is_too_short_for_a_key_is_none() {
        for value in ["", "Basic a", "Bearer", "Basic 1234567"] {
            assert_eq!(credential(&HeaderValue::from_static(value)), None, "{value}");
        }
    }

    #[test]
    fn every_header_that_holds_the_key_is_named_but_the_two_that_stay() {
        let cookie = format!("a=b; key={KEY}");
        let bearer = format!("Bearer {KEY}");
        let headers: HeaderMap = [
            ("authorization", &*bearer),
            ("host", KEY),
            ("x-api-key", KEY),
            ("cookie", "c=d"),
            ("cookie", &cookie),
            ("x-custom", "sk_live_51NcM2"),
        ]
        .iter()
        .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
        .collect::<Vec<(HeaderName, HeaderValue)>>()
        .into_iter()
        .fold(HeaderMap::new(), |mut all, (name, value)| {
            all.append(name, value);
            all
        });
        let names: Vec<&str> = holders_of(KEY.as_bytes(), &headers).map(HeaderName::as_str).collect();
        assert_eq!(names, ["x-api-key", "cookie"]);
    }
}
