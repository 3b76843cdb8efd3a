//! A valid API key becomes a short-lived token.
//!
//! [`Snapshot`] knows all keys, [`Replica`] keeps it up with the store, and [`Exchange`] does what the product is for:
//! presented key → [`Caller`] → (a route's permit) → [`Token`]. The request path takes no lock that is held for
//! longer than a look-up, never waits for the store, and signs on threads of its own. Knows nothing of HTTP
//! messages, so that it serves a proxy as well as a decision endpoint.

mod caller;
mod error;
mod exchange;
mod mint_pool;
mod replica;
mod snapshot;
mod token;
mod token_table;

pub use caller::{Caller, Grace};
pub use error::{KeyRefused, MintFailed};
pub use exchange::{Exchange, ExchangeConfig, ExchangeDeps};
pub use replica::Replica;
pub use snapshot::{Loader, Snapshot, SnapshotSize};
pub use token::Token;

/// Where `token_table` finds its lock; its model test puts another one here.
mod sync {
    pub(crate) use std::sync::{Mutex, MutexGuard};
}
