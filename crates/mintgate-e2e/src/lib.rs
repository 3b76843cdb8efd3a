//! Boots the real binary against real and hostile origins.
//!
//! A [`Gateway`] is a folder, a configuration and a running `mintgate serve`; an [`Origin`] is a server on a thread
//! that keeps every byte it got; a [`Wire`] is a connection on which a test says exactly the bytes that it means to.
//! Nothing here shares code with what is tested: a mistake in how the product reads HTTP must not be made twice.
//!
//! Everything is bounded in time, listens on the loopback address only and ends with the value that holds it. Tests
//! can run side by side, each with a gateway of its own.

mod admin;
mod binary;
mod gateway;
mod log;
mod message;
mod origin;
mod ports;
mod process;
mod program;
mod request;
mod settings;
mod tools;
mod wire;

pub use admin::{Admin, Issued};
pub use binary::{axum_example, mintgate};
pub use gateway::Gateway;
pub use message::{Head, Reply};
pub use origin::{Origin, Recorded, Visit};
pub use ports::ReservedPort;
pub use process::Process;
pub use program::{Ran, Server, run, run_beside};
pub use request::Request;
pub use settings::GatewayBuilder;
pub use tools::{envoy, faketime_library, node, python, repository};
pub use wire::{End, Wire, raw};

use std::time::Duration;

/// How long a test waits for something that should come at once. Long, because machines are busy; bounded, because
/// what never comes must fail.
pub const PATIENCE: Duration = Duration::from_secs(20);
