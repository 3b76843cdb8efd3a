//! Whole files.

use std::{net::SocketAddr, path::Path, time::Duration};

use mintgate_policy::{OriginIndex, Requirement};
use mintgate_signing::{RsaKeySize, SigningAlgorithm};
use mintgate_types::SignedDuration;

use super::{LEAST, and, taken};
use crate::config::{
    HostHeader, LogFormat, LogLevel, OriginProfile, SecretSource, StoreLocation, load, parse, schema,
};

/// As the README and the contracts show it.
const CONTRACT: &str = r#"
[server]
listen = ["0.0.0.0:8080"]
public_url = "https://api.example.com"
workers = 0                                # 0: one per core

[admin]
listen = "127.0.0.1:8081"                  # never the data listener

[store]
url = "sqlite:data/mintgate.db"            # or postgres://...
master_key_file = "data/master.key"

[issuer]
path = "/__mintgate/issuer"                # any path: "/__zuplo/issuer" makes us a drop-in for Zuplo's verifiers
algorithm = "RS256"                        # RS256 PS256 ES256 EdDSA
token_lifetime = "5m"
rotate_every = "30d"
jwks_max_age = "5m"

[[origin]]
name = "orders"
url = "http://127.0.0.1:8000"
audience = "orders"                        # default: the origin's name
profile = "cherrypy"                       # which header aliases that stack collapses; default: drop them all

[[route]]
path = "/v1/orders/{*rest}"
methods = ["GET", "POST"]
origin = "orders"
auth = "api-key"                           # or ["api-key", "jwt:idp"] (any of), or "public"; there is no default
scopes = ["orders:read"]
"#;

#[test]
fn the_contract_is_taken_as_it_stands() {
    let (config, warnings) = parse(CONTRACT, "/etc/mintgate/mintgate.toml").expect("no problems");
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(config.server.listen, ["0.0.0.0:8080".parse::<SocketAddr>().expect("an address")]);
    assert_eq!(config.server.workers, None);
    assert_eq!(config.issuer.issuer.as_str(), "https://api.example.com/__mintgate/issuer");
    assert_eq!(config.issuer.policy.algorithm(), SigningAlgorithm::Rs256);
    assert_eq!(config.issuer.policy.token_lifetime().as_duration(), SignedDuration::from_mins(5));
    assert_eq!(config.store.location, StoreLocation::Sqlite("/etc/mintgate/data/mintgate.db".into()));
    assert_eq!(config.store.master_key, SecretSource::File("/etc/mintgate/data/master.key".into()));
    assert_eq!(config.admin.token, SecretSource::File("/etc/mintgate/data/admin.token".into()));
    assert_eq!(config.origins[0].profile, OriginProfile::CherryPy);
    let routes: Vec<_> = config.routes.iter().collect();
    assert_eq!(routes[0].name().as_str(), "v1-orders-rest");
    assert_eq!(routes[0].methods().to_string(), "GET, POST");
    assert_eq!(routes[0].scopes().to_string(), "orders:read");
    assert_eq!(routes[0].origin_index(), OriginIndex(0));
    assert_eq!(routes[0].requirement(), Requirement::ApiKey);
}

#[test]
fn what_is_left_out_is_careful() {
    let config = taken(LEAST);
    let limits = &config.server.limits;
    assert_eq!((limits.header_bytes, limits.header_count, limits.uri_bytes), (32 << 10, 100, 8 << 10));
    assert_eq!(limits.body_bytes, Some(10 << 20));
    assert_eq!(limits.header_timeout, Duration::from_secs(10));
    assert_eq!(limits.body_idle_timeout, Duration::from_secs(30));
    assert_eq!(limits.idle_timeout, Duration::from_secs(75));
    assert_eq!(config.server.realm, "mintgate");
    assert_eq!(config.server.shutdown_grace, Duration::from_secs(30));
    assert!(config.admin.listen.ip().is_loopback());
    assert_eq!(config.issuer.path, "/__mintgate/issuer");
    assert_eq!(config.issuer.rsa_key_size, RsaKeySize::Bits2048);
    assert_eq!(config.issuer.policy.publication(), SignedDuration::from_mins(6));
    let origin = &config.origins[0];
    assert_eq!(origin.audience.as_str(), "orders");
    assert_eq!(origin.profile, OriginProfile::Strict);
    assert_eq!(origin.host, HostHeader::Preserve);
    assert_eq!(origin.connect_timeout, Duration::from_secs(2));
    assert_eq!(origin.response_timeout, Duration::from_mins(1));
    let route = config.routes.iter().next().expect("a route");
    assert_eq!(route.name().as_str(), "rest");
    assert_eq!(route.methods().to_string(), "GET, HEAD, POST, PUT, PATCH, DELETE");
    assert!(route.credentials().header.is_none() && route.credentials().query.is_none());
    assert_eq!((config.log.format, config.log.level), (LogFormat::Text, LogLevel::Info));
}

