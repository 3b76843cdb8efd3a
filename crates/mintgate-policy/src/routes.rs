//! All routes, and the one that a request takes.

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::FixedState;
use http::Method;
use mintgate_types::RouteName;

use crate::{
    host::{HostBuffer, HostName},
    method::MethodSet,
    path::RequestPath,
    route::Route,
    tree::{Leaf, Tree},
};

/// Routes without conflicts. The most specific one wins: first by host (one that the route names, before any), then
/// by path, segment for segment. The methods of the winner then decide: a request is never handed on to a less
/// specific path because of its method.
#[derive(Debug)]
pub struct Routes {
    all: Vec<Arc<Route>>,
    by_host: HashMap<Box<str>, Tree, FixedState>,
    any_host: Tree,
    takes_any_host: bool,
}

/// Two routes between which nothing but their order could decide.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteConflict {
    /// Two routes of one name.
    #[error("there are two routes named `{name}`")]
    Name {
        /// The name.
        name: RouteName,
        /// The later one's position.
        position: usize,
    },
    /// One path, host and method for two routes.
    #[error("route `{name}` takes {methods} for the same path{} as route `{rival}`", on(.host.as_ref()))]
    Overlap {
        /// The later route.
        name: RouteName,
        /// The later route's position.
        position: usize,
        /// The earlier route.
        rival: RouteName,
        /// The host for which both are; `None` for any.
        host: Option<HostName>,
        /// The methods that both take.
        methods: MethodSet,
    },
}

/// Why a request takes no route.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoRoute {
    /// No route is for that host.
    #[error("no route is for this host")]
    UnknownHost,
    /// No route is for that path.
    #[error("no route is for this path")]
    NotFound,
    /// A segment with path parameters (`admin;x`) names a route's literal once they are cut off, as some origins do.
    #[error("the path would name another route without its path parameters")]
    AmbiguousPath,
    /// The route for that path does not take the method.
    #[error("the path takes {allow} only")]
    MethodNotAllowed {
        /// What it takes, for the `Allow` header.
        allow: MethodSet,
    },
}

impl Routes {
    /// The set of `routes`, or everything that stands between them.
    pub fn new(routes: Vec<Route>) -> Result<Self, Vec<RouteConflict>> {
        let mut set = Self {
            all: routes.into_iter().map(Arc::new).collect(),
            by_host: HashMap::default(),
            any_host: Tree::default(),
            takes_any_host: false,
        };
        let mut conflicts = Vec::new();
        for (position, route) in set.all.clone().iter().enumerate() {
            if set.all[..position].iter().any(|other| other.name() == route.name()) {
                conflicts.push(RouteConflict::Name { name: route.name().clone(), position });
            }
            set.insert(route, position, &mut conflicts);
        }
        if conflicts.is_empty() { Ok(set) } else { Err(conflicts) }
    }

    /// The route that a request takes. `host` is the `Host` header's value, empty where there is none.
    pub fn find(&self, host: &str, path: &RequestPath<'_>, method: &Method) -> Result<&Arc<Route>, NoRoute> {
        let leaf = self.leaf(host, path)?;
        let allowed = leaf.route(method);
        allowed.ok_or_else(|| NoRoute::MethodNotAllowed { allow: leaf.allow().clone() })
    }

    /// All routes, in the order of the configuration.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Route>> {
        self.all.iter()
    }

    /// A copy that shares nothing with this one, so that workers on different cores do not fight over the counters
    /// of shared routes on every request.
    #[must_use]
    pub fn for_worker(&self) -> Self {
        let copies = self.all.iter().map(|route| Route::clone(route)).collect();
        Self::new(copies).expect("these routes have no conflicts")
    }

    fn leaf(&self, host: &str, path: &RequestPath<'_>) -> Result<&Leaf, NoRoute> {
        let mut buffer = HostBuffer::new();
        // A request without a host (HTTP/1.0, or an empty `Host`) can only take a route for any.
        let host = if host.is_empty() { "" } else { buffer.canonical(host).ok_or(NoRoute::UnknownHost)? };
        let known = self.by_host.get(host);
        if known.is_none() && !self.takes_any_host {
            return Err(NoRoute::UnknownHost);
        }
        for tree in [known, Some(&self.any_host)].into_iter().flatten() {
            if let Some(leaf) = tree.find(path).map_err(|_| NoRoute::AmbiguousPath)? {
                return Ok(leaf);
            }
        }
        Err(NoRoute::NotFound)
    }

    fn insert(&mut self, route: &Arc<Route>, position: usize, conflicts: &mut Vec<RouteConflict>) {
        let conflict = |rival: Arc<Route>, host: Option<&HostName>| RouteConflict::Overlap {
            name: route.name().clone(),
            position,
            rival: rival.name().clone(),
            host: host.cloned(),
            methods: MethodSet::new(route.methods().overlap(rival.methods()))
                .expect("rivals share methods that both forward"),
        };
        let mut hosts: Vec<_> = route.hosts().iter().collect();
        hosts.sort();
        hosts.dedup();
        if hosts.is_empty() {
            self.takes_any_host = true;
            let rivals = self.any_host.insert(route.pattern(), route).err().unwrap_or_default();
            conflicts.extend(rivals.into_iter().map(|rival| conflict(rival, None)));
        }
        for host in hosts {
            let tree = self.by_host.entry(host.as_str().into()).or_default();
            let rivals = tree.insert(route.pattern(), route).err().unwrap_or_default();
            conflicts.extend(rivals.into_iter().map(|rival| conflict(rival, Some(host))));
        }
    }
}

fn on(host: Option<&HostName>) -> String {
    host.map(|host| format!(" on host `{host}`")).unwrap_or_default()
}
