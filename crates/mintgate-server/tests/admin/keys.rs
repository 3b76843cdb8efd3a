//! `/v1/keys` and a consumer's keys.

use std::sync::{Arc, atomic::Ordering};

use http::Method;
use mintgate_apikey::KeyDigest;
use mintgate_types::{KeyId, SignedDuration};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::api::{Api, admin, steady, with_json};

const KEYS: &str = "/v1/buckets/production/consumers/alice/keys";
const ROLL: &str = "/v1/buckets/production/consumers/alice/roll";

async fn alice() -> Api {
    let api = Api::start().await;
    api.consumer("alice").await;
    api
}

#[tokio::test]
async fn a_new_key_is_stored_as_the_fingerprint_of_its_text() {
    let api = alice().await;
    let (text, id) = api.key("alice", json!({"label": "ci", "scopes": ["b", "a"]})).await;
    let id: KeyId = id.parse().expect("an id");
    let stored = api.store.key(id).await.expect("the store").expect("the key");
    assert!(stored.fingerprint == api.pepper.fingerprint(&KeyDigest::of(text.as_bytes())));
    assert_eq!(stored.scopes.to_string(), "a b");
    assert!(text.starts_with(&format!("mgk_{id}_")));
}

#[tokio::test]
async fn r38_the_text_of_a_key_is_shown_once() {
    let api = alice().await;
    let (text, id) = api.key("alice", json!({})).await;
    let secret = text.rsplit('_').next().expect("a secret");
    for path in [KEYS, "/v1/keys", &format!("/v1/keys/{id}")] {
        let reply = api.get(path).await;
        assert!(reply.text.contains(&id), "{}", reply.text);
        assert!(!reply.text.contains(secret), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_key_is_as_it_was_asked_for() {
    let api = alice().await;
    let request = json!({"label": "ci", "scopes": ["orders:read"], "expires": "2026-03-01T00:00:00Z"});
    let (_, id) = api.key("alice", request).await;
    let key = api.get(&format!("/v1/keys/{id}")).await.done(200);
    insta::assert_json_snapshot!(steady(&key), @r#"
    {
      "consumer": {
        "bucket": "production",
        "id": "[id]",
        "name": "alice"
      },
      "created": "2026-01-01T00:00:00Z",
      "expires": "2026-03-01T00:00:00Z",
      "format": "native",
      "id": "[id]",
      "label": "ci",
      "revision": "[revision]",
      "scopes": [
        "orders:read"
      ],
      "state": "active"
    }
    "#);
}

#[tokio::test]
async fn a_key_past_its_time_is_shown_as_expired() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({"expires": "2026-03-01T00:00:00Z"})).await;
    api.clock.set("2026-03-01T00:00:00Z".parse().expect("a time"));
    assert_eq!(api.get(&format!("/v1/keys/{id}")).await.done(200)["state"], "expired");
    let problem =
        api.post(KEYS, json!({"expires": "2026-03-01T00:00:00Z"})).await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "expires");
}

#[tokio::test]
async fn a_key_of_nobody_is_not_made() {
    let api = alice().await;
    api.post("/v1/buckets/production/consumers/bob/keys", json!({})).await.refused(404, "not_found");
    api.post("/v1/buckets/nowhere/consumers/alice/keys", json!({})).await.refused(404, "not_found");
    api.get("/v1/buckets/production/consumers/bob/keys").await.refused(404, "not_found");
    api.get("/v1/keys/0123456789ab").await.refused(404, "not_found");
    api.get("/v1/keys/short").await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_change_is_in_force_before_its_reply() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({})).await;
    let seen = || api.node.seen.load(Ordering::SeqCst);
    let made = api.store.revision().await.expect("a revision").0;
    assert_eq!(seen(), made);
    api.post(&format!("/v1/keys/{id}/revoke"), json!({})).await.done(200);
    assert_eq!(seen(), made + 1);
}

