//! Where a route looks for a credential.

use std::str::FromStr;

use http::HeaderName;

/// Where a route takes a key from. `Authorization: Bearer` always counts; a header and a query parameter count only
/// where the route names them. A request that has more than one of them is refused, whatever they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialSources {
    /// A header besides `Authorization`.
    pub header: Option<KeyHeader>,
    /// A parameter of the query. Queries end up in logs and histories: only for clients that can do nothing else.
    pub query: Option<KeyQuery>,
}

/// A header that may carry a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHeader(HeaderName);

/// A query parameter that may carry a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyQuery(Box<str>);

/// A header that cannot carry a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredentialHeader {
    /// Not a header name.
    #[error("`{0}` is not a header name")]
    NotAHeader(String),
    /// A header that has a meaning of its own.
    #[error("`{0}` has a meaning of its own and cannot carry a key")]
    Taken(HeaderName),
}

/// A query parameter that cannot carry a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a query parameter for a key must be 1 to 64 letters, digits, `-`, `_` and `.`")]
pub struct InvalidCredentialQuery;

impl KeyHeader {
    /// The header.
    #[must_use]
    pub fn name(&self) -> &HeaderName {
        &self.0
    }
}

impl FromStr for KeyHeader {
    type Err = InvalidCredentialHeader;

    fn from_str(text: &str) -> Result<Self, InvalidCredentialHeader> {
        let name: HeaderName =
            text.parse().map_err(|_| InvalidCredentialHeader::NotAHeader(text.to_owned()))?;
        // Names that some origin would fold into one of these (`x.forwarded_for`) are those names (R3, R4).
        let folded = name.as_str().replace(['_', '.'], "-");
        let taken = TAKEN.contains(&folded.as_str()) || TAKEN_PREFIXES.iter().any(|p| folded.starts_with(p));
        if taken { Err(InvalidCredentialHeader::Taken(name)) } else { Ok(Self(name)) }
    }
}

impl KeyQuery {
    /// The parameter's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyQuery {
    type Err = InvalidCredentialQuery;

    fn from_str(text: &str) -> Result<Self, InvalidCredentialQuery> {
        // Nothing that would need an escape in a query, so that the parameter has one spelling.
        let holds = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if holds { Ok(Self(text.into())) } else { Err(InvalidCredentialQuery) }
    }
}

const TAKEN: [&str; 25] = [
    "accept",
    "accept-encoding",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "range",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-real-ip",
    "x-request-id",
];

const TAKEN_PREFIXES: [&str; 6] = ["access-control-", "if-", "proxy-", "sec-", "x-forwarded-", "x-original-"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_a_meaning_of_its_own_carries_no_key() {
        for name in ["Authorization", "Proxy-Authorization", "X_Forwarded.For", "Content_Length", "cookie"] {
            assert!(matches!(name.parse::<KeyHeader>(), Err(InvalidCredentialHeader::Taken(_))), "{name}");
        }
        assert!("x-api-key".parse::<KeyHeader>().is_ok());
        assert!("x api key".parse::<KeyHeader>().is_err());
    }

    #[test]
    fn a_query_parameter_has_one_spelling() {
        assert!("api_key".parse::<KeyQuery>().is_ok());
        for name in ["", "api key", "api%5Fkey", "a&b", "a=b"] {
            assert_eq!(name.parse::<KeyQuery>(), Err(InvalidCredentialQuery), "{name}");
        }
    }
}
