//! The built console, carried in the binary and served on the admin listener under a strict policy.
//!
//! Promises: what is served is what was built into the binary, nothing is read from disk; a page may load scripts,
//! styles and data from this listener only, and run no script that stands in the page. The files hold no data, so they
//! are open to everybody who reaches the listener; whatever the console shows comes from the admin API, which asks for a
//! credential. Beside it stands the reference of the admin API, which is made from its document. Not here: the console itself, which
//! is in `console/`, and signing in.

mod files;
mod page;
mod policy;
mod reference;
mod serve;

pub use reference::reference;
pub use serve::router;
