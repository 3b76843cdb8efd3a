//! Admin tokens: made, listed, rolled, revoked; and in force at once.

use mintgate_types::SignedDuration;
use serde_json::{Value, json};

use crate::api::{Api, TOKEN};

#[tokio::test]
async fn an_admin_token_is_shown_once_and_works_at_once() {
    let api = Api::start().await;
    let made = api.post("/v1/admin-tokens", json!({"name": "support", "role": "operator"})).await.done(201);
    let token = made["token"].as_str().expect("a text").to_owned();
    let id = made["admin_token"]["id"].as_str().expect("an id").to_owned();
    assert!(token.starts_with(&format!("mga_{id}_")), "the form of keys");
    assert_eq!(token.len(), "mga_".len() + 12 + 1 + 32 + 6);
    let me = api.ask(&token, "GET", "/v1/whoami", "").await.done(200);
    assert_eq!(me, json!({"name": "support", "role": "operator", "via": "token"}));
    let secret = &token[token.len() - 38..];
    for path in ["/v1/admin-tokens", "/v1/audit", "/v1/audit/export", &format!("/v1/admin-tokens/{id}")] {
        let reply = api.get(path).await;
        assert!(reply.status == 200 && !reply.text.contains(secret), "{path}: {}", reply.text);
    }
    let listed = api.get("/v1/admin-tokens").await.done(200);
    let rows: Vec<_> = listed["data"].as_array().expect("a list").iter().map(summary).collect();
    assert_eq!(rows, ["admin owner config active", "support operator store active"]);
}

