//! Routes and permits: which route a request takes, what it asks for, and the decision to let a caller through.
//!
//! Pure decisions: no I/O, no clock, no headers of a request beyond its target, host and method. [`Routes::find`] and
//! [`Route::authorize`] run on every request and neither allocate nor lock.
//!
//! Three promises:
//! - A [`RequestPath`] has one reading. What an origin could read as another path is refused, never cleaned up, so
//!   the bytes that were matched are the bytes that are forwarded.
//! - Which route wins depends on the set of routes alone, never on their order.
//! - A [`Permit`] exists only where a route weighed a caller's scopes; a public route never gives one.
//!
//! The reasons stand in `docs/decisions/002-paths.md`.

mod credential;
mod host;
mod method;
mod path;
mod pattern;
mod permit;
mod route;
mod routes;
mod tree;

pub use credential::{
    CredentialSources, InvalidCredentialHeader, InvalidCredentialQuery, KeyHeader, KeyQuery,
};
pub use host::{HostName, InvalidHost};
pub use method::{InvalidMethod, MethodSet};
pub use path::{PathRefusal, RequestPath};
pub use pattern::{InvalidPattern, PathPattern, PathPrefix};
pub use permit::{Caller, Denied, Permit};
pub use route::{InvalidRoute, OriginIndex, Requirement, Route, RouteSettings};
pub use routes::{NoRoute, RouteConflict, Routes};
