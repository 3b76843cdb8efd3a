//! Consumers of Zuplo with their keys: pages of `GET …/key-buckets/{bucket}/consumers`, asked for with
//! `include-api-keys=true`, `include-managers=true` and `key-format=visible`.

use std::collections::BTreeMap;

use mintgate_admin_api::KeyText;
use mintgate_types::Timestamp;
use secrecy::SecretString;
use serde_json::Value;

use crate::{
    collect::{Collector, ConsumerFacts, KeyFacts, KeyMaterial},
    json,
    node::Node,
};

pub(crate) fn read(text: &str, collector: &mut Collector) {
    json::items(text, &["data"], collector, &mut consumer);
}

fn consumer(node: &Node, collector: &mut Collector) {
    let line = node.line;
    let Some(called) = node.text_of("name") else {
        let hint = if node.get("key").is_some() {
            "is a key without its consumer: list consumers with include-api-keys=true"
        } else {
            "the consumer has no name"
        };
        return collector.reject(line, hint);
    };
    let labels = node.get("tags").map_or(&[][..], Node::members);
    let tags: BTreeMap<String, String> =
        labels.iter().filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned()))).collect();
    let mut metadata = node.get("metadata").map(Node::object).unwrap_or_default();
    if let Some(description) = node.text_of("description").filter(|_| !metadata.contains_key("description")) {
        metadata.insert("description".to_owned(), Value::String(description.to_owned()));
    }
    for _ in node.items_of("managerInvites") {
        collector.not_carried(line, "invitations of managers");
    }
    let facts = ConsumerFacts { subject: None, metadata, tags, managers: managers(node, collector) };
    let Some(name) = collector.consumer_called(line, called, Some(facts)) else { return };
    let Some(keys) = node.get("apiKeys") else {
        return collector
            .leave_out(line, "the consumer's keys are not in the file: include-api-keys=true has them");
    };
    // A list, or a page with one.
    let keys = if keys.is_list() { keys.items() } else { keys.items_of("data") };
    for key in keys {
        match material(key) {
            Ok(material) => match expiry(key) {
                Ok(expires) => {
                    let label = key.text_of("description").or_else(|| key.text_of("id"));
                    let facts = KeyFacts { label: label.map(str::to_owned), expires, ..KeyFacts::default() };
                    collector.key(line, name.clone(), material, facts);
                }
                Err(message) => collector.reject(line, message),
            },
            Err(message) => collector.reject(line, message),
        }
    }
}

/// By their addresses, which are the same whoever vouches for them; by their subjects where there is no address.
fn managers(node: &Node, collector: &mut Collector) -> Vec<String> {
    let Some(managers) = node.get("managers") else { return Vec::new() };
    let managers = if managers.is_list() { managers.items() } else { managers.items_of("data") };
    let mut texts = Vec::new();
    for manager in managers {
        match manager.text().or_else(|| manager.text_of("email")).or_else(|| manager.text_of("sub")) {
            Some(text) => texts.push(text.to_owned()),
            None => collector.not_carried(node.line, "managers with neither email nor sub"),
        }
    }
    texts
}

fn material(key: &Node) -> Result<KeyMaterial, &'static str> {
    match key.text_of("key") {
        None => Err("a key is hidden: ask for key-format=visible"),
        Some(text) if text.contains(['*', '•', '…']) || text.contains("...") => {
            Err("a key is masked: ask for key-format=visible")
        }
        Some(text) => Ok(KeyMaterial::Text(KeyText::from(SecretString::from(text)))),
    }
}

fn expiry(key: &Node) -> Result<Option<Timestamp>, &'static str> {
    let text = key.text_of("expiresOn");
    text.map(str::parse).transpose().map_err(|_| "the key's expiresOn is no time")
}
