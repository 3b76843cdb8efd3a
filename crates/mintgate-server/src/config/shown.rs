//! The configuration as admins may see it: every setting under its name in the file, those that were left out included.
//!
//! Written out setting by setting, so that a new one is shown when somebody decides that it may be. Secrets are not in a
//! [`Config`] to begin with; here stands where they come from.

use std::{fmt::Display, time::Duration};

use mintgate_policy::Route;
use mintgate_signing::RsaKeySize;
use mintgate_types::SignedDuration;
use serde_json::{Map, Value as Json, json};

use super::{
    AdminConfig, Config, IssuerConfig, LimitsConfig, OidcConfig, OriginConfig, ServerConfig, StoreConfig,
    StoreLocation,
    quantity::{Period, Size},
    secrets::SecretSource,
};

impl Config {
    /// All sections, for those who may read everything but secrets.
    #[must_use]
    pub fn shown(&self) -> Map<String, Json> {
        let mut sections = Map::new();
        let mut add = |name: &str, section: Json| drop(sections.insert(name.to_owned(), section));
        add("server", server(&self.server));
        add("admin", admin(&self.admin));
        add("store", store(&self.store));
        add("issuer", issuer(&self.issuer));
        add(
            "claims",
            self.claims.sources().map(|(claim, source)| (claim.to_string(), text(source))).collect(),
        );
        add("origin", self.origins.iter().map(origin).collect());
        add("route", self.routes.iter().map(|it| route(it)).collect());
        add("usage", json!({ "interval": period(self.usage.interval) }));
        add("log", json!({ "format": self.log.format.as_str(), "level": self.log.level.as_str() }));
        sections
    }
}

fn server(server: &ServerConfig) -> Json {
    json!({
        "listen": texts(&server.listen),
        "public_url": text(&server.public_url),
        "workers": server.workers.unwrap_or(0),
        "trusted_proxies": texts(&server.trusted_proxies),
        "realm": server.realm,
        "shutdown_grace": period(server.shutdown_grace),
        "limits": limits(&server.limits),
    })
}

fn admin(admin: &AdminConfig) -> Json {
    let mut shown = json!({
        "listen": text(admin.listen),
        "public_url": admin.public_url.as_ref().map_or_else(|| format!("http://{}", admin.listen), ToString::to_string),
        "session_lifetime": period(admin.session_lifetime),
        "self_service": admin.self_service,
        "priority": admin.priority.as_str(),
    });
    secret(&mut shown, "token", &admin.token);
    if let Some(provider) = &admin.oidc {
        shown["oidc"] = oidc(provider);
    }
    shown
}

fn oidc(oidc: &OidcConfig) -> Json {
    let grants = oidc.grants.iter().map(|grant| {
        let mut shown = json!({ "group": grant.group, "role": grant.role.as_str() });
        if let Some(buckets) = &grant.buckets {
            shown["buckets"] = texts(buckets);
        }
        shown
    });
    let mut shown = json!({
        "name": oidc.name,
        "issuer": oidc.issuer,
        "client_id": oidc.client_id,
        "scopes": oidc.scopes,
        "groups_claim": oidc.groups_claim,
        "grant": grants.collect::<Json>(),
    });
    if let Some(source) = &oidc.client_secret {
        secret(&mut shown, "client_secret", source);
    }
    shown
}

fn limits(limits: &LimitsConfig) -> Json {
    json!({
        "header_bytes": size(limits.header_bytes as u64),
        "header_count": limits.header_count,
        "uri_bytes": size(limits.uri_bytes as u64),
        "body_bytes": limits.body_bytes.map_or_else(|| json!("unlimited"), size),
        "header_timeout": period(limits.header_timeout),
        "body_idle_timeout": period(limits.body_idle_timeout),
        "idle_timeout": period(limits.idle_timeout),
        "connections": limits.connections,
    })
}

fn store(store: &StoreConfig) -> Json {
    let StoreLocation::Sqlite(path) = &store.location;
    let mut shown = json!({ "url": format!("sqlite:{}", path.display()) });
    secret(&mut shown, "master_key", &store.master_key);
    shown
}

fn issuer(issuer: &IssuerConfig) -> Json {
    let policy = &issuer.policy;
    json!({
        "path": issuer.path,
        "algorithm": text(policy.algorithm()),
        "rsa_bits": match issuer.rsa_key_size {
            RsaKeySize::Bits2048 => 2048,
            RsaKeySize::Bits3072 => 3072,
            RsaKeySize::Bits4096 => 4096,
        },
        "token_lifetime": span(policy.token_lifetime().as_duration()),
        "rotate_every": span(policy.rotate_every()),
        "jwks_max_age": span(policy.jwks_max_age()),
        "propagation_margin": span(policy.propagation_margin()),
    })
}

fn origin(origin: &OriginConfig) -> Json {
    json!({
        "name": text(&origin.name),
        "url": text(&origin.url),
        "audience": text(&origin.audience),
        "profile": origin.profile.as_str(),
        "host": origin.host.as_str(),
        "connect_timeout": period(origin.connect_timeout),
        "response_timeout": period(origin.response_timeout),
        "idle_timeout": period(origin.idle_timeout),
        "max_idle_connections": origin.max_idle_connections,
    })
}

