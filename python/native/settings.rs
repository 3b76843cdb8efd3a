//! What a verifier is made of, parsed from a constructor's arguments and kept, because a verifier is made again after
//! `fork`.

use std::{str::FromStr, time::Duration};

use mintgate_types::ScopeSet;
use mintgate_verify::{
    AlgorithmSet, CacheSettings, Expected, ExpectedType, InvalidPolicy, KeySource, Leeway, PlainHttp,
    TokenPolicy, TrustedIssuer, Verifier, VerifierBuilder,
};
use pyo3::prelude::*;

use crate::errors::InvalidSetting;

/// One text or several.
#[derive(FromPyObject)]
pub(crate) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text],
            Self::More(texts) => texts.iter().map(String::as_str).collect(),
        }
    }

    fn expected<T>(&self, name: &'static str) -> Result<Expected<T>, InvalidSetting>
    where
        T: FromStr<Err: ToString>,
    {
        let parse = |text: &str| text.parse().map_err(|error: T::Err| InvalidSetting::of(name, &error));
        let values = self.texts().into_iter().map(parse).collect::<Result<Vec<T>, _>>()?;
        Expected::one_of(values).map_err(|error| InvalidSetting::of(name, &error))
    }
}

/// Where keys come from, as the arguments say it.
pub(crate) enum Place {
    Issuer,
    Url(String),
    Json(Vec<u8>),
}

pub(crate) struct Settings(VerifierBuilder);

/// The arguments that are plain values.
pub(crate) struct Plain {
    pub(crate) typ: Option<String>,
    pub(crate) leeway: f64,
    pub(crate) timeout: f64,
    pub(crate) max_age: f64,
    pub(crate) cool_down: f64,
    pub(crate) stale_limit: f64,
    pub(crate) remember_tokens: usize,
    pub(crate) allow_plain_http: bool,
}

impl Settings {
    pub(crate) fn new(
        issuer: &OneOrMore,
        audience: &OneOrMore,
        place: Place,
        algorithms: Option<&[String]>,
        scopes: &ScopeSet,
        plain: &Plain,
    ) -> Result<Self, InvalidSetting> {
        let policy = |issuer: Expected<TrustedIssuer>| -> Result<TokenPolicy, InvalidSetting> {
            let typ = plain.typ.as_deref().map_or(Ok(ExpectedType::Any), ExpectedType::exactly)?;
            let policy = TokenPolicy::new(issuer, audience.expected("audience")?)
                .with_type(typ)
                .with_leeway(Leeway::new(seconds("leeway", plain.leeway)?)?)
                .with_scopes(scopes.clone());
            Ok(match algorithms {
                None => policy,
                Some(names) => policy.with_algorithms(parse_algorithms(names)?),
            })
        };
        let plain_http =
            if plain.allow_plain_http { PlainHttp::AllowedAnywhere } else { PlainHttp::LoopbackOnly };
        let expected = issuer.expected::<TrustedIssuer>("issuer")?;
        let builder = match place {
            Place::Json(text) => Verifier::builder(policy(expected)?, KeySource::json(&text)?),
            Place::Url(url) => Verifier::builder(policy(expected)?, KeySource::url(&url, plain_http)?),
            // Each issuer has keys of its own, which verify its tokens only.
            Place::Issuer => {
                let mut trusted = issuer.texts().into_iter().map(|name| -> Result<_, InvalidSetting> {
                    let name_alone = OneOrMore::One(name.to_owned()).expected("issuer")?;
                    Ok((policy(name_alone)?, KeySource::issuer(name, plain_http)?))
                });
                let (policy, source) =
                    trusted.next().ok_or_else(|| InvalidSetting::from(InvalidPolicy::NothingExpected))??;
                trusted.try_fold(Verifier::builder(policy, source), |builder, another| {
                    let (policy, source) = another?;
                    Ok::<_, InvalidSetting>(builder.and_issuer(policy, source)?)
                })?
            }
        };
        let max_age = some_seconds("max_age", plain.max_age)?;
        let usual = CacheSettings::usual();
        let cache = CacheSettings {
            usual_max_age: max_age,
            shortest_max_age: usual.shortest_max_age.min(max_age),
            cool_down: seconds("cool_down", plain.cool_down)?,
            stale_limit: seconds("stale_limit", plain.stale_limit)?,
            ..usual
        };
        let timeout = some_seconds("timeout", plain.timeout)?;
        Ok(Self(builder.cache(cache).timeout(timeout).remember_tokens(plain.remember_tokens)))
    }

    /// A verifier that begins to fetch at once.
    pub(crate) fn build(&self) -> Verifier {
        self.0.clone().build()
    }
}

fn parse_algorithms(names: &[String]) -> Result<AlgorithmSet, InvalidSetting> {
    let wrong = |problem: &dyn ToString| InvalidSetting::of("algorithms", problem);
    let algorithms = names
        .iter()
        .map(|name| name.parse().map_err(|error| wrong(&error)))
        .collect::<Result<Vec<_>, _>>()?;
    AlgorithmSet::of(algorithms).ok_or_else(|| wrong(&"at least one must be accepted"))
}

/// Scopes from one text, separated by spaces as in a token.
pub(crate) fn parse_scopes(text: &str) -> Result<ScopeSet, InvalidSetting> {
    text.parse().map_err(|error| InvalidSetting::of("scopes", &error))
}

fn seconds(name: &'static str, value: f64) -> Result<Duration, InvalidSetting> {
    if !(0.0..=LONGEST).contains(&value) {
        return Err(InvalidSetting::of(name, &"must be a number of seconds from 0 to 31 days"));
    }
    Ok(Duration::from_secs_f64(value))
}

/// Not zero: keys that are never fresh would be fetched without a pause, and with no time for it no fetch succeeds.
fn some_seconds(name: &'static str, value: f64) -> Result<Duration, InvalidSetting> {
    if value < SHORTEST {
        return Err(InvalidSetting::of(name, &"must be at least a hundredth of a second"));
    }
    seconds(name, value)
}

const SHORTEST: f64 = 0.01;
const LONGEST: f64 = 31.0 * 86_400.0;
