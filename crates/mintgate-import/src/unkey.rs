//! Keys of Unkey: pages of `apis.listKeys` (with `decrypt` where keys are recoverable), or rows of the table `keys` of an
//! installation of one's own, which has SHA-256 of each key in base64.

use mintgate_admin_api::{KeyHash, KeyText};
use mintgate_types::{Scope, Timestamp};
use secrecy::SecretString;

use crate::{
    collect::{Collector, ConsumerFacts, KeyFacts, KeyMaterial},
    json,
    node::Node,
};

pub(crate) fn read(text: &str, collector: &mut Collector) {
    json::items(text, &["data", "keys", "rows"], collector, &mut key);
}

fn key(node: &Node, collector: &mut Collector) {
    let line = node.line;
    if node.says("enabled", false) || node.text_of("enabled") == Some("0") {
        return collector.leave_out(line, "the key is disabled");
    }
    if node.get_any(&["deletedAt", "deletedAtM", "deleted_at", "deleted_at_m"]).is_some() {
        return collector.leave_out(line, "the key was deleted");
    }
    let material = match material(node) {
        Ok(material) => material,
        Err(message) => return collector.reject(line, message),
    };
    let expires = match expiry(node) {
        Ok(expires) => expires,
        Err(message) => return collector.reject(line, message),
    };
    let Some(owner) = owner(node) else {
        return collector
            .reject(line, "the key has neither an owner nor an id that could be its consumer's name");
    };
    let metadata = node.get_any(&["meta", "metadata"]).map(metadata_of);
    if metadata == Some(None) {
        collector.not_carried(line, "metadata that is no JSON object");
    }
    let mut metadata = metadata.flatten().unwrap_or_default();
    // What the owner's identity says is the consumer's before what a key of theirs does.
    let identity = node.get("identity").and_then(|identity| identity.get("meta"));
    metadata.extend(identity.and_then(metadata_of).unwrap_or_default());
    for (members, what) in NOT_CARRIED {
        if members.iter().any(|member| node.has(member)) {
            collector.not_carried(line, what);
        }
    }
    // Several keys of one owner may say different things: what the first says is the consumer's.
    let first =
        collector.known(owner).and_then(|name| Some(collector.described(&name)?.metadata == metadata));
    if first == Some(false) && !metadata.is_empty() {
        collector.not_carried(line, "metadata of an owner's further keys");
    }
    let facts = first.is_none().then(|| ConsumerFacts { metadata, ..ConsumerFacts::default() });
    let Some(name) = collector.consumer_called(line, owner, facts) else { return };
    let mut scopes = Vec::new();
    for permission in node.items_of("permissions").iter().filter_map(Node::text) {
        if permission.parse::<Scope>().is_ok() {
            scopes.push(permission.to_owned());
        } else {
            collector.not_carried(line, "permissions whose names cannot be scopes");
        }
    }
    let label = node.text_of("name").or_else(|| node.text_of("start")).map(str::to_owned);
    collector.key(line, name, material, KeyFacts { label, scopes, expires });
}

fn material(node: &Node) -> Result<KeyMaterial, String> {
    if let Some(text) = node.text_of("plaintext").or_else(|| node.text_of("key")) {
        return Ok(KeyMaterial::Text(KeyText::from(SecretString::from(text))));
    }
    let hash = node.get("hash").ok_or(
        "has neither hash nor plaintext: list keys with decrypt, or take the column hash from the database",
    )?;
    // As keys are handed to Unkey's own migrations: a value and how it was made.
    let (value, variant) = match hash.text() {
        Some(value) => (Some(value), None),
        None => (hash.text_of("value"), hash.text_of("variant")),
    };
    match variant {
        None | Some("sha256_base64" | "sha256_hex" | "sha256_base64url") => {}
        Some(_) => return Err("the variant of the hash is not one of SHA-256".to_owned()),
    }
    let value = value.ok_or("the hash has no value")?;
    Ok(KeyMaterial::Sha256(KeyHash::from(SecretString::from(value))))
}

/// Who the key is for: the identity's external id, whichever version wrote it; the key's own id where nobody is.
fn owner(node: &Node) -> Option<&str> {
    let identity = node.get("identity").and_then(|identity| identity.text_of("externalId"));
    let named = ["externalId", "external_id", "ownerId", "owner_id"];
    identity
        .or_else(|| named.into_iter().find_map(|member| node.text_of(member)))
        .or_else(|| node.text_of("keyId"))
        .or_else(|| node.text_of("id"))
}

/// An object; or, in the database, its text.
fn metadata_of(node: &Node) -> Option<serde_json::Map<String, serde_json::Value>> {
    match node.text() {
        Some(text) => serde_json::from_str(text).ok(),
        None => node.is_map().then(|| node.object()),
    }
}

/// Milliseconds since 1970, or a time in words; in the database it is one in UTC that does not say so.
fn expiry(node: &Node) -> Result<Option<Timestamp>, &'static str> {
    const NO_TIME: &str = "expires is no time";
    let Some(text) = node.text_of("expires") else { return Ok(None) };
    match text.parse::<i64>() {
        Ok(0) => Ok(None),
        Ok(milliseconds) => Timestamp::from_millisecond(milliseconds).map(Some).map_err(|_| NO_TIME),
        Err(_) => text.parse().or_else(|_| format!("{text}Z").parse()).map(Some).map_err(|_| NO_TIME),
    }
}

const NOT_CARRIED: [(&[&str], &str); 4] = [
    (&["ratelimits", "ratelimit", "ratelimit_limit"], "rate limits"),
    (&["credits", "remaining", "remaining_requests", "refill", "refill_amount"], "credits and their refills"),
    (&["roles"], "roles"),
    (&["environment"], "environments"),
];
