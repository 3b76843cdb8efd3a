//! `Idempotency-Key`.

use std::sync::{Arc, atomic::Ordering};

use axum::body::Body;
use futures_util::future::join_all;
use http::{HeaderMap, Method, Request, header};
use mintgate_types::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    api::{Api, Reply, admin, with_json},
    people::{self, People, Person},
};

const BUCKETS: &str = "/v1/buckets";
const CONSUMERS: &str = "/v1/buckets/production/consumers";
const KEYS: &str = "/v1/buckets/production/consumers/alice/keys";
const TOKENS: &str = "/v1/admin-tokens";

fn asked(key: &str, path: &str, body: &Value) -> Request<Body> {
    with_json(admin(Method::POST, path).header("Idempotency-Key", key), body)
}

fn as_admin(token: &str, key: &str, path: &str, body: &Value) -> Request<Body> {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header("Idempotency-Key", key);
    with_json(request, body)
}

impl Api {
    async fn once(&self, key: &str, path: &str, body: &Value) -> Reply {
        self.send(asked(key, path, body)).await
    }

    async fn token(&self, body: Value) -> (String, String) {
        let issued = self.post(TOKENS, body).await.done(201);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (text(&issued["token"]), text(&issued["admin_token"]["id"]))
    }
}

/// The reply without what belongs to the request that got it.
fn lasting(reply: &Reply) -> (u16, HeaderMap, String) {
    let mut headers = reply.headers.clone();
    headers.remove("x-request-id");
    headers.remove("idempotency-replayed");
    (reply.status.as_u16(), headers, reply.text.clone())
}

fn is_replayed(reply: &Reply) -> bool {
    match reply.headers.get("idempotency-replayed") {
        Some(value) => {
            assert_eq!(value, "true");
            true
        }
        None => false,
    }
}

#[tokio::test]
async fn what_is_asked_for_twice_is_made_once_and_answered_alike() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (_, old) = api.key("alice", json!({})).await;
    let (_, token) = api.token(json!({"name": "bob", "role": "operator"})).await;
    let import =
        json!({"keys": [{"consumer": "dora", "key": "sk_live_0123456789"}], "create_consumers": true});
    let requests = [
        (BUCKETS.to_owned(), json!({"name": "staging"})),
        (CONSUMERS.to_owned(), json!({"name": "bob", "key": {"scopes": ["orders:read"]}})),
        (format!("{CONSUMERS}:batch"), json!({"consumers": [{"name": "c1", "key": {}}, {"name": "c2"}]})),
        (KEYS.to_owned(), json!({"label": "first"})),
        (format!("/v1/keys/{old}/roll"), json!({"grace": "1h"})),
        (format!("{CONSUMERS}/alice/roll"), json!({})),
        ("/v1/buckets/production/keys/import".to_owned(), import),
        (TOKENS.to_owned(), json!({"name": "cleo", "role": "auditor"})),
        (format!("{TOKENS}/{token}/roll"), json!({"grace": "1h"})),
    ];
    for (number, (path, body)) in requests.iter().enumerate() {
        let key = format!("key-{number}");
        let first = api.once(&key, path, body).await;
        assert!(first.status.is_success(), "{path}: {}", first.text);
        assert!(!is_replayed(&first), "{path}");
        let revision = api.store.revision().await.expect("reads");
        let entries = api.get("/v1/audit?limit=1").await.done(200)["data"][0]["seq"].clone();
        api.clock.advance(SignedDuration::from_secs(60));
        for key in [key.clone(), format!("\"{key}\"")] {
            let again = api.once(&key, path, body).await;
            assert!(is_replayed(&again), "{path}: {}", again.text);
            assert_eq!(lasting(&again), lasting(&first), "{path}");
            assert_ne!(again.headers["x-request-id"], first.headers["x-request-id"]);
        }
        assert_eq!(api.store.revision().await.expect("reads"), revision, "{path}");
        assert_eq!(api.get("/v1/audit?limit=1").await.done(200)["data"][0]["seq"], entries, "{path}");
    }
}

