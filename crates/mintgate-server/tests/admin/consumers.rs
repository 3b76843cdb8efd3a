//! `/v1/buckets` and `/v1/buckets/{bucket}/consumers`.

use http::{Method, header};
use serde_json::json;

use crate::api::{Api, admin, steady};

const CONSUMERS: &str = "/v1/buckets/production/consumers";
const ALICE: &str = "/v1/buckets/production/consumers/alice";

#[tokio::test]
async fn a_bucket_has_its_own_key_prefix() {
    let api = Api::start().await;
    api.post("/v1/buckets", json!({"name": "staging", "prefix": "stg"})).await.done(201);
    api.post("/v1/buckets", json!({"name": "staging"})).await.refused(409, "bucket_exists");
    let buckets = api.get("/v1/buckets").await.done(200);
    assert_eq!(buckets["data"][0]["name"], "production");
    assert_eq!(buckets["data"][1]["prefix"], "stg");
    let made = api.post("/v1/buckets/staging/consumers", json!({"name": "bob", "key": {}})).await.done(201);
    assert!(made["key"]["secret"].as_str().expect("text").starts_with("stg_"), "{made}");
}

#[tokio::test]
async fn a_consumer_is_made_with_what_was_asked_and_can_be_read_back() {
    let api = Api::start().await;
    let request = json!({
        "name": "alice", "subject": "user-1", "metadata": {"plan": {"tier": 3}}, "tags": {"team": "räder"},
    });
    let reply = api.post(CONSUMERS, request).await;
    let made = reply.done(201);
    assert!(made.get("key").is_none());
    let shown = api.get(ALICE).await;
    assert_eq!(shown.header(header::ETAG), reply.header(header::ETAG));
    assert_eq!(shown.done(200), made["consumer"]);
    insta::assert_json_snapshot!(steady(&made["consumer"]), @r#"
    {
      "bucket": "production",
      "created": "2026-01-01T00:00:00Z",
      "id": "[id]",
      "managers": [],
      "metadata": {
        "plan": {
          "tier": 3
        }
      },
      "name": "alice",
      "revision": "[revision]",
      "state": "active",
      "subject": "user-1",
      "tags": {
        "team": "räder"
      }
    }
    "#);
}

#[tokio::test]
async fn a_consumer_can_come_with_its_first_key() {
    let api = Api::start().await;
    let request = json!({"name": "alice", "key": {"label": "first", "scopes": ["orders:read"]}});
    let made = api.post(CONSUMERS, request).await.done(201);
    assert_eq!(made["consumer"]["subject"], "alice");
    assert_eq!(made["key"]["key"]["label"], "first");
    assert_eq!(made["key"]["key"]["consumer"]["name"], "alice");
}

#[tokio::test]
async fn a_consumer_with_an_impossible_first_key_is_not_made() {
    let api = Api::start().await;
    let request = json!({"name": "alice", "key": {"expires": "2020-01-01T00:00:00Z"}});
    api.post(CONSUMERS, request).await.refused(422, "invalid_field");
    api.get(ALICE).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_name_is_taken_once_in_a_bucket() {
    let api = Api::start().await;
    api.consumer("alice").await;
    api.post(CONSUMERS, json!({"name": "alice"})).await.refused(409, "consumer_exists");
    api.post("/v1/buckets/nowhere/consumers", json!({"name": "alice"})).await.refused(404, "not_found");
}

#[tokio::test]
async fn consumers_are_listed_in_pages_by_name() {
    let api = Api::start().await;
    for name in ["carol", "alice", "alina", "bob"] {
        api.consumer(name).await;
    }
    let names = |page: &serde_json::Value| {
        let data = page["data"].as_array().expect("a list");
        data.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let first = api.get(&format!("{CONSUMERS}?limit=3")).await.done(200);
    assert_eq!(names(&first), ["alice", "alina", "bob"]);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = api.get(&format!("{CONSUMERS}?limit=3&cursor={cursor}")).await.done(200);
    assert_eq!(names(&second), ["carol"]);
    assert!(second.get("next_cursor").is_none());
    let filtered = api.get(&format!("{CONSUMERS}?name_prefix=ali")).await.done(200);
    assert_eq!(names(&filtered), ["alice", "alina"]);
    api.get("/v1/buckets/nowhere/consumers").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_list_refuses_what_it_does_not_understand() {
    let api = Api::start().await;
    for query in ["limit=0", "limit=1001", "limit=x", "cursor=%25", "cursor=YQ&nam_prefix=a", "offset=1"] {
        api.get(&format!("{CONSUMERS}?{query}")).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let api = Api::start().await;
    let request = json!({"name": "alice", "metadata": {"a": 1, "b": {"c": 2}}, "tags": {"x": "1", "y": "2"}});
    let before = api.post(CONSUMERS, request).await.done(201)["consumer"].clone();
    let patch = json!({"metadata": {"a": null, "b": {"d": 3}}, "tags": {"x": null, "z": "3"}});
    let after = api.patch(ALICE, patch).await.done(200);
    assert_eq!(after["metadata"], json!({"b": {"c": 2, "d": 3}}));
    assert_eq!(after["tags"], json!({"y": "2", "z": "3"}));
    for same in ["id", "name", "subject", "state", "created"] {
        assert_eq!(before[same], after[same]);
    }
}

#[tokio::test]
async fn a_consumer_can_be_renamed_disabled_and_enabled() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let disabled = api.patch(ALICE, json!({"name": "alicia", "state": "disabled"})).await.done(200);
    assert_eq!(disabled["disabled_since"], "2026-01-01T00:00:00Z");
    api.get(ALICE).await.refused(404, "not_found");
    let path = format!("{CONSUMERS}/alicia");
    let enabled = api.patch(&path, json!({"state": "active"})).await.done(200);
    assert_eq!((enabled["state"].as_str(), enabled.get("disabled_since")), (Some("active"), None));
}

#[tokio::test]
async fn a_name_cannot_be_taken_from_another_by_renaming() {
    let api = Api::start().await;
    api.consumer("alice").await;
    api.consumer("bob").await;
    api.patch(ALICE, json!({"name": "bob"})).await.refused(409, "consumer_exists");
}

#[tokio::test]
async fn a_change_to_what_somebody_else_changed_is_refused() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let seen = api.get(ALICE).await.header(header::ETAG).to_owned();
    let mine = api.patch_if(ALICE, &seen, json!({"subject": "mine"})).await;
    mine.done(200);
    api.patch_if(ALICE, &seen, json!({"subject": "theirs"})).await.refused(412, "stale");
    assert_eq!(api.get(ALICE).await.done(200)["subject"], "mine");
    let tag = mine.header(header::ETAG);
    api.patch_if(ALICE, tag, json!({"subject": "again"})).await.done(200);
    api.patch_if(ALICE, "W/\"1\"", json!({})).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_deleted_consumer_is_gone_with_its_keys() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (_, id) = api.key("alice", json!({})).await;
    let stale =
        admin(Method::DELETE, ALICE).header(header::IF_MATCH, "\"0\"").body(axum::body::Body::empty());
    api.send(stale.expect("a request")).await.refused(412, "stale");
    assert_eq!(api.delete(ALICE).await.status, 204);
    api.delete(ALICE).await.refused(404, "not_found");
    api.get(&format!("/v1/keys/{id}")).await.refused(404, "not_found");
    let stored = api.store.revision().await.expect("a revision");
    assert_eq!(api.node.seen.load(std::sync::atomic::Ordering::SeqCst), stored.0);
}

#[tokio::test]
async fn metadata_has_a_limit() {
    let api = Api::start().await;
    let request = json!({"name": "alice", "metadata": {"long": "x".repeat(17_000)}});
    let problem = api.post(CONSUMERS, request).await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "metadata");
}

#[tokio::test]
async fn patches_at_once_are_all_merged() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let one = "/v1/buckets/production/consumers/alice";
    let patch = |at: usize| {
        let api = &api;
        async move { api.patch(one, json!({"metadata": {(format!("m{at}")): at}})).await }
    };
    for reply in futures_util::future::join_all((0..40).map(patch)).await {
        reply.done(200);
    }
    let alice = api.get(one).await.done(200);
    assert_eq!(alice["metadata"].as_object().map(serde_json::Map::len), Some(40), "{alice}");
}
