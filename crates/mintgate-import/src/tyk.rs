//! Keys of Tyk with their sessions: `GET /api/keys/detailed` of its dashboard, or sessions under their names in Redis.
//!
//! Tyk stores keys under a hash of them. Only SHA-256 of the whole key says enough to go on: murmur3 is no cryptographic
//! hash, so whoever has one can make a key for it, and we could not tell that from the real one.

use mintgate_admin_api::{KeyHash, KeyText};
use mintgate_types::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use crate::{
    collect::{Collector, ConsumerFacts, KeyFacts, KeyMaterial},
    json,
    node::Node,
    read::KeyHashing,
};

pub(crate) fn read(text: &str, hashing: Option<KeyHashing>, collector: &mut Collector) {
    let hashing = hashing.or_else(|| named_in(text));
    json::items(text, &["keys"], collector, &mut |node, collector| {
        let stored: Vec<_> = node.members().iter().filter(|(name, _)| name.starts_with(IN_REDIS)).collect();
        if stored.is_empty() {
            let id = node.text_of("key_id");
            return entry(node, id, node.text_of("key_hash"), hashing, collector);
        }
        for (name, session) in stored {
            let line = node.line;
            let id = name.strip_prefix(IN_REDIS);
            session_of(&Entry { line, id, hash: None, session }, hashing, collector);
        }
    });
}

/// A file may say in its first object how keys were hashed, as the gateway's configuration does.
fn named_in(text: &str) -> Option<KeyHashing> {
    #[derive(Deserialize)]
    struct Head {
        hash_key_function: Option<String>,
    }
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Head>();
    documents.next()?.ok()?.hash_key_function?.parse().ok()
}

struct Entry<'a> {
    line: u64,
    id: Option<&'a str>,
    hash: Option<&'a str>,
    session: &'a Node,
}

fn entry(
    node: &Node,
    id: Option<&str>,
    hash: Option<&str>,
    hashing: Option<KeyHashing>,
    collector: &mut Collector,
) {
    let Some(session) = node.get("data").filter(|data| data.is_map()) else {
        return collector
            .reject(node.line, "there is no session: use GET /api/keys/detailed, which has them");
    };
    session_of(&Entry { line: node.line, id, hash, session }, hashing, collector);
}

fn session_of(entry: &Entry<'_>, hashing: Option<KeyHashing>, collector: &mut Collector) {
    let Entry { line, session, .. } = *entry;
    for (member, what) in OTHER_CREDENTIALS {
        let held = session.get(member).map_or(&[][..], Node::members);
        if held.iter().any(|(_, value)| value.text().is_some_and(|text| !text.is_empty())) {
            return collector.leave_out(line, format!("is no API key, but {what}"));
        }
    }
    if session.says("is_inactive", true) {
        return collector.leave_out(line, "the key is inactive");
    }
    let material = match material(entry, hashing) {
        Ok(material) => material,
        Err(message) => return collector.reject(line, message),
    };
    for (member, what) in NOT_CARRIED {
        if session.has(member) && !matches!(session.text_of(member), Some("0" | "-1")) {
            collector.not_carried(line, what);
        }
    }
    let alias = session.text_of("alias");
    let Some(called) = alias.map(str::to_owned).or_else(|| unnamed(&material)) else {
        return collector.reject(line, "neither alias nor hash can be a name");
    };
    let tags = session.items_of("tags").iter().filter_map(Node::text);
    let facts = ConsumerFacts {
        subject: None,
        metadata: session.get("meta_data").map(Node::object).unwrap_or_default(),
        tags: tags.map(|tag| (tag.to_owned(), "true".to_owned())).collect(),
        managers: Vec::new(),
    };
    let expires = match expiry(session) {
        Ok(expires) => expires,
        Err(message) => return collector.reject(line, message),
    };
    let Some(name) = collector.consumer_called(line, &called, Some(facts)) else { return };
    collector.key(line, name, material, KeyFacts { expires, ..KeyFacts::default() });
}

/// Seconds since 1970; never, where there are none.
fn expiry(session: &Node) -> Result<Option<Timestamp>, &'static str> {
    const NO_TIME: &str = "the key's expires is no second since 1970";
    match session.get("expires").map(|_| session.integer("expires").ok_or(NO_TIME)).transpose()? {
        None | Some(..=0) => Ok(None),
        Some(seconds) => Timestamp::from_second(seconds).map(Some).map_err(|_| NO_TIME),
    }
}

fn material(entry: &Entry<'_>, hashing: Option<KeyHashing>) -> Result<KeyMaterial, String> {
    let text = |text: &str| KeyMaterial::Text(KeyText::from(SecretString::from(text)));
    let stored = entry.hash.or(entry.id).ok_or("there is neither key_id nor key_hash")?;
    match hashing {
        None => {
            Err("how Tyk hashed the key is not said: name its hash_key_function with --key-hash, or none if \
            hash_keys is false"
                .to_owned())
        }
        Some(KeyHashing::None) => Ok(text(entry.id.unwrap_or(stored))),
        Some(KeyHashing::Sha256) => Ok(KeyMaterial::Sha256(KeyHash::from(SecretString::from(stored)))),
        Some(murmur) => Err(format!(
            "the key is stored as {}, which says too little about it: have its holder give it to you in plain text, or \
             issue a new key",
            murmur.name()
        )),
    }
}

/// A name for a key whose session has none: the first 48 bits of its hash, so that it is the same the next time.
fn unnamed(material: &KeyMaterial) -> Option<String> {
    let digest = match material {
        KeyMaterial::Sha256(hash) => *hash.bytes().ok()?,
        KeyMaterial::Text(key) => {
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.expose().as_bytes());
            digest.as_ref().try_into().ok()?
        }
    };
    let start = digest.iter().take(6).fold(0_u64, |start, byte| start << 8 | u64::from(*byte));
    Some(format!("tyk-{start:012x}"))
}

const IN_REDIS: &str = "apikey-";

const OTHER_CREDENTIALS: [(&str, &str); 3] = [
    ("basic_auth_data", "a user with a password"),
    ("jwt_data", "a JWT secret"),
    ("oauth_keys", "an OAuth client"),
];

const NOT_CARRIED: [(&str, &str); 4] = [
    ("access_rights", "access rights to APIs: say them as scopes of routes and keys"),
    ("apply_policies", "policies"),
    ("rate", "rate limits"),
    ("quota_max", "quotas"),
];