#[tokio::test]
async fn another_key_or_none_makes_another_thing() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let first = api.once("one", KEYS, &json!({})).await.done(201);
    let second = api.once("two", KEYS, &json!({})).await.done(201);
    let third = api.post(KEYS, json!({})).await.done(201);
    assert!(first["secret"] != second["secret"] && second["secret"] != third["secret"]);
    assert_eq!(api.get(KEYS).await.done(200)["data"].as_array().expect("a list").len(), 3);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let api = Api::start().await;
    api.consumer("alice").await;
    api.consumer("bob").await;
    api.once("one", KEYS, &json!({"label": "a"})).await.done(201);
    let others = [
        (KEYS.to_owned(), json!({"label": "b"})),
        ("/v1/buckets/production/consumers/bob/keys".to_owned(), json!({"label": "a"})),
        (format!("{KEYS}?x=1"), json!({"label": "a"})),
    ];
    for (path, body) in &others {
        api.once("one", path, body).await.refused(422, "idempotency_key_reused");
    }
    // Another operation has keys of its own; so has a query with its pairs in another order not.
    api.once("one", CONSUMERS, &json!({"name": "cleo"})).await.done(201);
    api.once("two", &format!("{KEYS}?a=1&b=2"), &json!({})).await.done(201);
    assert!(is_replayed(&api.once("two", &format!("{KEYS}?b=2&a=1"), &json!({})).await));
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused_before_anything_is_done() {
    let api = Api::start().await;
    let long = "k".repeat(256);
    for key in ["", "a b", "\"a", "\"\"", "\"a\";p", "a, b", &long, "é"] {
        let problem =
            api.once(key, BUCKETS, &json!({"name": "staging"})).await.refused(400, "invalid_request");
        assert!(problem["detail"].as_str().expect("text").contains("Idempotency-Key"), "{key}: {problem}");
    }
    let twice = admin(Method::POST, BUCKETS).header("Idempotency-Key", "a").header("Idempotency-Key", "a");
    api.send(with_json(twice, &json!({"name": "staging"}))).await.refused(400, "invalid_request");
    api.get("/v1/buckets/staging").await.refused(404, "not_found");
}

#[tokio::test]
async fn what_was_refused_is_not_kept_so_that_a_corrected_request_may_use_its_key() {
    let api = Api::start().await;
    api.once("one", KEYS, &json!({})).await.refused(404, "not_found");
    api.consumer("alice").await;
    api.once("one", KEYS, &json!({"scopes": ["a b"]})).await.refused(422, "invalid_field");
    api.once("one", KEYS, &json!({"scopes": ["a"]})).await.done(201);
    api.once("two", CONSUMERS, &json!({"name": "alice"})).await.refused(409, "consumer_exists");
    let made = api.once("two", CONSUMERS, &json!({"name": "bob"})).await;
    assert!(!is_replayed(&made), "{}", made.text);
    made.done(201);
}

#[tokio::test]
async fn what_makes_nothing_is_not_kept() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let path = "/v1/buckets/production/keys/import";
    let row = json!([{"consumer": "alice", "key": "sk_live_0123456789"}]);
    for _ in 0..2 {
        let dry = api.once("one", path, &json!({"keys": row, "dry_run": true})).await;
        assert!(!is_replayed(&dry));
        assert_eq!(dry.done(200)["imported"], 1);
    }
    assert_eq!(api.once("one", path, &json!({"keys": row})).await.done(200)["imported"], 1);
}

#[tokio::test]
async fn a_day_later_the_key_is_free_again() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let first = api.once("one", KEYS, &json!({})).await.done(201);
    api.clock.advance(SignedDuration::from_secs(24 * 3600 - 1));
    assert_eq!(api.once("one", KEYS, &json!({})).await.done(201), first);
    api.clock.advance(SignedDuration::from_secs(1));
    let second = api.once("one", KEYS, &json!({"label": "x"})).await;
    assert!(!is_replayed(&second));
    assert_ne!(second.done(201)["secret"], first["secret"]);
    assert_eq!(api.store.forget_receipts(Timestamp::MAX, 9).await.expect("forgets"), 1);
}

#[tokio::test]
async fn a_reply_stays_the_same_when_its_thing_is_revoked_or_gone() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let first = api.once("one", KEYS, &json!({})).await.done(201);
    let id = first["key"]["id"].as_str().expect("an id");
    api.post(&format!("/v1/keys/{id}/revoke"), json!({})).await.done(200);
    assert_eq!(api.once("one", KEYS, &json!({})).await.done(201), first);
    assert_eq!(api.delete("/v1/buckets/production/consumers/alice").await.status, 204);
    assert_eq!(api.once("one", KEYS, &json!({})).await.done(201), first);
}

