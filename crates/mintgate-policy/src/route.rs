//! One route: what it matches, where it leads and what it asks for.

use std::{borrow::Cow, sync::Arc, time::Duration};

use mintgate_types::{Audience, OriginName, RouteName, ScopeSet};

use crate::{
    credential::CredentialSources,
    host::HostName,
    method::MethodSet,
    path::RequestPath,
    pattern::{PathPattern, PathPrefix},
    permit::{Caller, Denied, Permit},
};

/// What a route asks of a request. There is no default: whoever writes a route says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// A valid key.
    ApiKey,
    /// Nothing. The request goes to the origin without any credential, and no token is minted.
    Public,
}

impl Requirement {
    /// The word in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::ApiKey => "api-key",
        }
    }
}

/// The position of an origin in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginIndex(pub usize);

/// What the configuration says of one route.
#[derive(Debug, Clone)]
pub struct RouteSettings {
    /// How logs and people call it.
    pub name: RouteName,
    /// The hosts that it is for; empty for any.
    pub hosts: Vec<HostName>,
    /// The paths that it is for.
    pub pattern: PathPattern,
    /// The methods that it takes.
    pub methods: MethodSet,
    /// Where it leads.
    pub origin: OriginName,
    /// The same, as a position.
    pub origin_index: OriginIndex,
    /// Whom the minted tokens are for: the origin's audience.
    pub audience: Audience,
    /// What it asks for.
    pub requirement: Requirement,
    /// The scopes that a caller must have, all of them.
    pub scopes: ScopeSet,
    /// Where it looks for a credential.
    pub credentials: CredentialSources,
    /// What is cut off the path before it goes to the origin.
    pub strip_prefix: Option<PathPrefix>,
    /// How long the origin may take to begin its answer, where that differs from the origin's own setting.
    pub response_timeout: Option<Duration>,
}

/// A route whose settings fit together.
#[derive(Debug, Clone)]
pub struct Route(RouteSettings);

/// Settings of a route that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRoute {
    /// Paths match that do not begin with the prefix.
    #[error("`strip_prefix` must be a literal beginning of the route's path")]
    StripPrefix,
    /// Nobody would check them.
    #[error("a public route checks no scopes")]
    PublicWithScopes,
    /// Nobody would look there.
    #[error("a public route takes no key")]
    PublicWithCredentials,
}

impl Route {
    /// A route with these settings.
    pub fn new(settings: RouteSettings) -> Result<Self, InvalidRoute> {
        if settings.strip_prefix.as_ref().is_some_and(|prefix| !prefix.begins(&settings.pattern)) {
            return Err(InvalidRoute::StripPrefix);
        }
        if settings.requirement == Requirement::Public {
            if !settings.scopes.is_empty() {
                return Err(InvalidRoute::PublicWithScopes);
            }
            if settings.credentials != CredentialSources::default() {
                return Err(InvalidRoute::PublicWithCredentials);
            }
        }
        Ok(Self(settings))
    }

    /// Judges a caller whose credential was verified. The permit holds everything that the judgement depended on.
    pub fn authorize<C: Caller>(self: &Arc<Self>, caller: C) -> Result<Permit<C>, Denied> {
        match self.0.requirement {
            Requirement::Public => Err(Denied::Public),
            Requirement::ApiKey if caller.scopes().covers(&self.0.scopes) => {
                Ok(Permit::grant(caller, Arc::clone(self)))
            }
            Requirement::ApiKey => Err(Denied::InsufficientScope { needed: self.0.scopes.clone() }),
        }
    }

    /// The path that the origin gets: as it came, less `strip_prefix`. `path` is one that this route matched.
    #[must_use]
    pub fn outbound_path<'p>(&self, path: &RequestPath<'p>) -> &'p str {
        match path.as_str().get(self.stripped(path.as_str())..) {
            None | Some("") => "/",
            Some(rest) => rest,
        }
    }

    /// Path and query that the origin gets. Borrowed but for the rare `/prefix?query`, which needs a slash added.
    #[must_use]
    pub fn outbound_target<'p>(&self, path: &RequestPath<'p>) -> Cow<'p, str> {
        match path.target().get(self.stripped(path.as_str())..) {
            None | Some("") => Cow::Borrowed("/"),
            Some(rest) if rest.starts_with('/') => Cow::Borrowed(rest),
            Some(query) => Cow::Owned(format!("/{query}")),
        }
    }

    /// How many bytes of the raw path the prefix takes. It counts segments: a matched path's first segments equal
    /// the prefix once decoded, and no escape hides a slash, so raw and decoded path lose the same segments.
    fn stripped(&self, path: &str) -> usize {
        let Some(prefix) = &self.0.strip_prefix else { return 0 };
        let mut slashes = path.bytes().enumerate().filter(|(_, byte)| *byte == b'/');
        slashes.nth(prefix.length()).map_or(path.len(), |(position, _)| position)
    }

    /// How logs and people call it.
    #[must_use]
    pub fn name(&self) -> &RouteName {
        &self.0.name
    }

    /// The hosts that it is for; empty for any.
    #[must_use]
    pub fn hosts(&self) -> &[HostName] {
        &self.0.hosts
    }

    /// The paths that it is for.
    #[must_use]
    pub fn pattern(&self) -> &PathPattern {
        &self.0.pattern
    }

    /// The methods that it takes.
    #[must_use]
    pub fn methods(&self) -> &MethodSet {
        &self.0.methods
    }

    /// Where it leads.
    #[must_use]
    pub fn origin(&self) -> &OriginName {
        &self.0.origin
    }

    /// Where it leads, as a position.
    #[must_use]
    pub fn origin_index(&self) -> OriginIndex {
        self.0.origin_index
    }

    /// Whom the minted tokens are for.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.0.audience
    }

    /// What it asks for.
    #[must_use]
    pub fn requirement(&self) -> Requirement {
        self.0.requirement
    }

    /// The scopes that a caller must have, all of them.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.0.scopes
    }

    /// Where it looks for a credential.
    #[must_use]
    pub fn credentials(&self) -> &CredentialSources {
        &self.0.credentials
    }

    /// What is cut off the path before it goes to the origin.
    #[must_use]
    pub fn strip_prefix(&self) -> Option<&PathPrefix> {
        self.0.strip_prefix.as_ref()
    }

    /// How long the origin may take to begin its answer, where that differs from the origin's own setting.
    #[must_use]
    pub fn response_timeout(&self) -> Option<Duration> {
        self.0.response_timeout
    }
}
