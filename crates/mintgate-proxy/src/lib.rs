//! The data plane: listen, check, exchange, forward.
//!
//! One worker for each core, each with its own runtime, listeners and origin connections; they share the exchange
//! and nothing else. `request.rs` is the way of one request; `stack.rs` is what surrounds it; `connection/` reads
//! client bytes strictly; `headers/` says what passes; `origin/` speaks with origins; `reply.rs` turns every refusal
//! into a reply. Towards clients HTTP is hyper's work (`docs/decisions/005-data-plane.md`).

mod body;
mod config;
mod connection;
mod credential;
mod documents;
mod gates;
mod headers;
mod listen;
mod open;
mod origin;
mod proxy;
mod refusal;
mod reply;
mod request;
mod stack;
mod ticks;
mod usage;
mod worker;

pub use config::{
    BodyLimit, GateConfig, HostHeader, InvalidRealm, OriginConfig, ProxyConfig, Realm, Settings,
};
pub use connection::{ClientTimeouts, HeadLimits};
pub use proxy::{Proxy, ProxyDeps, StartError, Stopped};
pub use usage::Counted;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use {connection::requests, origin::answer};
