//! The one credential of a request.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, header};
use mintgate_apikey::PresentedKey;
use mintgate_policy::{CredentialSources, KeyQuery, RequestPath};

use crate::refusal::Refusal;

/// The text of the key that a request carries, wherever the route allows it to stand.
///
/// Nothing is a refusal of its own, and more than one is another, even if they are equal: two programs that look in
/// different places would see two callers (RFC 6750 §2).
pub(crate) fn find<'r>(
    headers: &'r HeaderMap,
    path: &RequestPath<'r>,
    sources: &CredentialSources,
) -> Result<Cow<'r, str>, Refusal> {
    let mut found = None;
    for value in headers.get_all(header::AUTHORIZATION) {
        take_one(&mut found, Carrier::Authorization(value))?;
    }
    if let Some(header) = &sources.header {
        for value in headers.get_all(header.name()) {
            take_one(&mut found, Carrier::Header(value))?;
        }
    }
    if let Some(parameter) = &sources.query {
        for value in parameters(path.query().unwrap_or_default(), parameter) {
            take_one(&mut found, Carrier::Query(value))?;
        }
    }
    let text = match found.ok_or(Refusal::NoCredential)? {
        Carrier::Authorization(value) => bearer(value)?,
        Carrier::Header(value) => {
            let text = value.to_str().map_err(|_| Refusal::MalformedCredential)?.trim_ascii();
            if text.is_empty() {
                return Err(Refusal::MalformedCredential);
            }
            text
        }
        Carrier::Query(value) => return decoded(value),
    };
    // The query arrives at the origin as it came, so it may not bring a second copy of the key.
    match path.query() {
        Some(query) if repeats(query, text) => Err(Refusal::ManyCredentials),
        _ => Ok(Cow::Borrowed(text)),
    }
}

/// Whether a query holds a text that may be a key.
fn repeats(query: &str, text: &str) -> bool {
    text.len() >= PresentedKey::SHORTEST && memchr::memmem::find(query.as_bytes(), text.as_bytes()).is_some()
}

/// The target without the parameter that carried a key; everything else as it came.
pub(crate) fn without_parameter(target: &str, parameter: &KeyQuery) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_named(pair, parameter)).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

enum Carrier<'r> {
    Authorization(&'r HeaderValue),
    Header(&'r HeaderValue),
    Query(&'r str),
}

fn take_one<'r>(found: &mut Option<Carrier<'r>>, carrier: Carrier<'r>) -> Result<(), Refusal> {
    if found.replace(carrier).is_some() { Err(Refusal::ManyCredentials) } else { Ok(()) }
}

/// `Bearer` in any case, spaces, one token (RFC 9110 §11.4). Another scheme is no credential of ours.
fn bearer(value: &HeaderValue) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| Refusal::MalformedCredential)?;
    let (scheme, rest) = match memchr::memchr(b' ', text.as_bytes()) {
        Some(space) => (&text[..space], &text[space + 1..]),
        None => (text, ""),
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        let is_scheme =
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
        return Err(if is_scheme && !rest.is_empty() {
            Refusal::NoCredential
        } else {
            Refusal::MalformedCredential
        });
    }
    let token = rest.trim_start_matches(' ');
    // A comma would be a second credential joined on by some proxy. What else cannot be in a key, its parser knows.
    if token.is_empty() || memchr::memchr3(b' ', b',', b'\t', token.as_bytes()).is_some() {
        return Err(Refusal::MalformedCredential);
    }
    Ok(token)
}

fn parameters<'q>(query: &'q str, parameter: &KeyQuery) -> impl Iterator<Item = &'q str> {
    query
        .split('&')
        .filter(move |pair| is_named(pair, parameter))
        .map(|pair| pair.split_once('=').map_or("", |(_, value)| value))
}

/// In any spelling: an origin reads `%6bey` as `key`.
fn is_named(pair: &str, parameter: &KeyQuery) -> bool {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    name == parameter.as_str()
        || name.contains('%') && decoded(name).is_ok_and(|name| name == parameter.as_str())
}

