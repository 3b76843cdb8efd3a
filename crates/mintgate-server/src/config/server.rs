//! `[server]`: the data listener and its limits.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use serde_json::{Value as Json, json};

use super::{
    base_url::{BaseUrl, Scheme},
    problem::Finding,
    quantity::{Bound, Period, Size},
    section::{Default, Section},
    setting::{At, TextSetting},
};

/// Where requests come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// The addresses to listen on; at least one, no two alike.
    pub listen: Vec<SocketAddr>,
    /// How callers and verifiers reach the gateway.
    pub public_url: BaseUrl,
    /// How many workers; `None` for one per core.
    pub workers: Option<u32>,
    /// The peers whose `X-Forwarded-*` headers count; nobody's by default.
    pub trusted_proxies: Vec<IpNet>,
    /// The realm in `WWW-Authenticate`.
    pub realm: String,
    /// How long requests in flight may take to finish once the process was told to stop.
    pub shutdown_grace: Duration,
    /// What a request may be at most.
    pub limits: LimitsConfig,
}

/// What a request may be at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Bytes of request line and headers together.
    pub header_bytes: usize,
    /// Header lines.
    pub header_count: usize,
    /// Bytes of the request target.
    pub uri_bytes: usize,
    /// Bytes of the body; `None` for any number.
    pub body_bytes: Option<u64>,
    /// How long the head of a request may take to arrive.
    pub header_timeout: Duration,
    /// How long a body may stand still.
    pub body_idle_timeout: Duration,
    /// How long a connection is kept open between requests.
    pub idle_timeout: Duration,
    /// Connections per worker.
    pub connections: usize,
}

/// `[server]` as far as it could be read, with the places that later checks need.
pub(crate) struct ServerSection {
    pub(crate) listen: Vec<At<SocketAddr>>,
    pub(crate) config: Option<ServerConfig>,
}

pub(crate) fn read(section: &mut Section<'_>) -> ServerSection {
    let listen = section.required::<Vec<At<SocketAddr>>>(
        "listen",
        "The addresses to listen on for requests, such as `[\"127.0.0.1:8080\"]`.",
    );
    let public_url = section.required::<BaseUrl>(
        "public_url",
        "How callers and verifiers reach the gateway, such as `https://api.example.com`. The issuer is this and \
         `issuer.path`.",
    );
    let workers = section.within(
        "workers",
        Default::Number(0),
        0..=1024,
        "How many worker threads; 0 for one per core.",
    );
    let trusted = section.defaulted::<Vec<At<TrustedNet>>>(
        "trusted_proxies",
        Default::EmptyList,
        "Networks of the proxies before the gateway whose `X-Forwarded-*` headers count. Nobody's by default.",
    );
    let realm =
        section.defaulted::<Realm>("realm", Default::Text("mintgate"), "The realm in `WWW-Authenticate`.");
    let shutdown_grace = section.within(
        "shutdown_grace",
        Default::Text("30s"),
        Period::seconds(0)..=Period::hours(1),
        "How long requests in flight may take to finish once the process was told to stop.",
    );
    let limits = section.section("limits", "What a request may be at most.", read_limits);
    let listen_at = listen.clone().map(|listen| listen.value).unwrap_or_default();
    check_listen(section, listen.as_ref());
    check_trust(section, &trusted.value);
    check_public_url(section, public_url.as_ref());
    let config = public_url.map(|public_url| ServerConfig {
        listen: listen_at.iter().map(|at| at.value).collect(),
        public_url: public_url.value,
        workers: Some(workers.value).filter(|workers| *workers > 0),
        trusted_proxies: trusted.value.into_iter().map(|at| at.value.0).collect(),
        realm: realm.value.0,
        shutdown_grace: shutdown_grace.value.get(),
        limits,
    });
    ServerSection { listen: listen_at, config }
}

