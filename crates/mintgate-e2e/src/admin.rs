//! A small client of the admin API.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::{gateway::Secrets, message::Reply, request::Request, wire::Wire};

/// Speaks to the admin API as the owner.
pub struct Admin {
    address: SocketAddr,
    token: String,
    secrets: Secrets,
}

/// A new key.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its public part.
    pub id: String,
    /// What callers present.
    pub text: String,
}

impl Admin {
    pub(crate) fn new(address: SocketAddr, token: &str, secrets: Secrets) -> Self {
        Self { address, token: token.to_owned(), secrets }
    }

    /// The reply to any request; `Null` stands for no body.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Reply {
        let mut request = Request::new(method, path).key(&self.token).close();
        if !body.is_null() {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let mut wire = Wire::connect(self.address);
        wire.send(&request.bytes());
        wire.reply_to(method)
    }

    /// What is answered where it must succeed.
    #[expect(clippy::must_use_candidate, reason = "that it succeeds is often all that matters")]
    pub fn must(&self, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.ask(method, path, body);
        assert!((200..300).contains(&reply.status()), "{method} {path}: {} {}", reply.status(), reply.text());
        if reply.body.is_empty() { Value::Null } else { reply.json() }
    }

    /// A consumer and its first key, which may do what needs no scope.
    #[must_use]
    pub fn new_consumer(&self, name: &str) -> Issued {
        self.new_consumer_with(&json!({ "name": name, "key": {} }))
    }

    /// The same from a whole request, which must ask for a key.
    #[must_use]
    pub fn new_consumer_with(&self, request: &Value) -> Issued {
        let made = self.must("POST", CONSUMERS, request);
        self.issued(&made["key"])
    }

    /// A further key of a consumer.
    #[must_use]
    pub fn new_key(&self, consumer: &str, request: &Value) -> Issued {
        let made = self.must("POST", &format!("{CONSUMERS}/{consumer}/keys"), request);
        self.issued(&made)
    }

    /// Ends a key.
    pub fn revoke(&self, key: &Issued) {
        self.must("POST", &format!("/v1/keys/{}/revoke", key.id), &json!({}));
    }

    /// Replaces a key, which works on for `grace`, such as `1h`.
    #[must_use]
    pub fn roll(&self, key: &Issued, grace: &str) -> Issued {
        let rolled = self.must("POST", &format!("/v1/keys/{}/roll", key.id), &json!({ "grace": grace }));
        self.issued(&rolled["issued"])
    }

    fn issued(&self, value: &Value) -> Issued {
        let text = value["secret"].as_str().expect("a new key is shown once").to_owned();
        self.secrets.add(&text);
        Issued { id: value["key"]["id"].as_str().expect("a key has an id").to_owned(), text }
    }
}

/// Where the consumers of the bucket are that a new store has.
const CONSUMERS: &str = "/v1/buckets/production/consumers";
