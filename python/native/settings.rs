//! What a verifier is made of, parsed from a constructor's arguments and kept, because a verifier is made again after
//! `fork`.

use std::{str::FromStr, time::Duration};

use mintgate_types::ScopeSet;
use mintgate_verify::{
    AlgorithmSet, CacheSettings, Expected, ExpectedType, KeySource, Leeway, PlainHttp, TokenPolicy,
    TrustedIssuer, Verifier,
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

pub(crate) struct Settings {
    policy: TokenPolicy,
    source: KeySource,
    cache: CacheSettings,
    timeout: Duration,
    remember_tokens: usize,
}

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
        scopes: ScopeSet,
        plain: Plain,
    ) -> Result<Self, InvalidSetting> {
        let leeway = Leeway::new(seconds("leeway", plain.leeway)?)?;
        let mut policy =
            TokenPolicy::new(issuer.expected::<TrustedIssuer>("issuer")?, audience.expected("audience")?)
                .with_type(plain.typ.map_or(Ok(ExpectedType::Any), |typ| ExpectedType::exactly(&typ))?)
                .with_leeway(leeway)
                .with_scopes(scopes);
        if let Some(names) = algorithms {
            policy = policy.with_algorithms(parse_algorithms(names)?);
        }
        let plain_http =
            if plain.allow_plain_http { PlainHttp::AllowedAnywhere } else { PlainHttp::LoopbackOnly };
        let max_age = seconds("max_age", plain.max_age)?;
        let usual = CacheSettings::usual();
        Ok(Self {
            policy,
            source: source(issuer, place, plain_http)?,
            cache: CacheSettings {
                usual_max_age: max_age,
                shortest_max_age: usual.shortest_max_age.min(max_age),
                cool_down: seconds("cool_down", plain.cool_down)?,
                stale_limit: seconds("stale_limit", plain.stale_limit)?,
                ..usual
            },
            timeout: seconds("timeout", plain.timeout)?,
            remember_tokens: plain.remember_tokens,
        })
    }

    /// A verifier that begins to fetch at once.
    pub(crate) fn build(&self) -> Verifier {
        Verifier::builder(self.policy.clone(), self.source.clone())
            .cache(self.cache.clone())
            .timeout(self.timeout)
            .remember_tokens(self.remember_tokens)
            .build()
    }
}

fn source(issuer: &OneOrMore, place: Place, plain_http: PlainHttp) -> Result<KeySource, InvalidSetting> {
    Ok(match place {
        Place::Json(text) => KeySource::json(&text)?,
        Place::Url(url) => KeySource::url(&url, plain_http)?,
        Place::Issuer => match issuer.texts()[..] {
            [name] => KeySource::issuer(name, plain_http)?,
            _ => {
                return Err(InvalidSetting::of(
                    "issuer",
                    &"with several issuers, jwks_uri or jwks must be given",
                ));
            }
        },
    })
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

const LONGEST: f64 = 31.0 * 86_400.0;