#[tokio::test]
async fn each_admin_has_keys_of_their_own() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (bob, id) = api.token(json!({"name": "bob", "role": "operator"})).await;
    let body = json!({});
    let of_admin = api.once("one", KEYS, &body).await.done(201);
    let of_bob = api.send(as_admin(&bob, "one", KEYS, &body)).await;
    assert!(!is_replayed(&of_bob));
    let of_bob = of_bob.done(201);
    assert_ne!(of_bob["secret"], of_admin["secret"]);
    assert_eq!(api.send(as_admin(&bob, "one", KEYS, &body)).await.done(201), of_bob);
    // The holder of the successor is another admin.
    let rolled = api.post(&format!("{TOKENS}/{id}/roll"), json!({})).await.done(201);
    let successor = rolled["issued"]["token"].as_str().expect("text");
    assert!(!is_replayed(&api.send(as_admin(successor, "one", KEYS, &body)).await));
}

#[tokio::test]
async fn who_may_no_longer_do_it_is_not_told_again() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (bob, id) = api.token(json!({"name": "bob", "role": "operator"})).await;
    api.send(as_admin(&bob, "one", KEYS, &json!({}))).await.done(201);
    api.post(&format!("{TOKENS}/{id}/revoke"), json!({})).await.done(200);
    api.send(as_admin(&bob, "one", KEYS, &json!({}))).await.refused(401, "invalid_token");
    // Judged before the key is looked at, or the body.
    let (eve, _) = api.token(json!({"name": "eve", "role": "auditor"})).await;
    api.send(as_admin(&eve, "a b", KEYS, &json!({}))).await.refused(403, "forbidden");
}

