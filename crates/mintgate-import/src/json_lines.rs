//! A JSON object a line: a key with its consumer, or a consumer alone.

use std::collections::{BTreeMap, BTreeSet};

use mintgate_admin_api::{KeyHash, KeyText};
use mintgate_types::{ConsumerName, Manager, Managers, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::collect::{Collector, ConsumerFacts, KeyFacts, KeyMaterial};

/// A row, whichever format it came in.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) consumer: String,
    pub(crate) key: Option<KeyText>,
    pub(crate) sha256: Option<KeyHash>,
    pub(crate) label: Option<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) metadata: Option<Map<String, Value>>,
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) managers: Option<Vec<String>>,
}

pub(crate) fn read(bytes: &[u8], collector: &mut Collector) {
    for (number, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Row>(text) {
            Ok(row) => take(number, row, collector),
            Err(error) => collector.reject(number, what_is_wrong(&error)),
        }
    }
}

/// serde's messages quote values, which may be keys. Names of fields are ours or a typing error, unless keys are names.
fn what_is_wrong(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let of_a_name = ["missing field", "unknown field", "duplicate field"];
    if of_a_name.iter().any(|start| message.starts_with(start)) {
        let end = message.find(" at line").unwrap_or(message.len());
        let named = message.split('`').nth(1).unwrap_or_default();
        if named.len() <= LONGEST_NAME && named.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            return message[..end].to_owned();
        }
        return format!("has an unknown field, before column {}", error.column());
    }
    if error.is_data() {
        format!("a field has a wrong type, before column {}", error.column())
    } else if error.is_eof() {
        format!("the JSON object is cut off, at column {}", error.column())
    } else {
        format!("not a JSON object, at column {}", error.column())
    }
}

/// The longest of ours is `consumer`; `sha256` is never unknown.
const LONGEST_NAME: usize = 16;

/// Takes a row of our own formats, where nothing is bent to fit.
pub(crate) fn take(line: u64, row: Row, collector: &mut Collector) {
    let name = match row.consumer.parse::<ConsumerName>() {
        Ok(name) => name,
        Err(error) => return collector.reject(line, format!("consumer: {error}")),
    };
    let expires = match row.expires.as_deref().map(str::parse::<Timestamp>) {
        None => None,
        Some(Ok(expires)) if expires > collector.now() => Some(expires),
        Some(Ok(_)) => return collector.reject(line, "expires: must be in the future"),
        Some(Err(_)) => {
            return collector.reject(line, "expires: must be a time such as 2030-01-31T00:00:00Z");
        }
    };
    let says_who =
        row.subject.is_some() || row.metadata.is_some() || row.tags.is_some() || row.managers.is_some();
    let material = match (row.key, row.sha256) {
        (Some(key), None) => Some(KeyMaterial::Text(key)),
        (None, Some(hash)) => Some(KeyMaterial::Sha256(hash)),
        (None, None) if says_who => None,
        _ => return collector.reject(line, "exactly one of key and sha256 must be there"),
    };
    let managers = row.managers.unwrap_or_default();
    let read: Result<Vec<Manager>, _> = managers.iter().map(|manager| manager.parse()).collect();
    match read.map(Managers::try_from) {
        Err(error) => return collector.reject(line, format!("managers: {error}")),
        Ok(Err(error)) => return collector.reject(line, format!("managers: {error}")),
        Ok(Ok(_)) => {}
    }
    let facts = ConsumerFacts {
        subject: row.subject,
        metadata: row.metadata.unwrap_or_default(),
        tags: row.tags.unwrap_or_default(),
        managers,
    };
    if let Some(earlier) = collector.described(&name).filter(|_| says_who) {
        let subject = facts.subject.as_deref().unwrap_or(name.as_str());
        let tags = earlier.tags.iter().map(|(tag, value)| (tag.as_str(), value.as_str()));
        let agrees = subject == earlier.subject.as_ref().map_or(name.as_str(), |subject| subject.as_str())
            && facts.metadata == earlier.metadata
            && facts.managers.iter().map(String::as_str).collect::<BTreeSet<_>>()
                == earlier.managers.iter().map(Manager::as_str).collect()
            && tags.eq(facts.tags.iter().map(|(tag, value)| (tag.as_str(), value.as_str())));
        if !agrees {
            let line_before = earlier.line;
            return collector.reject(line, format!("says of its consumer what line {line_before} does not"));
        }
    }
    let Some(name) = collector.consumer(line, name, facts) else { return };
    if let Some(material) = material {
        let facts = KeyFacts { label: row.label, scopes: row.scopes, expires };
        collector.key(line, name, material, facts);
    }
}
