//! What the data plane needs to know, all of it parsed.

use std::{net::SocketAddr, time::Duration};

use http::HeaderValue;
use ipnet::IpNet;
use mintgate_policy::Routes;
use mintgate_types::OriginName;

use crate::connection::{ClientTimeouts, HeadLimits};

/// How the data plane is set up.
pub struct ProxyConfig {
    /// Where to listen. Every worker has a listener of its own on each address.
    pub listen: Vec<SocketAddr>,
    /// How many workers; at least one.
    pub workers: usize,
    /// Connections that a worker serves at once; more wait to be accepted.
    pub connections_per_worker: usize,
    /// How often a worker hands over what it counted.
    pub count_interval: Duration,
    /// What may change while it runs.
    pub settings: Settings,
}

/// What may change while a data plane runs. Requests under way keep what they began with.
pub struct Settings {
    /// Which route a request takes.
    pub routes: Routes,
    /// Where routes lead, by their origin's index.
    pub origins: Vec<OriginConfig>,
    /// How every request is treated.
    pub gate: GateConfig,
}

/// How every request is treated.
#[derive(Debug, Clone)]
pub struct GateConfig {
    /// What `WWW-Authenticate` names.
    pub realm: Realm,
    /// Who may say for whom a request is forwarded. Nobody, unless somebody is named.
    pub trusted_proxies: Vec<IpNet>,
    /// The path of the issuer, without a trailing slash.
    pub issuer_path: String,
    /// How large a head may be.
    pub head: HeadLimits,
    /// How large a body may be.
    pub body: BodyLimit,
    /// How long a client may take.
    pub client: ClientTimeouts,
    /// How long a client may take for the next piece of a body.
    pub body_timeout: Duration,
}

/// How large a request body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLimit {
    /// So many bytes.
    Bytes(u64),
    /// Whatever the origin takes.
    Unlimited,
}

/// A realm for `WWW-Authenticate`: printable ASCII without quotes and backslashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm(Box<str>);

/// Text that cannot be a realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a realm must be 1 to 128 printable ASCII characters without `\"` and `\\`")]
pub struct InvalidRealm;

impl Realm {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Realm {
    type Err = InvalidRealm;

    fn from_str(text: &str) -> Result<Self, InvalidRealm> {
        let holds = (1..=128).contains(&text.len())
            && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\');
        if holds { Ok(Self(text.into())) } else { Err(InvalidRealm) }
    }
}

/// A protected backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginConfig {
    /// As the configuration calls it.
    pub name: OriginName,
    /// Its host: a name, or an address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What it is told in `Host`.
    pub host_header: HostHeader,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long it may take to begin an answer, and for each further piece of it.
    pub response_timeout: Duration,
    /// How long a connection is kept for the next request. Shorter than the origin keeps it, or requests are lost.
    pub idle_timeout: Duration,
    /// How many connections each worker keeps.
    pub idle_connections: usize,
}

/// What an origin is told in `Host`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostHeader {
    /// What the client said.
    Preserve,
    /// This.
    Fixed(HeaderValue),
}
