//! `POST /v1/buckets/{bucket}/keys/import`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mintgate_apikey::KeyDigest;
use serde_json::{Value, json};

use crate::api::Api;

const IMPORT: &str = "/v1/buckets/production/keys/import";

/// Some hash in hexadecimal.
const HASH: &str = "b0ff6b1ff9d1a1c0d1d7a8dff06f6b4b5f1b6c1bdc5a9e12d1eb6cd4d8ba1c35";

async fn keys_of(api: &Api, consumer: &str) -> Vec<Value> {
    let page = api.get(&format!("/v1/buckets/production/consumers/{consumer}/keys")).await.done(200);
    page["data"].as_array().expect("keys").clone()
}

#[tokio::test]
async fn a_foreign_key_is_taken_in_as_its_text_and_found_by_it() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let rows = json!([{
        "consumer": "alice", "key": "sk_live_51NcM2dLkQ", "label": "old", "scopes": ["a"],
        "expires": "2027-01-01T00:00:00Z",
    }]);
    let done = api.post(IMPORT, json!({"keys": rows})).await.done(200);
    assert_eq!(done, json!({"imported": 1, "existing": 0, "consumers_created": 0, "dry_run": false}));
    let keys = keys_of(&api, "alice").await;
    assert_eq!((&keys[0]["format"], &keys[0]["label"]), (&json!("foreign"), &json!("old")));
    let fingerprint = api.pepper.fingerprint(&KeyDigest::of(b"sk_live_51NcM2dLkQ"));
    let found = api.store.find_keys(&[fingerprint]).await.expect("the store");
    assert_eq!(found[0].map(|(id, _)| id.to_string()).as_deref(), keys[0]["id"].as_str());
    let stored = api.store.revision().await.expect("a revision");
    assert_eq!(api.node.seen.load(std::sync::atomic::Ordering::SeqCst), stored.0);
}

#[tokio::test]
async fn a_hash_in_hex_or_base64_is_the_key_that_it_was_made_of() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let bytes: Vec<u8> = HASH
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex"))
        .collect();
    let base64 = STANDARD.encode(&bytes);
    api.post(IMPORT, json!({"keys": [{"consumer": "alice", "sha256": HASH}]})).await.done(200);
    let again = api.post(IMPORT, json!({"keys": [{"consumer": "alice", "sha256": base64}]})).await;
    let problem = again.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "keys[0].key");
    let digest = KeyDigest::from_sha256(bytes.try_into().expect("32 bytes"));
    let found = api.store.find_keys(&[api.pepper.fingerprint(&digest)]).await.expect("the store");
    assert!(found[0].is_some());
}

#[tokio::test]
async fn a_key_of_ours_keeps_its_id() {
    let api = Api::start().await;
    let other = Api::start().await;
    for side in [&api, &other] {
        side.consumer("alice").await;
    }
    let (text, id) = other.key("alice", json!({})).await;
    api.post(IMPORT, json!({"keys": [{"consumer": "alice", "key": text}]})).await.done(200);
    let key = api.get(&format!("/v1/keys/{id}")).await.done(200);
    assert_eq!(key["format"], "native");
}

#[tokio::test]
async fn every_wrong_row_is_named_and_nothing_is_taken_in() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let rows = json!([
        {"consumer": "alice", "key": "sk_live_51NcM2dLkQ"},
        {"consumer": "al ice", "key": "short", "label": "a\u{202E}b"},
        {"consumer": "alice"},
        {"consumer": "alice", "key": "sk_live_51NcM2dLkQ", "sha256": HASH},
        {"consumer": "alice", "sha256": "beef", "scopes": ["a b"], "expires": "tomorrow"},
        {"consumer": "alice", "key": "sk_live_other", "expires": "2020-01-01T00:00:00Z"},
    ]);
    let reply = api.post(IMPORT, json!({"keys": rows, "create_consumers": true})).await;
    let problem = reply.refused(422, "invalid_field");
    let fields: Vec<_> = problem["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["field"].as_str().expect("a field"))
        .collect();
    assert_eq!(
        fields,
        [
            "keys[1].consumer",
            "keys[1].label",
            "keys[1].key",
            "keys[2].key",
            "keys[3].key",
            "keys[4].scopes",
            "keys[4].expires",
            "keys[4].sha256",
            "keys[5].expires",
        ]
    );
    assert!(!reply.text.contains("sk_live"), "{}", reply.text);
    assert!(keys_of(&api, "alice").await.is_empty());
}

#[tokio::test]
async fn a_key_that_stands_twice_or_is_there_already_is_named() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let row = |key: &str| json!({"consumer": "alice", "key": key});
    api.post(IMPORT, json!({"keys": [row("sk_live_one")]})).await.done(200);
    let reply =
        api.post(IMPORT, json!({"keys": [row("sk_live_two"), row("sk_live_two"), row("sk_live_one")]})).await;
    let problem = reply.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["message"], "is the key of keys[0]");
    assert_eq!(problem["errors"][1]["field"], "keys[2].key");
    assert_eq!(keys_of(&api, "alice").await.len(), 1);
}