fn route(route: &Route) -> Json {
    let credentials = route.credentials();
    let mut shown = json!({
        "name": text(route.name()),
        "hosts": texts(route.hosts()),
        "path": text(route.pattern()),
        "methods": texts(route.methods().iter()),
        "origin": text(route.origin()),
        "auth": route.requirement().as_str(),
        "scopes": texts(route.scopes().iter()),
    });
    let mut add = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            shown[name] = value;
        }
    };
    add("api_key_header", credentials.header.as_ref().map(|header| text(header.name())));
    add("api_key_query", credentials.query.as_ref().map(|query| json!(query.as_str())));
    add("strip_prefix", route.strip_prefix().map(|prefix| json!(prefix.as_str())));
    add("timeout", route.response_timeout().map(period));
    shown
}

/// Where a secret comes from, under the name that says so in the file.
fn secret(section: &mut Json, name: &str, source: &SecretSource) {
    let (end, place) = match source {
        SecretSource::File(path) => ("file", path.display().to_string()),
        SecretSource::Variable(variable) => ("env", variable.clone()),
    };
    section[format!("{name}_{end}")] = json!(place);
}

fn text(value: impl Display) -> Json {
    Json::String(value.to_string())
}

fn texts<T: Display>(values: impl IntoIterator<Item = T>) -> Json {
    values.into_iter().map(text).collect()
}

fn size(bytes: u64) -> Json {
    text(Size::bytes(bytes))
}

fn period(duration: Duration) -> Json {
    let milliseconds =
        u64::try_from(duration.as_millis()).expect("the ranges of these settings end long before");
    text(Period::milliseconds(milliseconds))
}

fn span(duration: SignedDuration) -> Json {
    period(duration.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        [server]
        listen = ["127.0.0.1:8080"]
        public_url = "http://127.0.0.1:8080"
        [admin]
        token_env = "MINTGATE_TOKEN"
        public_url = "https://admin.example.com"
        [admin.oidc]
        issuer = "https://id.example.com"
        client_id = "mintgate"
        client_secret_env = "MINTGATE_CLIENT_SECRET"
        [[admin.oidc.grant]]
        group = "support"
        role = "operator"
        buckets = ["production"]
        [store]
        url = "sqlite:data/mintgate.db"
        master_key_file = "data/master.key"
        [issuer]
        rotate_every = "30d"
        [claims]
        plan = "metadata.plan"
        [[origin]]
        name = "orders"
        url = "http://127.0.0.1:8000"
        [[route]]
        path = "/v1/orders/{*rest}"
        origin = "orders"
        auth = "api-key"
        scopes = ["orders:read"]
        api_key_header = "X-Key"
        api_key_query = "key"
        strip_prefix = "/v1"
        timeout = "3s"
    "#;

    fn shown() -> Map<String, Json> {
        let (config, _) =
            super::super::parse(TEXT, "/etc/mintgate/mintgate.toml").expect("a good configuration");
        config.shown()
    }

    #[test]
    fn what_was_left_out_is_shown_with_its_default() {
        let shown = shown();
        assert_eq!(shown["server"]["limits"]["body_bytes"], "10MiB");
        assert_eq!(shown["issuer"]["rotate_every"], "30d");
        assert_eq!(shown["issuer"]["token_lifetime"], "5m");
        assert_eq!(shown["origin"][0]["audience"], "orders");
        assert_eq!(shown["route"][0]["scopes"], json!(["orders:read"]));
        assert_eq!(shown["route"][0]["api_key_header"], "x-key");
        assert_eq!(shown["claims"]["plan"], "metadata.plan");
    }

    #[test]
    fn r38_secrets_are_shown_by_where_they_come_from() {
        let shown = shown();
        assert_eq!(shown["admin"]["token_env"], "MINTGATE_TOKEN");
        assert_eq!(shown["admin"]["oidc"]["client_secret_env"], "MINTGATE_CLIENT_SECRET");
        assert_eq!(shown["store"]["master_key_file"], "/etc/mintgate/data/master.key");
    }

    #[test]
    fn every_setting_that_the_schema_knows_is_shown() {
        let shown = Json::Object(shown());
        let mut missing = Vec::new();
        compare(&super::super::schema(), &shown, "", &mut missing);
        assert_eq!(missing, NOT_SHOWN);
    }

    /// The other ways to say where the secrets are, and what only speaks to the check of the file.
    const NOT_SHOWN: [&str; 4] = [
        "admin.oidc.client_secret_file",
        "admin.token_file",
        "origin.shared_audience",
        "store.master_key_env",
    ];

    fn compare(schema: &Json, shown: &Json, path: &str, missing: &mut Vec<String>) {
        let Some(properties) = schema["properties"].as_object() else { return };
        for (name, inner) in properties {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match shown.get(name) {
                None => missing.push(path),
                Some(Json::Array(items)) => {
                    compare(&inner["items"], items.first().unwrap_or(&Json::Null), &path, missing);
                }
                Some(value) => compare(inner, value, &path, missing),
            }
        }
    }
}
