//! `/v1/keys:verify`. That its judgement is the data plane's is shown against the real one, in mintgate-e2e.

use std::sync::atomic::Ordering;

use mintgate_admin_api::KeyRefusal;
use serde_json::json;

use crate::api::Api;

#[tokio::test]
async fn a_good_key_is_told_with_its_consumer() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (text, id) = api.key("alice", json!({"scopes": ["orders:read"]})).await;
    let verdict = api.post("/v1/keys:verify", json!({"key": text})).await.done(200);
    assert_eq!(verdict["valid"], true);
    assert_eq!((&verdict["key"]["id"], &verdict["consumer"]["name"]), (&json!(id), &json!("alice")));
    assert!(verdict.get("reason").is_none() && verdict.get("token").is_none(), "{verdict}");
}

#[tokio::test]
async fn the_token_for_an_origin_is_shown() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (text, _) = api.key("alice", json!({})).await;
    let verdict = api.post("/v1/keys:verify", json!({"key": text, "origin": "orders"})).await.done(200);
    assert_eq!(
        verdict["token"],
        json!({"audience": "orders", "header": {"typ": "at+jwt"}, "claims": {"sub": "alice"}, "value": "eyJ0.eyJz.c2ln"})
    );
    let problem = api.post("/v1/keys:verify", json!({"key": text, "origin": "other"})).await;
    assert_eq!(problem.refused(422, "invalid_field")["errors"][0]["field"], "origin");
}

#[tokio::test]
async fn the_reason_is_precise_for_admins() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (text, id) = api.key("alice", json!({})).await;
    let refuse = |reason| *api.judge.refuses.lock().expect("the lock") = Some(reason);
    let verify = async |key: &str| api.post("/v1/keys:verify", json!({"key": key})).await.done(200);
    for (reason, name) in [
        (KeyRefusal::Expired, "expired"),
        (KeyRefusal::ConsumerDisabled, "consumer_disabled"),
        (KeyRefusal::InsufficientScope, "insufficient_scope"),
        (KeyRefusal::NoClaims, "no_claims"),
    ] {
        refuse(reason);
        let verdict = verify(&text).await;
        assert_eq!((&verdict["valid"], &verdict["reason"]), (&json!(false), &json!(name)));
        assert_eq!(verdict["key"]["id"], id);
    }
    refuse(KeyRefusal::Unknown);
    assert_eq!(verify("sk_live_51NcM2dLkQ").await, json!({"valid": false, "reason": "unknown"}));
    assert_eq!(verify("short").await, json!({"valid": false, "reason": "malformed"}));
}

#[tokio::test]
async fn a_key_that_was_revoked_before_this_node_started_is_still_told_as_revoked() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (text, id) = api.key("alice", json!({})).await;
    api.post(&format!("/v1/keys/{id}/revoke"), json!({"reason": "lost"})).await.done(200);
    // Such a node does not know it any more.
    *api.judge.refuses.lock().expect("the lock") = Some(KeyRefusal::Unknown);
    let verdict = api.post("/v1/keys:verify", json!({"key": text})).await.done(200);
    assert_eq!(
        (&verdict["reason"], &verdict["key"]["revoked"]["reason"]),
        (&json!("revoked"), &json!("lost"))
    );
}

#[tokio::test]
async fn nothing_is_minted_for_an_admin_of_another_bucket() {
    let api = Api::start().await;
    api.consumer("alice").await;
    api.post("/v1/buckets", json!({"name": "other"})).await.done(201);
    let (text, _) = api.key("alice", json!({})).await;
    let body = json!({"key": text, "origin": "orders"}).to_string();
    let elsewhere = api.admin_token(json!({"name": "o", "role": "operator", "buckets": ["other"]})).await;
    let verdict = api.ask(&elsewhere, "POST", "/v1/keys:verify", &body).await.done(200);
    assert_eq!(verdict, json!({"valid": false, "reason": "unknown"}));
    assert!(!api.judge.has_minted.load(Ordering::SeqCst));
    let here = api.admin_token(json!({"name": "h", "role": "operator", "buckets": ["production"]})).await;
    let verdict = api.ask(&here, "POST", "/v1/keys:verify", &body).await.done(200);
    assert_eq!((&verdict["valid"], &verdict["token"]["audience"]), (&json!(true), &json!("orders")));
    assert!(api.judge.has_minted.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_node_that_is_not_ready_says_so_rather_than_refuse_a_key() {
    let api = Api::start().await;
    api.judge.fails.store(true, Ordering::SeqCst);
    api.post("/v1/keys:verify", json!({"key": "sk_live_51NcM2dLkQ"})).await.refused(503, "not_ready");
}

#[tokio::test]
async fn r38_no_answer_repeats_the_key() {
    let api = Api::start().await;
    for body in [
        json!({"key": "sk_live_51NcM2dLkQ"}),
        json!({"key": ["sk_live_51NcM2dLkQ"]}),
        json!({"key": "x", "origin": "sk_live_51NcM2dLkQ"}),
        json!({"key": "x", "scopes": "sk_live_51NcM2dLkQ"}),
        json!({"key": "x", "scopes": ["sk_live 51NcM2dLkQ"]}),
    ] {
        let reply = api.post("/v1/keys:verify", body).await;
        assert!(!reply.text.contains("51NcM2dLkQ"), "{}", reply.text);
    }
}
