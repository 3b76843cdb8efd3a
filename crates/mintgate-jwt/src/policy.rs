//! What a verifier demands of a token. There is no default policy: who may issue and for whom is always said.

use std::{fmt, str::FromStr, time::Duration};

use mintgate_types::{Audience, IssuerUrl, ScopeSet};

use crate::AlgorithmSet;

/// What a verifier demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPolicy {
    pub(crate) issuer: Expected<TrustedIssuer>,
    pub(crate) audience: Expected<Audience>,
    pub(crate) algorithms: AlgorithmSet,
    pub(crate) typ: ExpectedType,
    pub(crate) leeway: Leeway,
    pub(crate) scopes: ScopeSet,
}

/// A setting that would make a verifier accept too much or nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPolicy {
    /// An empty list of issuers or audiences.
    #[error("at least one value must be expected")]
    NothingExpected,
    /// Not an issuer's name.
    #[error("an issuer must be 1 to 2048 visible ASCII characters")]
    Issuer,
    /// Not a media type.
    #[error("a token type must be 1 to 128 characters of a media type")]
    Type,
    /// One of several issuers whose name is not said, so that its tokens could not be told from those of others.
    #[error("of several issuers, each must be named")]
    AnyAmongSeveral,
    /// An issuer that is named with two sources of keys.
    #[error("an issuer is named twice")]
    IssuerTwice,
    /// More tolerance than clocks need.
    #[error("a leeway may be at most {} seconds", Leeway::LONGEST.as_secs())]
    Leeway,
}

/// What a claim is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected<T> {
    /// One of these; the claim must be there.
    OneOf(Box<[T]>),
    /// Anything, as long as the claim is there and well formed. For looking at tokens, never for guarding an origin:
    /// a token for another origin would pass.
    Any,
}

impl<T> Expected<T> {
    /// Exactly this.
    pub fn exactly(value: T) -> Self {
        Self::OneOf(Box::new([value]))
    }

    /// One of these, of which there must be one at least.
    pub fn one_of(values: impl IntoIterator<Item = T>) -> Result<Self, InvalidPolicy> {
        let values: Box<[T]> = values.into_iter().collect();
        if values.is_empty() { Err(InvalidPolicy::NothingExpected) } else { Ok(Self::OneOf(values)) }
    }

    pub(crate) fn accepts(&self, given: &str, text: impl Fn(&T) -> &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(values) => values.iter().any(|value| text(value) == given),
        }
    }
}

/// Who may issue tokens, as their `iss` says it. Compared byte for byte, so a trailing slash counts; unlike our own
/// [`IssuerUrl`], other people's issuers may end in one or be no URL at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer(Box<str>);

impl TrustedIssuer {
    /// The issuer as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TrustedIssuer {
    type Err = InvalidPolicy;

    fn from_str(text: &str) -> Result<Self, InvalidPolicy> {
        let holds = (1..=2048).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if holds { Ok(Self(text.into())) } else { Err(InvalidPolicy::Issuer) }
    }
}

impl From<&IssuerUrl> for TrustedIssuer {
    fn from(issuer: &IssuerUrl) -> Self {
        Self(issuer.as_str().into())
    }
}

impl fmt::Display for TrustedIssuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Which `typ` a token must have, so that a token of another kind is not taken for an access token (RFC 8725 §3.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedType {
    /// Exactly this media type, with or without `application/` before it, in any case.
    Exactly(TokenType),
    /// Any type or none. For issuers that set no useful `typ`.
    Any,
}

/// The media type of a token, without `application/`, in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenType(Box<str>);

impl ExpectedType {
    /// `at+jwt` (RFC 9068).
    #[must_use]
    pub fn access_token() -> Self {
        Self::Exactly(TokenType("at+jwt".into()))
    }

    /// The media type `text`.
    pub fn exactly(text: &str) -> Result<Self, InvalidPolicy> {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&byte);
        if !(1..=128).contains(&text.len()) || !text.bytes().all(is_token) {
            return Err(InvalidPolicy::Type);
        }
        Ok(Self::Exactly(TokenType(without_application(text).to_ascii_lowercase().into())))
    }

    pub(crate) fn accepts(&self, typ: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(TokenType(expected)) => {
                typ.is_some_and(|typ| without_application(typ).eq_ignore_ascii_case(expected))
            }
        }
    }
}

/// RFC 7515 §4.1.9: `application/` may be left out when no other slash is in the name.
fn without_application(typ: &str) -> &str {
    match typ.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") && !rest.contains('/') => rest,
        _ => typ,
    }
}

/// How far two clocks may be apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leeway(Duration);

impl Leeway {
    /// What is allowed unless told otherwise.
    pub const USUAL: Self = Self(Duration::from_secs(10));
    /// More than this hides a broken clock.
    pub const LONGEST: Duration = Duration::from_mins(10);

    /// A leeway of at most [`Leeway::LONGEST`].
    pub fn new(duration: Duration) -> Result<Self, InvalidPolicy> {
        if duration <= Self::LONGEST { Ok(Self(duration)) } else { Err(InvalidPolicy::Leeway) }
    }

    pub(crate) fn millis(self) -> i64 {
        i64::try_from(self.0.as_millis()).expect("ten minutes fit")
    }
}

impl TokenPolicy {
    /// Access tokens (`at+jwt`) of these issuers for these audiences, in any of our algorithms, with the usual
    /// leeway, whatever their scopes.
    #[must_use]
    pub fn new(issuer: Expected<TrustedIssuer>, audience: Expected<Audience>) -> Self {
        Self {
            issuer,
            audience,
            algorithms: AlgorithmSet::all(),
            typ: ExpectedType::access_token(),
            leeway: Leeway::USUAL,
            scopes: ScopeSet::none(),
        }
    }

    /// Who may issue.
    #[must_use]
    pub fn issuer(&self) -> &Expected<TrustedIssuer> {
        &self.issuer
    }

    /// Accepts these algorithms only.
    #[must_use]
    pub fn with_algorithms(self, algorithms: AlgorithmSet) -> Self {
        Self { algorithms, ..self }
    }

    /// Accepts tokens of this type.
    #[must_use]
    pub fn with_type(self, typ: ExpectedType) -> Self {
        Self { typ, ..self }
    }

    /// Bears clocks that are this far apart.
    #[must_use]
    pub fn with_leeway(self, leeway: Leeway) -> Self {
        Self { leeway, ..self }
    }

    /// Demands all of these scopes.
    #[must_use]
    pub fn with_scopes(self, scopes: ScopeSet) -> Self {
        Self { scopes, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r24_a_policy_without_an_audience_or_issuer_cannot_be_made() {
        assert_eq!(Expected::<Audience>::one_of([]), Err(InvalidPolicy::NothingExpected));
        assert!("".parse::<TrustedIssuer>().is_err());
    }

    #[test]
    fn a_type_is_compared_as_a_media_type() {
        let typ = ExpectedType::access_token();
        for good in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
            assert!(typ.accepts(Some(good)), "{good}");
        }
        for bad in ["JWT", "at+jwt ", "application/application/at+jwt", "text/at+jwt", "", "at+jwtx"] {
            assert!(!typ.accepts(Some(bad)), "{bad}");
        }
        assert!(!typ.accepts(None));
        assert!(ExpectedType::exactly("application/JWT").expect("a type").accepts(Some("jwt")));
    }

    #[test]
    fn a_leeway_has_a_limit() {
        assert!(Leeway::new(Duration::from_mins(10)).is_ok());
        assert_eq!(Leeway::new(Duration::from_secs(601)), Err(InvalidPolicy::Leeway));
    }
}