/// Percent-decoding, for keys of other systems.
fn decoded(value: &str) -> Result<Cow<'_, str>, Refusal> {
    if value.is_empty() {
        return Err(Refusal::MalformedCredential);
    }
    if !value.contains('%') {
        return Ok(Cow::Borrowed(value));
    }
    let mut bytes = value.bytes();
    let mut text = String::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        let character = if byte == b'%' {
            let mut digit = || char::from(bytes.next().unwrap_or(b'-')).to_digit(16);
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(Refusal::MalformedCredential);
            };
            char::from_u32(high * 16 + low).expect("two hexadecimal digits")
        } else {
            char::from(byte)
        };
        text.push(character);
    }
    Ok(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> CredentialSources {
        CredentialSources {
            header: Some("x-api-key".parse().expect("a header")),
            query: Some("api_key".parse().expect("a parameter")),
        }
    }

    fn look(lines: &[(&str, &str)], target: &'static str) -> Result<String, Refusal> {
        let headers: HeaderMap = lines
            .iter()
            .map(|(name, value)| {
                (
                    name.parse::<header::HeaderName>().expect("a name"),
                    value.parse::<HeaderValue>().expect("a value"),
                )
            })
            .collect();
        let path = RequestPath::parse(target).expect("a path");
        find(&headers, &path, &sources()).map(Cow::into_owned)
    }

    #[test]
    fn a_bearer_key_is_found_whatever_the_case_and_the_spaces() {
        for value in ["Bearer abc", "bearer abc", "BEARER   abc"] {
            assert_eq!(look(&[("authorization", value)], "/").expect("one"), "abc");
        }
    }

    #[test]
    fn two_credentials_are_refused_even_if_they_are_equal() {
        for (lines, target) in [
            (&[("authorization", "Bearer abc"), ("authorization", "Bearer abc")][..], "/"),
            (&[("authorization", "Bearer abc"), ("x-api-key", "abc")], "/"),
            (&[("authorization", "Bearer abc")], "/?api_key=abc"),
            (&[], "/?api_key=abc&api_key=abc"),
            (&[("authorization", "Bearer abc")], "/?%61pi%5Fkey=abc"),
            (&[("authorization", "Bearer sk_live_51NcM2dLkQ")], "/?a=1&access_token=sk_live_51NcM2dLkQ"),
            (&[("authorization", "Basic YTpi"), ("x-api-key", "abc")], "/"),
        ] {
            assert!(matches!(look(lines, target), Err(Refusal::ManyCredentials)), "{lines:?} {target}");
        }
    }

    #[test]
    fn a_malformed_header_is_told_from_a_missing_credential() {
        for value in ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer a, Bearer b", "", "abc"] {
            assert!(
                matches!(look(&[("authorization", value)], "/"), Err(Refusal::MalformedCredential)),
                "{value:?}"
            );
        }
        assert!(matches!(look(&[("authorization", "Basic YTpi")], "/"), Err(Refusal::NoCredential)));
        assert!(matches!(look(&[], "/?api_keys=abc"), Err(Refusal::NoCredential)));
    }

    #[test]
    fn a_key_in_the_query_is_decoded_and_taken_out() {
        assert_eq!(look(&[], "/?a=1&api_key=a%2Fb&c").expect("one"), "a/b");
        assert_eq!(look(&[], "/?a=1&%61pi_key=abc").expect("one"), "abc");
        assert_eq!(look(&[("x-api-key", "abcdefgh")], "/?a=abcdefg").expect("one"), "abcdefgh");
        let parameter = "api_key".parse().expect("a parameter");
        assert_eq!(without_parameter("/p?a=1&api_key=x&c", &parameter), "/p?a=1&c");
        assert_eq!(without_parameter("/p?api_key=x", &parameter), "/p");
        assert_eq!(without_parameter("/p?%61pi_key=x&%zz", &parameter), "/p?%zz");
    }
}
