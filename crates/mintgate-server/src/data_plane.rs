//! From the configuration to what the data plane takes.

use std::{num::NonZeroUsize, thread};

use http::HeaderValue;
use mintgate_proxy::{
    BodyLimit, ClientTimeouts, GateConfig, HeadLimits, HostHeader, OriginConfig, ProxyConfig, Realm, Settings,
};

use crate::config::{self, Config};

/// How many workers the configuration asks for.
pub(crate) fn workers(config: &Config) -> usize {
    let asked = config.server.workers.and_then(|workers| NonZeroUsize::new(workers as usize));
    asked.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

/// The data plane that the configuration describes.
pub(crate) fn config(config: &Config) -> ProxyConfig {
    ProxyConfig {
        listen: config.server.listen.clone(),
        workers: workers(config),
        connections_per_worker: config.server.limits.connections,
        count_interval: config.usage.interval,
        settings: settings(config),
    }
}

/// The part of it that may change while it runs.
pub(crate) fn settings(config: &Config) -> Settings {
    let (server, limits) = (&config.server, &config.server.limits);
    Settings {
        routes: config.routes.for_worker(),
        origins: config.origins.iter().map(origin).collect(),
        gate: GateConfig {
            realm: server.realm.parse::<Realm>().expect("the configuration takes no other realm"),
            trusted_proxies: server.trusted_proxies.clone(),
            issuer_path: config.issuer.path.clone(),
            head: HeadLimits {
                bytes: limits.header_bytes,
                lines: limits.header_count,
                target: limits.uri_bytes,
            },
            body: limits.body_bytes.map_or(BodyLimit::Unlimited, BodyLimit::Bytes),
            client: ClientTimeouts {
                head: limits.header_timeout,
                idle: limits.idle_timeout,
                write: limits.body_idle_timeout,
            },
            body_timeout: limits.body_idle_timeout,
        },
    }
}

fn origin(origin: &config::OriginConfig) -> OriginConfig {
    let authority = || HeaderValue::try_from(origin.url.authority()).expect("an authority is visible ASCII");
    OriginConfig {
        name: origin.name.clone(),
        host: origin
            .url
            .address()
            .map_or_else(|| origin.url.host().as_str().to_owned(), |address| address.to_string()),
        port: origin.url.port(),
        host_header: match origin.host {
            config::HostHeader::Preserve => HostHeader::Preserve,
            config::HostHeader::Origin => HostHeader::Fixed(authority()),
        },
        connect_timeout: origin.connect_timeout,
        response_timeout: origin.response_timeout,
        idle_timeout: origin.idle_timeout,
        idle_connections: origin.max_idle_connections,
    }
}