#[tokio::test]
async fn who_lost_the_bucket_is_not_told_again() {
    let api = people::api(People::new()).await;
    api.consumer("alice").await;
    let ann = Person::subject("user-1");
    let before = api.signed_in(&ann.clone().in_group("support")).await.expect("a role");
    let first = api.once_as(&before, "one", KEYS, json!({})).await.done(201);
    // Another session of the same person.
    let again = api.signed_in(&ann.clone().in_group("support")).await.expect("a role");
    assert_eq!(api.once_as(&again, "one", KEYS, json!({})).await.done(201), first);
    let other = api.signed_in(&Person::subject("user-2").in_group("support")).await.expect("a role");
    assert_ne!(api.once_as(&other, "one", KEYS, json!({})).await.done(201)["secret"], first["secret"]);
    let now = api.signed_in(&ann.in_group("support-eu")).await.expect("a role");
    api.once_as(&now, "one", KEYS, json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_manager_is_told_again_as_long_as_the_consumer_names_them() {
    let api = people::api(People::new()).await;
    for consumer in ["hers", "also-hers"] {
        api.managed(consumer, &["user-1"]).await;
    }
    let (_, key) = api.key("hers", json!({})).await;
    let ann = api.signed_in(&Person::subject("user-1")).await.expect("she manages consumers");
    let path = format!("/v1/self/keys/{key}/roll");
    let first = api.once_as(&ann, "one", &path, json!({})).await.done(201);
    // A rolled key could not be rolled again, and too many changes in a short time are refused.
    for _ in 0..30 {
        let again = api.once_as(&ann, "one", &path, json!({})).await;
        assert!(is_replayed(&again), "{}", again.text);
        assert_eq!(again.done(201), first);
    }
    api.patch("/v1/buckets/production/consumers/hers", json!({"managers": []})).await.done(200);
    api.once_as(&ann, "one", &path, json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_rotation_hands_its_receipt_to_who_makes_it() {
    let api = Api::start().await;
    api.once("one", "/v1/signing-keys/rotate", &json!({})).await.done(200);
    api.post("/v1/signing-keys/rotate", json!({})).await.done(200);
    api.once("two", "/v1/signing-keys/rotate", &json!({"emergency": true})).await.done(200);
    let kept = api.signing.kept.lock().expect("the lock");
    assert_eq!(kept.len(), 2);
    assert!(kept[0].id != kept[1].id && kept[0].request != kept[1].request);
}

#[tokio::test]
async fn while_the_first_is_under_way_the_second_is_sent_away() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let gate = Arc::new((Notify::new(), Notify::new()));
    *api.node.gate.lock().expect("the lock") = Some(Arc::clone(&gate));
    let entries = async || api.get("/v1/audit?limit=1").await.done(200)["data"][0]["seq"].clone();
    let body = json!({});
    let meanwhile = async {
        // It is stored, and not in force yet.
        gate.0.notified().await;
        let before = entries().await;
        let second = api.once("one", KEYS, &body).await;
        assert_eq!(second.header(header::RETRY_AFTER), "1");
        second.refused(409, "idempotency_key_in_use");
        api.once("one", KEYS, &json!({"label": "x"})).await.refused(422, "idempotency_key_reused");
        assert_eq!(entries().await, before, "neither is an attempt that the audit log tells of");
        *api.node.gate.lock().expect("the lock") = None;
        gate.1.notify_one();
    };
    let (first, ()) = futures_util::future::join(api.once("one", KEYS, &body), meanwhile).await;
    assert_eq!(api.once("one", KEYS, &body).await.done(201), first.done(201));
}

#[tokio::test]
async fn of_many_at_once_with_one_key_one_makes_it_and_all_are_told_the_same() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let body = json!({});
    for round in 0..20 {
        let key = format!("round-{round}");
        let replies = join_all((0..16).map(|_| api.once(&key, KEYS, &body))).await;
        let (told, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 201);
        for refused in refused {
            refused.refused(409, "idempotency_key_in_use");
        }
        assert_eq!(told.iter().filter(|reply| !is_replayed(reply)).count(), 1);
        assert!(told.iter().all(|reply| reply.text == told[0].text));
    }
    assert_eq!(api.get(KEYS).await.done(200)["data"].as_array().expect("a list").len(), 20);
}

#[tokio::test]
async fn what_is_stored_and_not_in_force_is_told_once_it_is() {
    let api = Api::start().await;
    api.consumer("alice").await;
    api.node.fails.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        api.once("one", KEYS, &json!({})).await.refused(503, "not_yet_in_force");
    }
    api.node.fails.store(false, Ordering::SeqCst);
    let told = api.once("one", KEYS, &json!({})).await;
    assert!(is_replayed(&told));
    told.done(201);
    assert_eq!(api.get(KEYS).await.done(200)["data"].as_array().expect("a list").len(), 1);
    assert_eq!(api.node.seen.load(Ordering::SeqCst), api.store.revision().await.expect("reads").0);
}

#[tokio::test]
async fn a_reply_that_is_too_large_to_be_kept_is_refused_and_nothing_is_made() {
    let api = Api::start().await;
    let metadata = json!({"a": "x".repeat(16_000)});
    let consumers: Vec<_> =
        (0..600).map(|at| json!({"name": format!("c{at}"), "metadata": metadata})).collect();
    let (path, body) = (format!("{CONSUMERS}:batch"), json!({ "consumers": consumers }));
    let problem = api.once("one", &path, &body).await.refused(413, "too_large");
    assert!(problem["detail"].as_str().expect("text").contains("8 MiB"), "{problem}");
    api.get(&format!("{CONSUMERS}/c0")).await.refused(404, "not_found");
    api.post(&path, body).await.done(201);
    let some = json!({"consumers": [{"name": "one-more"}]});
    api.once("one", &path, &some).await.done(201);
}

#[tokio::test]
async fn r38_nothing_that_was_said_rests_readable_in_the_store() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let key = "an-idempotency-key-0123456789";
    let first = api.once(key, KEYS, &json!({"label": "a-label-of-this-test"})).await.done(201);
    let secret = first["secret"].as_str().expect("text").to_owned();
    api.sqlite.close().await;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(api.folder()).expect("a folder") {
        found.extend(std::fs::read(entry.expect("an entry").path()).unwrap_or_default());
    }
    let holds = |text: &str| found.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("a-label-of-this-test"), "the file is read as it is");
    assert!(!holds(&secret) && !holds(&secret[20..]) && !holds(key) && !holds("\"secret\""));
}
