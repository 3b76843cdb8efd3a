//! What a token says, checked against a policy and a time.

use mintgate_types::{Scope, ScopeSet, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use crate::{CheckedClaim, Refusal, TokenPolicy};

/// The claims of a token: those that verification reads, and all of them as they came.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// Milliseconds since the epoch, as all times here.
    expires: i64,
    not_before: Option<i64>,
    issued_at: Option<i64>,
    /// `iss` and `sub` in it are strings.
    all: Map<String, Value>,
}

impl Claims {
    /// Who issued the token.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.text(CheckedClaim::Issuer)
    }

    /// Whom the token is about.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.text(CheckedClaim::Subject)
    }

    /// When the token ends, without leeway.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        Timestamp::from_millisecond(self.expires).expect("a checked date is within the years of our era")
    }

    /// A claim by its name, as it came.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.all.get(name)
    }

    /// The claims as a type of yours, which may hold any of them. An error may repeat what a claim says: it is for the
    /// log at most.
    pub fn deserialize<'claims, T: Deserialize<'claims>>(&'claims self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.all)
    }

    /// All claims, as they came.
    #[must_use]
    pub fn all(&self) -> &Map<String, Value> {
        &self.all
    }

    /// Whether the token's `scope` holds `scope`.
    #[must_use]
    pub fn has_scope(&self, scope: &Scope) -> bool {
        let held = self.all.get("scope").and_then(Value::as_str).unwrap_or_default();
        held.split(' ').any(|one| one == scope.as_str())
    }

    /// Whether the token's `scope` holds all of `scopes`.
    #[must_use]
    pub fn has_scopes(&self, scopes: &ScopeSet) -> bool {
        scopes.iter().all(|scope| self.has_scope(scope))
    }

    fn text(&self, claim: CheckedClaim) -> &str {
        self.all.get(claim.as_str()).and_then(Value::as_str).expect("looked at before the value was made")
    }

    /// Reads claims of a payload whose signature was found good.
    pub(crate) fn check(
        all: Map<String, Value>,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        text(&all, CheckedClaim::Issuer)?;
        text(&all, CheckedClaim::Subject)?;
        let claims = Self {
            expires: date(&all, CheckedClaim::Expires)?.ok_or(Refusal::Missing(CheckedClaim::Expires))?,
            not_before: date(&all, CheckedClaim::NotBefore)?,
            issued_at: date(&all, CheckedClaim::IssuedAt)?,
            all,
        };
        if claims.all.get("scope").is_some_and(|scope| !scope.is_string()) {
            return Err(Refusal::Malformed(CheckedClaim::Scope));
        }
        if !policy.issuer.accepts(claims.issuer(), |issuer| issuer.as_str()) {
            return Err(Refusal::WrongIssuer);
        }
        claims.check_audience(policy)?;
        claims.check_time(policy, now)?;
        if claims.has_scopes(&policy.scopes) { Ok(claims) } else { Err(Refusal::ScopeMissing) }
    }

    /// `aud` is a string or an array of strings (RFC 7519 §4.1.3); one of them must be ours.
    fn check_audience(&self, policy: &TokenPolicy) -> Result<(), Refusal> {
        let malformed = Refusal::Malformed(CheckedClaim::Audience);
        let is_ours = |audience: &str| policy.audience.accepts(audience, |ours| ours.as_str());
        let fits = match self.all.get("aud") {
            None => return Err(Refusal::Missing(CheckedClaim::Audience)),
            Some(Value::String(audience)) if !audience.is_empty() => is_ours(audience),
            Some(Value::Array(audiences)) if !audiences.is_empty() => {
                let mut fits = false;
                for audience in audiences {
                    fits |= is_ours(audience.as_str().filter(|text| !text.is_empty()).ok_or(malformed)?);
                }
                fits
            }
            Some(_) => return Err(malformed),
        };
        if fits { Ok(()) } else { Err(Refusal::WrongAudience) }
    }

    /// The claims that a clock decides on. Asked again each time a cached token is used.
    pub(crate) fn check_time(&self, policy: &TokenPolicy, now: Timestamp) -> Result<(), Refusal> {
        let now = now.as_millisecond();
        let leeway = policy.leeway.millis();
        if now >= self.expires + leeway {
            return Err(Refusal::Expired);
        }
        if self.not_before.is_some_and(|not_before| not_before > now + leeway) {
            return Err(Refusal::NotYetValid);
        }
        if self.issued_at.is_some_and(|issued_at| issued_at > now + leeway) {
            return Err(Refusal::IssuedInFuture);
        }
        Ok(())
    }
}

/// A required claim that is a string with something in it.
fn text(all: &Map<String, Value>, claim: CheckedClaim) -> Result<&str, Refusal> {
    match all.get(claim.as_str()) {
        None => Err(Refusal::Missing(claim)),
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(_) => Err(Refusal::Malformed(claim)),
    }
}

/// A `NumericDate` (RFC 7519 §2) in milliseconds. Anything but a number in range is refused,
/// never taken for absent.
fn date(all: &Map<String, Value>, claim: CheckedClaim) -> Result<Option<i64>, Refusal> {
    match all.get(claim.as_str()) {
        None => Ok(None),
        Some(Value::Number(number)) => millis(number).map(Some).ok_or(Refusal::Malformed(claim)),
        Some(_) => Err(Refusal::Malformed(claim)),
    }
}

fn millis(number: &Number) -> Option<i64> {
    if let Some(seconds) = number.as_i64() {
        return (0..=LATEST).contains(&seconds).then(|| seconds * 1000);
    }
    #[expect(clippy::cast_precision_loss, reason = "the latest date is far below 2^52")]
    let seconds = number.as_f64().filter(|seconds| (0.0..=LATEST as f64).contains(seconds))?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be in range; parts of a millisecond are dropped"
    )]
    Some((seconds * 1000.0) as i64)
}

/// The end of the year 9999; milliseconds given as seconds are beyond it.
const LATEST: i64 = 253_402_207_200;
