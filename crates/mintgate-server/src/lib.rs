//! Assembly: configuration in, running process out. No logic of its own.
//!
//! [`config`] reads `mintgate.toml`, [`init`] writes the first one, and [`serve`] runs a node: store, snapshot,
//! issuer, exchange, data plane and admin API, started from the bottom up and stopped from the top down.

mod admin_plane;
pub mod config;
mod data_plane;
pub mod init;
mod jobs;
mod key_judge;
mod lifecycle;
mod node;
mod pages;
mod priority;
mod reload;
mod replica_port;
mod restore;
mod running_config;
mod sign_in;
mod signing_control;
mod usage;

pub use lifecycle::{Lifecycle, Stop};
pub use node::{ServeError, serve};
pub use restore::{RestoreFailure, RestoreWish, restore};
pub use sign_in::SignInError;
