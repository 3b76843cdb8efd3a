//! The decision to let a caller through, as a value that only a route can make.

use std::sync::Arc;

use mintgate_types::{Audience, OriginName, RouteName, ScopeSet};

use crate::route::{OriginIndex, Route};

/// Somebody whose credential was verified.
pub trait Caller {
    /// What the credential may be used for.
    fn scopes(&self) -> &ScopeSet;
}

/// A route let this caller through. It cannot be made, copied or changed elsewhere, and it carries the caller and the
/// route that decided, so whatever is derived from it (a token, a cache entry) depends on exactly those.
#[derive(Debug)]
#[must_use = "a permit that nobody acts on lets nobody through"]
pub struct Permit<C> {
    caller: C,
    route: Arc<Route>,
}

/// A caller that a route does not let through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The credential lacks scopes.
    #[error("the route needs the scopes `{needed}`")]
    InsufficientScope {
        /// All the scopes that the route asks for.
        needed: ScopeSet,
    },
    /// A public route asks for nothing, so it decides nothing.
    #[error("a public route gives no permit")]
    Public,
}

impl<C> Permit<C> {
    pub(crate) fn grant(caller: C, route: Arc<Route>) -> Self {
        Self { caller, route }
    }

    /// Who was let through.
    pub fn caller(&self) -> &C {
        &self.caller
    }

    /// The route that decided.
    #[must_use]
    pub fn route(&self) -> &Arc<Route> {
        &self.route
    }

    /// The route's name.
    #[must_use]
    pub fn route_name(&self) -> &RouteName {
        self.route.name()
    }

    /// Whom a token for this permit is for.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        self.route.audience()
    }

    /// Where the request may go.
    #[must_use]
    pub fn origin(&self) -> &OriginName {
        self.route.origin()
    }

    /// The same, as a position.
    #[must_use]
    pub fn origin_index(&self) -> OriginIndex {
        self.route.origin_index()
    }

    /// The scopes that the route asked for.
    #[must_use]
    pub fn required_scopes(&self) -> &ScopeSet {
        self.route.scopes()
    }
}
