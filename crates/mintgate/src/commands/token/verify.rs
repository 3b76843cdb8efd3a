//! `mintgate token verify TOKEN`

use std::{str::FromStr, time::Duration};

use clap::Args;
use mintgate_types::{Audience, Clock as _, Scope, ScopeSet, SystemClock, Timestamp};
use mintgate_verify::{
    Algorithm, AlgorithmSet, Expected, ExpectedType, KeySource, Leeway, TokenPolicy, TrustedIssuer, Verifier,
    VerifyError,
};

use crate::{
    commands::token,
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `token verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The token, or - for stdin.
    #[arg(allow_hyphen_values = true)]
    token: String,
    /// The issuer's keys: a file, or an address.
    #[arg(long, value_name = "FILE|URL")]
    jwks: String,
    /// Who must have issued it.
    #[arg(long, required_unless_present = "insecure_any_issuer", conflicts_with = "insecure_any_issuer")]
    issuer: Option<TrustedIssuer>,
    /// For whom it must be.
    #[arg(long, required_unless_present = "insecure_any_audience", conflicts_with = "insecure_any_audience")]
    audience: Option<Audience>,
    /// An algorithm that it may be signed with; may be repeated. Any of ours if left out.
    #[arg(long = "alg", value_name = "ALG")]
    algorithms: Vec<Algorithm>,
    /// The `typ` that it must have, or `any`.
    #[arg(long, value_name = "TYPE", default_value = "at+jwt")]
    typ: WantedType,
    /// A scope that it must have; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// How many seconds clocks may be apart.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    leeway: u64,
    /// Verify it as of another time: RFC 3339, or seconds since 1970.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    now: Option<Moment>,
    /// Accept any issuer. For looking at tokens, never for guarding anything.
    #[arg(long)]
    insecure_any_issuer: bool,
    /// Accept any audience. For looking at tokens, never for guarding anything.
    #[arg(long)]
    insecure_any_audience: bool,
}

impl Verify {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let policy = self.policy()?;
        let source = KeySource::url_or_file(&self.jwks)
            .map_err(|error| Failure::Refused(anyhow::Error::new(error).context(self.jwks.clone())))?;
        let token = token::text(self.token)?;
        let origin = Verifier::builder(policy, source).without_background().build();
        let now = self.now.map_or_else(|| SystemClock.now(), |Moment(now)| now);
        match origin.verify_at(&token, now) {
            Ok(verified) => screen.json(verified.claims().all()),
            Err(error @ VerifyError::Unavailable { .. }) => Err(error.into()),
            Err(error) => {
                screen.say(format_args!("refused: {error} ({})", error.reason()));
                Err(Failure::Said)
            }
        }
    }

    fn policy(&self) -> Result<TokenPolicy, Failure> {
        // Left out only where the insecure flag stands in their place; clap sees to it.
        let issuer = self.issuer.clone().map_or(Expected::Any, Expected::exactly);
        let audience = self.audience.clone().map_or(Expected::Any, Expected::exactly);
        let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
        let leeway = Leeway::new(Duration::from_secs(self.leeway)).map_err(|error| usage(&error))?;
        let scopes = ScopeSet::new(self.scopes.clone()).map_err(|error| usage(&error))?;
        let mut policy = TokenPolicy::new(issuer, audience)
            .with_type(self.typ.0.clone())
            .with_leeway(leeway)
            .with_scopes(scopes);
        if let Some(algorithms) = AlgorithmSet::of(self.algorithms.iter().copied()) {
            policy = policy.with_algorithms(algorithms);
        }
        Ok(policy)
    }
}

/// A `typ`, or any.
#[derive(Debug, Clone)]
struct WantedType(ExpectedType);

impl FromStr for WantedType {
    type Err = mintgate_verify::InvalidPolicy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "any" { Ok(Self(ExpectedType::Any)) } else { ExpectedType::exactly(text).map(Self) }
    }
}

/// A time in either spelling.
#[derive(Debug, Clone, Copy)]
struct Moment(Timestamp);

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let seconds = text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        seconds.or_else(|| text.parse().ok()).map(Self).ok_or("expected RFC 3339 or seconds since 1970")
    }
}