#[tokio::test]
async fn a_change_that_is_not_in_force_is_not_confirmed() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({})).await;
    api.node.fails.store(true, Ordering::SeqCst);
    api.post(&format!("/v1/keys/{id}/revoke"), json!({})).await.refused(503, "not_yet_in_force");
    api.node.fails.store(false, Ordering::SeqCst);
    api.post(&format!("/v1/keys/{id}/revoke"), json!({})).await.done(200);
}

#[tokio::test]
async fn a_change_goes_on_when_its_caller_hangs_up() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({})).await;
    let gate = Arc::new((Notify::new(), Notify::new()));
    *api.node.gate.lock().expect("the lock") = Some(Arc::clone(&gate));
    let request = with_json(admin(Method::POST, &format!("/v1/keys/{id}/revoke")), &json!({}));
    tokio::select! {
        _ = api.send(request) => panic!("replied while the node was held back"),
        () = gate.0.notified() => {}
    }
    // The request's future is dropped here, as a server drops it when the connection ends.
    gate.1.notify_one();
    api.service.finish().await;
    let stored = api.store.revision().await.expect("a revision");
    assert_eq!(api.node.seen.load(Ordering::SeqCst), stored.0);
}

#[tokio::test]
async fn a_revocation_stays_as_it_was_first_made() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({})).await;
    let path = format!("/v1/keys/{id}/revoke");
    let first = api.post(&path, json!({"reason": "leaked"})).await.done(200);
    api.clock.advance(SignedDuration::from_hours(1));
    let second = api.post(&path, json!({"reason": "tidying"})).await.done(200);
    assert_eq!(second, first);
    assert_eq!(first["revoked"], json!({"at": "2026-01-01T00:00:00Z", "reason": "leaked"}));
    assert_eq!(first["state"], "revoked");
}

#[tokio::test]
async fn a_body_that_says_nothing_may_be_left_out() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({})).await;
    let request = admin(Method::POST, &format!("/v1/keys/{id}/revoke")).body(axum::body::Body::empty());
    api.send(request.expect("a request")).await.done(200);
    let request = admin(Method::POST, KEYS).body(axum::body::Body::empty());
    api.send(request.expect("a request")).await.done(201);
}

#[tokio::test]
async fn a_key_can_be_changed_until_it_is_revoked() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({"expires": "2026-03-01T00:00:00Z", "label": "old"})).await;
    let path = format!("/v1/keys/{id}");
    let changed = api.patch(&path, json!({"label": "new", "scopes": ["x"], "expires": null})).await;
    let key = changed.done(200);
    assert_eq!((&key["label"], &key["scopes"], key.get("expires")), (&json!("new"), &json!(["x"]), None));
    api.patch_if(&path, "\"1\"", json!({"label": "stale"})).await.refused(412, "stale");
    api.patch(&path, json!({"expires": "2020-01-01T00:00:00Z"})).await.refused(422, "invalid_field");
    api.patch(&path, json!({"label": null})).await.refused(422, "invalid_field");
    api.post(&format!("{path}/revoke"), json!({})).await.done(200);
    api.patch(&path, json!({"label": "late"})).await.refused(409, "key_revoked");
}

#[tokio::test]
async fn a_rolled_key_works_until_its_grace_is_over() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({"label": "ci", "scopes": ["a"]})).await;
    let rolled = api.post(&format!("/v1/keys/{id}/roll"), json!({"grace": "2h"})).await.done(201);
    let new = &rolled["issued"]["key"];
    assert_eq!(
        (&new["label"], &new["scopes"], &new["state"]),
        (&json!("ci"), &json!(["a"]), &json!("active"))
    );
    let old = &rolled["replaced"][0];
    assert_eq!(old["rolled"]["until"], "2026-01-01T02:00:00Z");
    assert_eq!(old["rolled"]["successor"], new["id"]);
    assert_eq!(old["state"], "rolled");
    api.clock.advance(SignedDuration::from_hours(2));
    assert_eq!(api.get(&format!("/v1/keys/{id}")).await.done(200)["state"], "expired");
}