fn read_limits(section: &mut Section<'_>) -> LimitsConfig {
    /// What a target can be parsed at.
    const LONGEST_TARGET: u64 = 63 * 1024;
    const MIB: u64 = 1 << 20;
    let second_to_hour = || Period::seconds(1)..=Period::hours(1);
    let size = |section: &mut Section<'_>, key, default, most, meaning: &str| {
        section
            .within(key, Default::Text(default), Size::bytes(512)..=Size::bytes(most), meaning)
            .value
            .in_memory()
    };
    let header_bytes =
        size(section, "header_bytes", "32KiB", MIB, "Bytes of request line and headers together.");
    let uri_bytes = size(section, "uri_bytes", "8KiB", LONGEST_TARGET, "Bytes of the request target.");
    let header_count = section.within("header_count", Default::Number(100), 1..=256, "Header lines.");
    let body_bytes = section.defaulted::<Bound>(
        "body_bytes",
        Default::Text("10MiB"),
        "Bytes of the body, or `unlimited`.",
    );
    let mut period = |key, default, meaning: &str| {
        section.within(key, Default::Text(default), second_to_hour(), meaning).value.get()
    };
    let header_timeout =
        period("header_timeout", "10s", "How long the head of a request may take to arrive.");
    let body_idle_timeout = period("body_idle_timeout", "30s", "How long a body may stand still.");
    let idle_timeout = period("idle_timeout", "75s", "How long a connection is kept open between requests.");
    let connections =
        section.within("connections", Default::Number(10_000), 1..=1_000_000, "Connections per worker.");
    LimitsConfig {
        header_bytes,
        header_count: header_count.value as usize,
        uri_bytes,
        body_bytes: body_bytes.value.get(),
        header_timeout,
        body_idle_timeout,
        idle_timeout,
        connections: connections.value as usize,
    }
}

fn check_listen(section: &Section<'_>, listen: Option<&At<Vec<At<SocketAddr>>>>) {
    let Some(listen) = listen else { return };
    if listen.value.is_empty() {
        let finding = Finding::new(listen.span.clone(), "`server.listen` must have at least one address");
        section.ledger().problem(finding);
    }
    for (position, at) in listen.value.iter().enumerate() {
        let earlier = listen.value[..position].iter().find(|other| other.value == at.value);
        if let Some(earlier) = earlier.filter(|_| at.value.port() != 0) {
            let finding = Finding::new(at.span.clone(), format!("`{}` is listed twice", at.value))
                .related(earlier.span.clone(), "first here");
            section.ledger().problem(finding);
        }
    }
}

fn check_trust(section: &Section<'_>, trusted: &[At<TrustedNet>]) {
    for net in trusted.iter().filter(|net| net.value.0.prefix_len() == 0) {
        let finding = Finding::new(net.span.clone(), "everybody is trusted to say who they are")
            .advice("list the proxies that stand before the gateway, and nobody else");
        section.ledger().warning(finding);
    }
}

fn check_public_url(section: &Section<'_>, public_url: Option<&At<BaseUrl>>) {
    let Some(at) = public_url else { return };
    if at.value.scheme() == Scheme::Http && !at.value.is_loopback() {
        let finding = Finding::new(at.span.clone(), "keys and verifiers' JWKS travel in the clear")
            .advice("use an https URL, with TLS ending before the gateway");
        section.ledger().warning(finding);
    }
}

/// A network, or one address.
#[derive(Debug, Clone, Copy)]
struct TrustedNet(IpNet);

impl TextSetting for TrustedNet {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        let hint = "write an address or a network, such as `10.0.0.0/8`".to_owned();
        text.parse().or(address).map(Self).map_err(|_| ("not a network".to_owned(), Some(hint)))
    }
}

/// Text that can stand in quotes in a header as it is.
#[derive(Debug, Clone)]
struct Realm(String);

impl TextSetting for Realm {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        let plain = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b'"' && byte != b'\\';
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err((
                "must be 1 to 64 visible ASCII characters and spaces, without `\"` and `\\`".to_owned(),
                None,
            ))
        }
    }

    fn shape() -> Json {
        json!({ "minLength": 1, "maxLength": 64 })
    }
}