#[test]
fn r09_without_trusted_proxies_nobody_is_trusted() {
    assert!(taken(LEAST).server.trusted_proxies.is_empty());
    let some = LEAST.replace("[store]", "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n[store]");
    let nets: Vec<_> = taken(&some).server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(nets, ["10.0.0.0/8", "::1/128"]);
}

#[test]
fn a_file_is_read_with_its_paths_relative_to_its_folder() {
    let place = tempfile::tempdir().expect("a place");
    let path = place.path().join("mintgate.toml");
    std::fs::write(&path, LEAST).expect("a file");
    let (config, _) = load(&path).expect("no problems");
    assert_eq!(config.store.location, StoreLocation::Sqlite(place.path().join("data/mintgate.db")));
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_like_others() {
    let place = tempfile::tempdir().expect("a place");
    let missing = load(&place.path().join("none.toml")).expect_err("no file");
    assert!(missing.to_string().contains("cannot be read: No such file"), "{missing}");
    let path = place.path().join("latin1.toml");
    std::fs::write(&path, b"[server]\n# caf\xe9\n").expect("a file");
    let report = load(&path).expect_err("not UTF-8");
    assert!(report.to_string().contains("line 2 is not UTF-8"), "{report}");
    assert!(load(Path::new("/")).is_err());
}

#[test]
fn routes_without_a_name_get_one_from_their_path_and_no_two_the_same() {
    let config = taken(&and(r#"
[[route]]
path = "/"
origin = "orders"
auth = "api-key"
[[route]]
name = "a-b"
path = "/x"
origin = "orders"
auth = "api-key"
[[route]]
path = "/A/b"
methods = ["GET"]
origin = "orders"
auth = "api-key"
[[route]]
path = "/A/b"
methods = ["POST"]
origin = "orders"
auth = "api-key"
"#));
    let names: Vec<_> = config.routes.iter().map(|route| route.name().to_string()).collect();
    assert_eq!(names, ["rest", "root", "a-b", "a-b-2", "a-b-3"]);
}

#[test]
fn the_schema_knows_every_section_and_refuses_other_keys() {
    let schema = schema();
    let sections: Vec<_> = schema["properties"].as_object().expect("an object").keys().cloned().collect();
    assert_eq!(sections, ["admin", "claims", "issuer", "log", "origin", "route", "server", "store", "usage"]);
    assert_eq!(schema["additionalProperties"], false);
    let limits = &schema["properties"]["server"]["properties"]["limits"];
    assert_eq!(limits["properties"]["header_bytes"]["default"], "32KiB");
    let route = &schema["properties"]["route"]["items"];
    assert_eq!(route["required"], serde_json::json!(["path", "origin", "auth"]));
    assert!(route["properties"]["auth"].get("default").is_none());
    assert_eq!(schema["properties"]["log"]["properties"]["level"]["enum"][0], "error");
}

/// Goes through all settings of a schema: `section.key`, with its schema.
fn settings(schema: &serde_json::Value, name: &str, found: &mut Vec<(String, serde_json::Value)>) {
    let table = schema.get("items").filter(|items| items.get("properties").is_some()).unwrap_or(schema);
    let Some(properties) = table.get("properties").and_then(|properties| properties.as_object()) else {
        found.push((name.to_owned(), schema.clone()));
        return;
    };
    for (key, inner) in properties {
        let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        settings(inner, &name, found);
    }
}

#[test]
fn every_setting_and_its_default_stand_in_the_documentation() {
    let page = include_str!("../../../../../docs/configuration.md");
    let mut all = Vec::new();
    settings(&schema(), "", &mut all);
    assert!(all.len() > 50, "{}", all.len());
    for (name, schema) in all {
        let (section, key) = name.rsplit_once('.').unwrap_or(("", &name));
        let part = page.split("\n## ").find(|part| {
            part.starts_with(&format!("`[{section}]`")) || part.starts_with(&format!("`[[{section}]]`"))
        });
        let part = part.or_else(|| page.split("\n## ").find(|part| part.starts_with(&format!("`[{key}]`"))));
        let part = part.unwrap_or_else(|| panic!("no part for {name}"));
        if section.is_empty() {
            continue;
        }
        let row = part.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
        let row = row.unwrap_or_else(|| panic!("no row for {name}"));
        if let Some(default) = schema.get("default") {
            let default = format!("| `{default}` |");
            assert!(row.contains(&default), "{name}: {default} in {row}");
        }
    }
}
