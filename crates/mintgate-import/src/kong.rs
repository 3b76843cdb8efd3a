//! Kong's declarative configuration, as `deck gateway dump` (credentials within their consumers) and
//! `kong config db_export` (lists of their own that refer to consumers) write it. JSON is YAML, so it will do too.

use std::collections::{BTreeMap, HashMap};

use mintgate_admin_api::KeyText;
use mintgate_types::{ConsumerName, Scope, SignedDuration, Timestamp};
use secrecy::SecretString;

use crate::{
    collect::{Collector, ConsumerFacts, KeyFacts, KeyMaterial},
    node::Node,
    yaml,
};

pub(crate) fn read(text: &str, collector: &mut Collector) {
    let Some(documents) = yaml::documents(text, collector) else { return };
    let mut found = false;
    for document in documents {
        found |= document.get("_format_version").is_some() || document.get("consumers").is_some();
        Document::of(&document).read(&document, collector);
    }
    if !found && !text.trim().is_empty() {
        collector.reject(1, "is no declarative configuration of Kong: there are no consumers");
    }
}

/// What stands beside the consumers and refers to them.
struct Document<'a> {
    /// Groups by what refers to the consumer: its id, its username or its custom id.
    groups: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Document<'a> {
    fn of(document: &'a Node) -> Self {
        let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
        for acl in document.items_of("acls") {
            if let (Some(consumer), Some(group)) = (reference(acl), acl.text_of("group")) {
                groups.entry(consumer).or_default().push(group);
            }
        }
        Self { groups }
    }

    fn read(&self, document: &'a Node, collector: &mut Collector) {
        let mut names: BTreeMap<&str, (ConsumerName, Vec<String>)> = BTreeMap::new();
        let mut subjects: HashMap<&str, u64> = HashMap::new();
        for consumer in document.items_of("consumers") {
            // A username may be another's custom id: their tokens would name one and the same.
            if let Some(subject) =
                ["custom_id", "username"].into_iter().find_map(|name| consumer.text_of(name))
                && let Some(line) = subjects.insert(subject, consumer.line)
            {
                let message = format!("the consumer would have the subject of the one of line {line}");
                collector.reject(consumer.line, message);
                continue;
            }
            let Some((name, scopes)) = self.consumer(consumer, collector) else { continue };
            for credential in consumer.items_of("keyauth_credentials") {
                key(credential, &name, &scopes, collector);
            }
            for called in
                ["id", "username", "custom_id"].into_iter().filter_map(|member| consumer.text_of(member))
            {
                names.insert(called, (name.clone(), scopes.clone()));
            }
        }
        for credential in document.items_of("keyauth_credentials") {
            match reference(credential).and_then(|called| names.get(called)) {
                Some((name, scopes)) => key(credential, name, scopes, collector),
                None => collector.reject(credential.line, "the key's consumer is not in the file"),
            }
        }
        for (section, what) in OTHER_CREDENTIALS {
            for credential in document.items_of(section) {
                collector.not_carried(credential.line, what);
            }
        }
        for plugin in document.items_of("plugins").iter().filter(|plugin| plugin.has("consumer")) {
            collector.not_carried(plugin.line, PLUGINS);
        }
        for group in document.items_of("consumer_groups") {
            collector.not_carried(group.line, "consumer groups");
        }
    }

    fn consumer(&self, node: &Node, collector: &mut Collector) -> Option<(ConsumerName, Vec<String>)> {
        let Some(called) = node.text_of("username").or_else(|| node.text_of("custom_id")) else {
            collector.reject(node.line, "the consumer has neither username nor custom_id");
            return None;
        };
        let tags = node.items_of("tags").iter().filter_map(Node::text);
        let facts = ConsumerFacts {
            subject: node.text_of("custom_id").map(str::to_owned),
            tags: tags.map(|tag| (tag.to_owned(), "true".to_owned())).collect(),
            ..ConsumerFacts::default()
        };
        let name = collector.consumer_called(node.line, called, Some(facts))?;
        for (section, what) in OTHER_CREDENTIALS {
            for credential in node.items_of(section) {
                collector.not_carried(credential.line, what);
            }
        }
        for plugin in node.items_of("plugins") {
            collector.not_carried(plugin.line, PLUGINS);
        }
        for group in node.items_of("groups") {
            collector.not_carried(group.line, "consumer groups");
        }
        let within = node.items_of("acls").iter().filter_map(|acl| acl.text_of("group"));
        let beside = ["id", "username", "custom_id"].into_iter().filter_map(|member| node.text_of(member));
        let beside = beside.filter_map(|called| self.groups.get(called)).flatten().copied();
        let mut scopes: Vec<String> = Vec::new();
        for group in within.chain(beside) {
            if group.parse::<Scope>().is_err() {
                collector.not_carried(node.line, "ACL groups whose names cannot be scopes");
            } else if !scopes.iter().any(|scope| scope == group) {
                scopes.push(group.to_owned());
            }
        }
        Some((name, scopes))
    }
}

