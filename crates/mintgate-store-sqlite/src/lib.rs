//! The embedded store: one `SQLite` file behind the traits of `mintgate-store`.
//!
//! What it promises beyond those traits: a change that was confirmed is on disk and survives a crash of the process
//! and of the machine; one process at a time; a damaged file is reported and never read as something else. What it is
//! not: shared between nodes. Changes go through one writer (`writer.rs`), which commits those that wait together in
//! one transaction; reads have connections of their own and never wait for it. The tables are described in
//! `docs/data-model.md`, the choice in `docs/decisions/003-store.md`.

mod admin_token;
mod audit;
mod backup;
mod bucket;
mod bulk;
mod candidates;
mod change;
mod check;
mod consumer;
mod consumer_row;
mod consumer_search;
mod consumer_value;
mod failure;
mod file;
mod key;
mod key_row;
mod key_search;
mod label;
mod ledger;
mod like;
mod load;
mod lookup;
mod managed;
mod receipt;
mod removal;
mod restore;
mod row;
mod schema;
mod session;
mod signing_key;
mod store;
mod usage;
mod writer;

pub use restore::{Restore, RestoreError, Restored, restore};
pub use store::SqliteStore;