#[tokio::test]
async fn a_successor_lives_as_long_as_the_old_key_was_given() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({"expires": "2026-01-31T00:00:00Z"})).await;
    api.clock.set("2026-01-11T00:00:00Z".parse().expect("a time"));
    let rolled = api.post(&format!("/v1/keys/{id}/roll"), json!({})).await.done(201);
    assert_eq!(rolled["issued"]["key"]["expires"], "2026-02-10T00:00:00Z");
    assert_eq!(rolled["replaced"][0]["rolled"]["until"], "2026-01-12T00:00:00Z");
}

#[tokio::test]
async fn a_revoked_key_is_not_rolled() {
    let api = alice().await;
    let (_, id) = api.key("alice", json!({})).await;
    api.post(&format!("/v1/keys/{id}/revoke"), json!({})).await.done(200);
    api.post(&format!("/v1/keys/{id}/roll"), json!({})).await.refused(409, "key_revoked");
    api.post(ROLL, json!({})).await.refused(409, "nothing_to_roll");
    api.post(&format!("/v1/keys/{id}/roll"), json!({"grace": "1w"})).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn all_active_keys_of_a_consumer_are_rolled_into_one() {
    let api = alice().await;
    let (_, one) = api.key("alice", json!({"scopes": ["a"]})).await;
    let (_, two) = api.key("alice", json!({"scopes": ["a"], "label": "two"})).await;
    let (_, gone) = api.key("alice", json!({})).await;
    api.post(&format!("/v1/keys/{gone}/revoke"), json!({})).await.done(200);
    let rolled = api.post(ROLL, json!({"grace": "0s"})).await.done(201);
    let mut replaced: Vec<&Value> = rolled["replaced"].as_array().expect("keys").iter().collect();
    replaced.sort_by_key(|key| key["id"].as_str() != Some(&one));
    assert_eq!(replaced.iter().map(|key| key["id"].as_str()).collect::<Vec<_>>(), [Some(&*one), Some(&*two)]);
    assert!(replaced.iter().all(|key| key["state"] == "expired"), "{rolled}");
    assert_eq!(rolled["issued"]["key"]["label"], "");
}

#[tokio::test]
async fn a_successor_gets_no_scope_that_was_not_asked_for() {
    let api = alice().await;
    let (_, one) = api.key("alice", json!({"scopes": ["a"]})).await;
    api.key("alice", json!({"scopes": ["b"]})).await;
    let problem = api.post(ROLL, json!({})).await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "scopes");
    api.post(ROLL, json!({"scopes": ["a"]})).await.done(201);
    let named = api.post(ROLL, json!({"keys": [one]})).await.done(201);
    assert_eq!(named["replaced"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn only_keys_of_the_consumer_are_rolled() {
    let api = alice().await;
    api.consumer("bob").await;
    let (_, bobs) = api.key("bob", json!({})).await;
    let (_, own) = api.key("alice", json!({})).await;
    for keys in [json!([bobs]), json!([own, "0123456789ab"]), json!([own, own]), json!([])] {
        api.post(ROLL, json!({"keys": keys})).await.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn all_keys_are_listed_in_pages() {
    let api = alice().await;
    api.consumer("bob").await;
    let mut expected = Vec::new();
    for consumer in ["alice", "bob", "alice"] {
        expected.push((api.key(consumer, json!({})).await.1, consumer.to_owned()));
    }
    expected.sort();
    let mut listed = Vec::new();
    let mut path = "/v1/keys?limit=2".to_owned();
    loop {
        let page = api.get(&path).await.done(200);
        for key in page["data"].as_array().expect("keys") {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            listed.push((text(&key["id"]), text(&key["consumer"]["name"])));
        }
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/keys?limit=2&cursor={cursor}");
    }
    assert_eq!(listed, expected);
}
