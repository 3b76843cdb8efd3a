//! `mintgate explain METHOD URL`

use std::path::PathBuf;

use clap::Args;
use http::Method;
use mintgate_policy::{CredentialSources, NoRoute, RequestPath, Requirement, Route};
use mintgate_server::config::Config;
use serde::Serialize;

use crate::{
    args::FormatArgs,
    commands::check,
    failure::{Failure, Outcome},
    remote::USUAL_CONFIG,
    screen::Screen,
};

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The method, such as GET.
    method: Method,
    /// The URL as a caller would write it, or a path below the public URL.
    url: String,
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = USUAL_CONFIG)]
    config: PathBuf,
    #[command(flatten)]
    format: FormatArgs,
}

/// What a request meets.
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum Explained {
    /// The request takes a route.
    Route(Box<RouteTaken>),
    /// The gateway answers itself: its keys and what tells where they are.
    Issuer { issuer: String },
    /// The gateway refuses.
    Refused { status: u16, reason: String },
}

#[derive(Debug, PartialEq, Serialize)]
struct RouteTaken {
    route: String,
    path: String,
    origin: String,
    origin_url: String,
    target: String,
    /// `None` where no token is minted.
    audience: Option<String>,
    auth: &'static str,
    scopes: Vec<String>,
    credential: Vec<String>,
}

impl Explain {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let (host, target) = split(&self.url)?;
        let (config, _) = check::load(&self.config, screen)?;
        let explained = explain(&config, &self.method, host, target);
        if self.format.json {
            screen.json(&explained)?;
        } else {
            tell(&explained, screen)?;
        }
        match explained {
            Explained::Refused { .. } => Err(Failure::Said),
            _ => Ok(()),
        }
    }
}

/// Host and target of a URL, in the bytes that a client would send. A URL library would normalise what the gateway
/// refuses.
fn split(url: &str) -> Result<(&str, &str), Failure> {
    if url.starts_with('/') {
        return Ok(("", url));
    }
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let rest =
        rest.ok_or_else(|| Failure::Usage(format!("{url} is neither a path nor an http or https URL")))?;
    let rest = rest.split('#').next().unwrap_or(rest);
    match rest.find(['/', '?']) {
        Some(at) if rest[at..].starts_with('/') => Ok((&rest[..at], &rest[at..])),
        Some(_) => Err(Failure::Usage("write a slash before the query".to_owned())),
        None => Ok((rest, "/")),
    }
}

fn explain(config: &Config, method: &Method, host: &str, target: &str) -> Explained {
    let refused =
        |status, reason: &dyn std::fmt::Display| Explained::Refused { status, reason: reason.to_string() };
    let path = match RequestPath::parse(target) {
        Ok(path) => path,
        Err(refusal) => return refused(400, &refusal),
    };
    if is_issuers(config, path.as_str()) {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return refused(405, &"the issuer's documents can only be read");
        }
        return Explained::Issuer { issuer: config.issuer.issuer.to_string() };
    }
    let public = config.server.public_url.authority();
    let host = if host.is_empty() { &public } else { host };
    match config.routes.find(host, &path, method) {
        Ok(route) => Explained::Route(Box::new(taken(config, route, &path))),
        Err(none @ NoRoute::MethodNotAllowed { .. }) => refused(405, &none),
        Err(none @ NoRoute::AmbiguousPath) => refused(400, &none),
        Err(none) => refused(404, &none),
    }
}

/// Whether the gateway answers this path itself, before any route is asked.
fn is_issuers(config: &Config, path: &str) -> bool {
    let below = path.strip_prefix(config.issuer.path.as_str());
    let documents = ["/.well-known/jwks.json", "/.well-known/openid-configuration"];
    below.is_some_and(|rest| documents.contains(&rest))
        || path.strip_prefix("/.well-known/oauth-authorization-server") == Some(config.issuer.path.as_str())
}

fn taken(config: &Config, route: &Route, path: &RequestPath<'_>) -> RouteTaken {
    let origin = &config.origins[route.origin_index().0];
    let (auth, audience) = match route.requirement() {
        Requirement::ApiKey => ("api-key", Some(route.audience().to_string())),
        Requirement::Public => ("public", None),
        _ => ("unknown", None),
    };
    let credential = if audience.is_some() { sources(route.credentials()) } else { Vec::new() };
    RouteTaken {
        route: route.name().to_string(),
        path: route.pattern().as_str().to_owned(),
        origin: origin.name.to_string(),
        origin_url: origin.url.to_string(),
        target: route.outbound_target(path).into_owned(),
        audience,
        auth,
        scopes: route.scopes().iter().map(ToString::to_string).collect(),
        credential,
    }
}

fn sources(credentials: &CredentialSources) -> Vec<String> {
    let mut sources = vec!["Authorization: Bearer".to_owned()];
    sources.extend(credentials.header.as_ref().map(|header| format!("header {}", header.name())));
    sources.extend(credentials.query.as_ref().map(|query| format!("query parameter {}", query.as_str())));
    sources
}

fn tell(explained: &Explained, screen: &mut Screen) -> Outcome {
    match explained {
        Explained::Issuer { issuer } => screen.line(format_args!("answered by the issuer {issuer}")),
        Explained::Refused { status, reason } => screen.line(format_args!("refused with {status}: {reason}")),
        Explained::Route(route) => {
            screen.line(format_args!("route     {} ({})", route.route, route.path))?;
            screen
                .line(format_args!("origin    {} at {}{}", route.origin, route.origin_url, route.target))?;
            match &route.audience {
                None => screen.line("auth      public: no key is asked for, and no token is minted"),
                Some(audience) => {
                    screen.line(format_args!(
                        "auth      {} from {}",
                        route.auth,
                        route.credential.join(" or ")
                    ))?;
                    screen.line(format_args!("audience  {audience}"))?;
                    let scopes = route.scopes.join(" ");
                    screen
                        .line(format_args!("scopes    {}", if scopes.is_empty() { "none" } else { &scopes }))
                }
            }
        }
    }
}
