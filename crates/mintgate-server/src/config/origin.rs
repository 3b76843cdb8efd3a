//! `[[origin]]`: the protected backends.

use std::{ops::Range, time::Duration};

use mintgate_types::{Audience, OriginName};

use super::{
    base_url::{BaseUrl, Scheme},
    problem::Finding,
    quantity::Period,
    section::{Default, Ledger, Section},
    setting::{At, choice},
};

/// A protected backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginConfig {
    /// What routes and logs call it.
    pub name: OriginName,
    /// Where it is.
    pub url: BaseUrl,
    /// The `aud` of tokens for it.
    pub audience: Audience,
    /// Which spellings of header names its stack takes for one.
    pub profile: OriginProfile,
    /// What it gets as `Host`.
    pub host: HostHeader,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long it may take to begin its answer.
    pub response_timeout: Duration,
    /// How long an unused connection is kept; shorter than the origin keeps it.
    pub idle_timeout: Duration,
    /// How many unused connections each worker keeps.
    pub max_idle_connections: usize,
}

choice!(
    /// Which spellings of header names an origin's stack takes for one.
    OriginProfile {
        /// Nothing is known of it: every spelling that some stack folds is dropped.
        Strict = "strict",
        /// `CherryPy` on cheroot.
        CherryPy = "cherrypy",
    }
);

choice!(
    /// What an origin gets as `Host`.
    HostHeader {
        /// What the caller sent.
        Preserve = "preserve",
        /// The origin's own.
        Origin = "origin",
    }
);

/// An origin with the places that later checks need.
pub(crate) struct OriginSection {
    pub(crate) config: OriginConfig,
    pub(crate) name_span: Option<Range<usize>>,
    pub(crate) url_span: Option<Range<usize>>,
    audience_span: Option<Range<usize>>,
    shares_audience: bool,
}

pub(crate) fn read(section: &mut Section<'_>) -> Option<OriginSection> {
    let name = section.required::<OriginName>("name", "What routes and logs call the origin.");
    let url = section.required::<BaseUrl>("url", "Where the origin is: `http://`, host and port.");
    check_scheme(section, url.as_ref());
    let audience = section.optional::<Audience>(
        "audience",
        "The `aud` of tokens for this origin. The origin's name, if left out.",
    );
    let has_bad_audience = audience.is_none() && section.has("audience");
    let shares_audience = section.defaulted::<bool>(
        "shared_audience",
        Default::Flag(false),
        "Says that other origins have the same audience on purpose: a token for one is good at all of them.",
    );
    let profile = section.defaulted(
        "profile",
        Default::Text("strict"),
        "Which spellings of header names the origin's stack takes for one.",
    );
    let host = section.defaulted(
        "host",
        Default::Text("preserve"),
        "What the origin gets as `Host`: what the caller sent, or (`origin`) its own.",
    );
    let connect_timeout =
        period(section, "connect_timeout", "2s", "How long a connection may take to be made.");
    let response_timeout =
        period(section, "response_timeout", "60s", "How long the origin may take to begin its answer.");
    let idle_timeout = period(
        section,
        "idle_timeout",
        "4s",
        "How long an unused connection is kept. Must be shorter than the origin keeps it.",
    );
    let max_idle_connections = section.within(
        "max_idle_connections",
        Default::Number(128),
        0..=100_000,
        "How many unused connections each worker keeps.",
    );
    let (name, url) = (name?, url?);
    let audience_span = audience.as_ref().and_then(|at| at.span.clone()).or_else(|| name.span.clone());
    let audience = audience.map(|at| at.value);
    let audience = audience.unwrap_or_else(|| name.value.as_str().parse().expect("a name is an audience"));
    let config = OriginConfig {
        name: name.value,
        url: url.value,
        audience,
        profile: profile.value,
        host: host.value,
        connect_timeout,
        response_timeout,
        idle_timeout,
        max_idle_connections: max_idle_connections.value as usize,
    };
    let shares_audience = shares_audience.value || has_bad_audience;
    Some(OriginSection { config, name_span: name.span, url_span: url.span, audience_span, shares_audience })
}

/// Two origins of one name, or of one audience where that was not said.
pub(crate) fn check(origins: &[OriginSection], ledger: &Ledger) {
    for (position, origin) in origins.iter().enumerate() {
        let earlier = &origins[..position];
        let name = &origin.config.name;
        if let Some(first) = earlier.iter().find(|other| other.config.name == *name) {
            let finding =
                Finding::new(origin.name_span.clone(), format!("there are two origins named `{name}`"))
                    .related(first.name_span.clone(), "first here");
            ledger.problem(finding);
            continue;
        }
        let shares = |other: &&OriginSection| {
            other.config.audience == origin.config.audience
                && !(other.shares_audience && origin.shares_audience)
        };
        if let Some(first) = earlier.iter().find(shares) {
            let message = format!(
                "origins `{}` and `{name}` have the same audience, so a token for one is good at the other",
                first.config.name
            );
            let finding = Finding::new(origin.audience_span.clone(), message)
                .related(first.audience_span.clone(), "first here")
                .advice("give each its own `audience`, or set `shared_audience = true` in both");
            ledger.problem(finding);
        }
    }
}

/// Sending keys' tokens in the clear where TLS was asked for would be worse than not serving.
fn check_scheme(section: &Section<'_>, url: Option<&At<BaseUrl>>) {
    if let Some(at) = url.filter(|at| at.value.scheme() == Scheme::Https) {
        let finding = Finding::new(
            at.span.clone(),
            "`origin.url`: TLS towards origins is not available in this version",
        )
        .advice("use `http://` over a network that you trust, or a TLS proxy beside the gateway");
        section.ledger().problem(finding);
    }
}

fn period(section: &mut Section<'_>, key: &'static str, default: &'static str, meaning: &str) -> Duration {
    let range = Period::milliseconds(1)..=Period::hours(1);
    section.within(key, Default::Text(default), range, meaning).value.get()
}
