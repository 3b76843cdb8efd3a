//! Consumers of APISIX: pages of its Admin API (of consumers, and of each consumer's credentials), `apisix.yaml` of the
//! stand-alone mode, or what ADC dumps.

use std::collections::BTreeMap;

use mintgate_admin_api::KeyText;
use mintgate_types::ConsumerName;
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::{
    collect::{Collector, ConsumerFacts, KeyFacts, KeyMaterial},
    json,
    node::Node,
    yaml,
};

pub(crate) fn read(text: &str, collector: &mut Collector) {
    if text.trim_start().starts_with(['{', '[']) {
        return json::items(
            text,
            &["list", "node", "nodes", "consumers"],
            collector,
            &mut |node, collector| {
                entry(node, collector);
            },
        );
    }
    let Some(documents) = yaml::documents(text, collector) else { return };
    let mut found = false;
    for document in documents {
        found |= document.get("consumers").is_some();
        for node in document.items_of("consumers") {
            entry(node, collector);
        }
    }
    if !found && !text.trim().is_empty() {
        collector.reject(1, "is no export of APISIX: there are no consumers");
    }
}

/// A consumer, or a credential that names its consumer in its key or id.
fn entry(node: &Node, collector: &mut Collector) {
    let value = node.get("value").filter(|value| value.is_map()).unwrap_or(node);
    let path = node.text_of("key").or_else(|| value.text_of("id")).unwrap_or_default();
    if let Some(owner) = owner_in(path) {
        if value.has("labels") {
            collector.not_carried(node.line, "labels of credentials");
        }
        if let Some(name) = collector.consumer_called(node.line, owner, None) {
            credential(value, node.line, &name, value.text_of("desc"), collector);
        }
        return;
    }
    let Some(called) = value.text_of("username") else {
        return collector.reject(node.line, "the consumer has no username");
    };
    let Some(name) = collector.consumer_called(node.line, called, Some(facts(value))) else { return };
    if value.has("group_id") {
        collector.not_carried(node.line, "consumer groups");
    }
    if value.get("plugins").is_some() {
        // What describes the consumer describes no key.
        credential(value, node.line, &name, None, collector);
    }
    for inner in value.items_of("credentials") {
        let line = if inner.line == 0 { node.line } else { inner.line };
        if inner.has("labels") {
            collector.not_carried(line, "labels of credentials");
        }
        credential(inner, line, &name, inner.text_of("name").or_else(|| inner.text_of("desc")), collector);
    }
}

/// The consumer in `/apisix/consumers/NAME/credentials/ID`, or in `NAME/credentials/ID`.
fn owner_in(path: &str) -> Option<&str> {
    let (before, _) = path.split_once("/credentials/")?;
    Some(before.rsplit('/').next().unwrap_or(before))
}

fn facts(value: &Node) -> ConsumerFacts {
    let labels = value.get("labels").map_or(&[][..], Node::members);
    let tags: BTreeMap<String, String> =
        labels.iter().filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned()))).collect();
    let mut metadata = Map::new();
    if let Some(description) = value.text_of("desc").or_else(|| value.text_of("description")) {
        metadata.insert("description".to_owned(), Value::String(description.to_owned()));
    }
    ConsumerFacts { metadata, tags, ..ConsumerFacts::default() }
}

/// What stands in `plugins`, or in ADC's `type` and `config`.
fn credential(
    value: &Node,
    line: u64,
    consumer: &ConsumerName,
    label: Option<&str>,
    collector: &mut Collector,
) {
    let plugins = value.get("plugins").map_or(&[][..], Node::members);
    for (kind, settings) in plugins {
        let plugin = Plugin { kind, settings, line, label };
        plugin.read(consumer, collector);
    }
    if let (Some(kind), Some(settings)) = (value.text_of("type"), value.get("config")) {
        Plugin { kind, settings, line, label }.read(consumer, collector);
    }
}

struct Plugin<'a> {
    kind: &'a str,
    settings: &'a Node,
    line: u64,
    label: Option<&'a str>,
}

impl Plugin<'_> {
    fn read(self, consumer: &ConsumerName, collector: &mut Collector) {
        // Within an item of JSON, only the item has a line.
        let line = if self.settings.line == 0 { self.line } else { self.settings.line };
        match self.kind {
            "key-auth" => {}
            "basic-auth" | "jwt-auth" | "hmac-auth" | "wolf-rbac" | "ldap-auth" | "multi-auth" => {
                return collector.not_carried(line, "credentials other than key-auth");
            }
            _ => return collector.not_carried(line, "plugins of consumers, such as rate limits"),
        }
        let Some(text) = self.settings.text_of("key") else {
            return collector.reject(line, "key-auth has no key");
        };
        if text.starts_with("$secret://") || text.to_ascii_lowercase().starts_with("$env://") {
            return collector.reject(line, "the key is a reference to a secret: put its value here");
        }
        let material = KeyMaterial::Text(KeyText::from(SecretString::from(text)));
        let facts = KeyFacts { label: self.label.map(str::to_owned), ..KeyFacts::default() };
        collector.key(line, consumer.clone(), material, facts);
    }
}