#[tokio::test]
async fn what_was_taken_in_before_is_passed_over_if_it_may_be_and_only_for_the_same_consumer() {
    let api = Api::start().await;
    for name in ["alice", "bob"] {
        api.consumer(name).await;
    }
    let row = |consumer: &str, key: &str| json!({"consumer": consumer, "key": key});
    api.post(IMPORT, json!({"keys": [row("alice", "sk_live_one")]})).await.done(200);
    let rows = json!([row("alice", "sk_live_one"), row("alice", "sk_live_two")]);
    let done = api.post(IMPORT, json!({"keys": rows, "skip_existing": true})).await.done(200);
    assert_eq!(done, json!({"imported": 1, "existing": 1, "consumers_created": 0, "dry_run": false}));
    let before = api.store.revision().await.expect("a revision");
    let done = api.post(IMPORT, json!({"keys": rows, "skip_existing": true})).await.done(200);
    assert_eq!((&done["imported"], &done["existing"]), (&json!(0), &json!(2)));
    assert_eq!(api.store.revision().await.expect("a revision"), before);
    let request = json!({"keys": [row("bob", "sk_live_one")], "skip_existing": true});
    let problem = api.post(IMPORT, request).await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "keys[0].key");
    assert!(keys_of(&api, "bob").await.is_empty());
}

#[tokio::test]
async fn consumers_are_made_as_they_are_described_and_left_as_they_are_where_they_exist() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let described = |name: &str| {
        json!({
            "name": name, "subject": format!("auth0|{name}"), "metadata": {"plan": "gold"}, "tags": {"team": "a"},
        })
    };
    let request = json!({
        "consumers": [described("alice"), described("bob"), {"name": "keyless"}],
        "keys": [{"consumer": "bob", "key": "sk_live_one"}], "create_consumers": true,
    });
    let done = api.post(IMPORT, request).await.done(200);
    assert_eq!((&done["imported"], &done["consumers_created"]), (&json!(1), &json!(2)));
    let show =
        async |name: &str| api.get(&format!("/v1/buckets/production/consumers/{name}")).await.done(200);
    assert_eq!(show("alice").await["subject"], "alice");
    assert_eq!(
        (&show("bob").await["subject"], &show("bob").await["metadata"]),
        (&json!("auth0|bob"), &json!({"plan": "gold"}))
    );
    assert_eq!(show("keyless").await["tags"], json!({}));
    let request = json!({"consumers": [
        {"name": "carol", "metadata": {"x": "\u{0}"}}, {"name": "a b"}, {"name": "dave", "tags": {"A B": "x"}}, {"name": "dan"}, {"name": "dan"},
    ]});
    let problem = api.post(IMPORT, request).await.refused(422, "invalid_field");
    let fields: Vec<_> =
        problem["errors"].as_array().expect("errors").iter().map(|error| &error["field"]).collect();
    assert_eq!(
        fields,
        ["consumers[0].metadata", "consumers[1].name", "consumers[2].tags", "consumers[4].name"]
    );
}

#[tokio::test]
async fn missing_consumers_are_errors_unless_they_may_be_made() {
    let api = Api::start().await;
    let rows =
        json!([{"consumer": "alice", "key": "sk_live_one"}, {"consumer": "alice", "key": "sk_live_two"}]);
    let problem = api.post(IMPORT, json!({"keys": rows})).await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][1], json!({"field": "keys[1].consumer", "message": "does not exist"}));
    let done = api.post(IMPORT, json!({"keys": rows, "create_consumers": true})).await.done(200);
    assert_eq!(done, json!({"imported": 2, "existing": 0, "consumers_created": 1, "dry_run": false}));
    assert_eq!(keys_of(&api, "alice").await.len(), 2);
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_done_and_does_not() {
    let api = Api::start().await;
    let before = api.store.revision().await.expect("a revision");
    let request = json!({
        "keys": [{"consumer": "alice", "key": "sk_live_one"}], "create_consumers": true, "dry_run": true,
    });
    let done = api.post(IMPORT, request).await.done(200);
    assert_eq!(done, json!({"imported": 1, "existing": 0, "consumers_created": 1, "dry_run": true}));
    assert_eq!(api.store.revision().await.expect("a revision"), before);
    api.get("/v1/buckets/production/consumers/alice").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_batch_has_a_limit_and_a_full_one_fits() {
    let api = Api::start().await;
    let rows = |count: usize| {
        let row =
            |number| json!({"consumer": format!("c{}", number % 100), "key": format!("sk_live_{number:08}")});
        (0..count).map(row).collect::<Vec<_>>()
    };
    let request = |count| json!({"keys": rows(count), "create_consumers": true});
    api.post(IMPORT, request(50_001)).await.refused(422, "invalid_field");
    api.post(IMPORT, request(0)).await.refused(422, "invalid_field");
    let done = api.post(IMPORT, request(10_000)).await.done(200);
    assert_eq!((&done["imported"], &done["consumers_created"]), (&json!(10_000), &json!(100)));
    api.post("/v1/buckets/nowhere/keys/import", request(1)).await.refused(404, "not_found");
}