#[tokio::test]
async fn r38_the_store_holds_no_text_of_an_admin_token() {
    let api = Api::start().await;
    let token = api.admin_token(json!({"name": "a", "role": "auditor"})).await;
    api.sqlite.close().await;
    let secret = &token.as_bytes()[token.len() - 38..];
    for file in std::fs::read_dir(api.folder()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("reads");
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[tokio::test]
async fn a_revoked_admin_token_is_refused_by_the_next_request() {
    let api = Api::start().await;
    let made = api.post("/v1/admin-tokens", json!({"name": "a", "role": "owner"})).await.done(201);
    let token = made["token"].as_str().expect("a text");
    api.ask(token, "GET", "/v1/status", "").await.done(200);
    let revoke = format!("/v1/admin-tokens/{}/revoke", made["admin_token"]["id"].as_str().expect("an id"));
    let revoked = api.ask(token, "POST", &revoke, "").await.done(200);
    assert_eq!(
        (&revoked["state"], &revoked["revoked_at"]),
        (&json!("revoked"), &json!("2026-01-01T00:00:00Z"))
    );
    for path in ["/v1/status", "/v1/whoami", "/openapi.json"] {
        api.ask(token, "GET", path, "").await.refused(401, "invalid_token");
    }
    assert_eq!(api.post(&revoke, json!({})).await.done(200), revoked, "the second time changes nothing");
    api.get("/v1/status").await.done(200);
}

#[tokio::test]
async fn a_revocation_counts_even_where_the_node_lags_behind() {
    let api = Api::start().await;
    let made = api.post("/v1/admin-tokens", json!({"name": "a", "role": "owner"})).await.done(201);
    let token = made["token"].as_str().expect("a text");
    api.ask(token, "GET", "/v1/status", "").await.done(200);
    api.node.fails.store(true, std::sync::atomic::Ordering::SeqCst);
    let revoke = format!("/v1/admin-tokens/{}/revoke", made["admin_token"]["id"].as_str().expect("an id"));
    api.post(&revoke, json!({})).await.refused(503, "not_yet_in_force");
    api.ask(token, "GET", "/v1/status", "").await.refused(401, "invalid_token");
}

#[tokio::test]
async fn an_admin_token_ends_with_its_expiry() {
    let api = Api::start().await;
    let request = json!({"name": "a", "role": "auditor", "expires_at": "2026-01-01T01:00:00Z"});
    let token = api.admin_token(request).await;
    let me = api.ask(&token, "GET", "/v1/whoami", "").await.done(200);
    assert_eq!(me["expires_at"], "2026-01-01T01:00:00Z");
    api.clock.advance(SignedDuration::from_hours(1));
    api.ask(&token, "GET", "/v1/whoami", "").await.refused(401, "invalid_token");
    let listed = api.get("/v1/admin-tokens").await.done(200);
    assert_eq!(summary(&listed["data"][1]), "a auditor store expired");
}

#[tokio::test]
async fn a_rolled_admin_token_works_for_its_grace() {
    let api = Api::start().await;
    let request = json!({"name": "a", "role": "operator", "buckets": ["production"], "expires_at": "2026-01-11T00:00:00Z"});
    let made = api.post("/v1/admin-tokens", request).await.done(201);
    let old = made["token"].as_str().expect("a text");
    let path = format!("/v1/admin-tokens/{}/roll", made["admin_token"]["id"].as_str().expect("an id"));
    api.clock.advance(SignedDuration::from_hours(24));
    let rolled = api.post(&path, json!({"grace": "2h"})).await.done(201);
    let new = rolled["issued"]["token"].as_str().expect("a text");
    let shown = &rolled["issued"]["admin_token"];
    assert_eq!(summary(shown), "a operator store active");
    assert_eq!(
        (&shown["buckets"], &shown["expires_at"]),
        (&json!(["production"]), &json!("2026-01-12T00:00:00Z"))
    );
    assert_eq!(rolled["replaced"]["rolled"]["successor"], shown["id"]);
    for token in [old, new] {
        api.ask(token, "GET", "/v1/whoami", "").await.done(200);
    }
    api.clock.advance(SignedDuration::from_hours(2));
    api.ask(old, "GET", "/v1/whoami", "").await.refused(401, "invalid_token");
    api.ask(new, "GET", "/v1/whoami", "").await.done(200);
    api.post(&path, json!({})).await.refused(409, "admin_token_ended");
}

#[tokio::test]
async fn the_token_of_the_configuration_cannot_be_locked_out() {
    let api = Api::start().await;
    let request = json!({"name": "admin", "role": "auditor"});
    api.post("/v1/admin-tokens", request).await.refused(409, "admin_token_exists");
    let listed = api.get("/v1/admin-tokens").await.done(200);
    assert_eq!(
        listed["data"],
        json!([{"name": "admin", "role": "owner", "source": "config", "state": "active"}])
    );
    api.ask(TOKEN, "GET", "/v1/whoami", "").await.done(200);
}

#[tokio::test]
async fn what_cannot_be_an_admin_token_is_refused_by_field() {
    let api = Api::start().await;
    for (request, field) in [
        (json!({"name": "a", "role": "king"}), "role"),
        (json!({"name": "", "role": "owner"}), "name"),
        (json!({"name": "a\u{202E}b", "role": "owner"}), "name"),
        (json!({"name": "a", "role": "owner", "buckets": []}), "buckets"),
        (json!({"name": "a", "role": "owner", "buckets": ["production", "nowhere"]}), "buckets[1]"),
        (json!({"name": "a", "role": "owner", "expires_at": "2026-01-01T00:00:00Z"}), "expires_at"),
        (json!({"name": "a", "role": "owner", "expires": "2027-01-01T00:00:00Z"}), "expires"),
    ] {
        let problem = api.post("/v1/admin-tokens", request.clone()).await.refused(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{request}");
    }
    api.admin_token(json!({"name": "a", "role": "owner"})).await;
    let again = api.post("/v1/admin-tokens", json!({"name": "a", "role": "auditor"})).await;
    again.refused(409, "admin_token_exists");
    for what in ["", "/roll", "/revoke"] {
        let path = format!("/v1/admin-tokens/0123456789ab{what}");
        let reply = if what.is_empty() { api.get(&path).await } else { api.post(&path, json!({})).await };
        reply.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_key_is_no_admin_token() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (key, _) = api.key("alice", json!({})).await;
    api.ask(&key, "GET", "/v1/whoami", "").await.refused(401, "invalid_token");
}

fn summary(token: &Value) -> String {
    ["name", "role", "source", "state"].map(|member| token[member].as_str().unwrap_or("?")).join(" ")
}