/// Whom an entry of a list of its own belongs to.
fn reference(node: &Node) -> Option<&str> {
    let consumer = node.get("consumer")?;
    consumer
        .text()
        .or_else(|| ["id", "username", "custom_id"].into_iter().find_map(|member| consumer.text_of(member)))
}

fn key(node: &Node, consumer: &ConsumerName, scopes: &[String], collector: &mut Collector) {
    let Some(text) = node.text_of("key") else {
        return collector.reject(node.line, "the credential has no key");
    };
    if text.contains("${{") {
        return collector.reject(node.line, "the key is a variable of decK: dump it with its value");
    }
    if text.starts_with("{vault://") {
        return collector.reject(node.line, "the key is a reference to a vault: put its value here");
    }
    let expires = match expiry(node, collector.now()) {
        Ok(expires) => expires,
        Err(message) => return collector.reject(node.line, message),
    };
    let facts = KeyFacts { label: label(node), scopes: scopes.to_vec(), expires };
    let material = KeyMaterial::Text(KeyText::from(SecretString::from(text)));
    collector.key(node.line, consumer.clone(), material, facts);
}

/// The database's export has the second when a key ends. Otherwise a time to live counts from the key's creation, where that
/// is there, and else it is what was left at the export.
fn expiry(node: &Node, now: Timestamp) -> Result<Option<Timestamp>, &'static str> {
    const NO_TIME: &str = "the key's ttl is no number of seconds";
    if node.get("ttl").is_none() {
        return Ok(None);
    }
    let expires = match node.integer("ttl").ok_or(NO_TIME)? {
        0 => return Ok(None),
        ends if ends > LONGEST_TTL => Timestamp::from_second(ends),
        seconds => {
            let created = node.integer("created_at").and_then(|created| Timestamp::from_second(created).ok());
            created.unwrap_or(now).checked_add(SignedDuration::from_secs(seconds))
        }
    };
    expires.map(Some).map_err(|_| NO_TIME)
}

/// Kong's own limit, three years; as a second since 1970 it is in 1973.
const LONGEST_TTL: i64 = 100_000_000;

/// Kong has no labels; a key's tags are the nearest.
fn label(node: &Node) -> Option<String> {
    let tags: Vec<&str> = node.items_of("tags").iter().filter_map(Node::text).collect();
    (!tags.is_empty()).then(|| tags.join(" "))
}

const OTHER_CREDENTIALS: [(&str, &str); 5] = [
    ("basicauth_credentials", "basic-auth credentials"),
    ("hmacauth_credentials", "hmac-auth credentials"),
    ("jwt_secrets", "JWT secrets"),
    ("oauth2_credentials", "OAuth 2 credentials"),
    ("mtls_auth_credentials", "mTLS credentials"),
];

const PLUGINS: &str = "plugins of consumers, such as rate limits";
