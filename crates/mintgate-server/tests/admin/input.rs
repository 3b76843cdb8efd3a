//! What is refused before any endpoint looks at it.

use axum::body::Body;
use http::{Method, header};
use serde_json::json;

use crate::api::{Api, admin};

const CONSUMERS: &str = "/v1/buckets/production/consumers";

async fn post(api: &Api, media_type: Option<&str>, body: impl Into<Body>) -> crate::api::Reply {
    let mut request = admin(Method::POST, CONSUMERS);
    if let Some(media_type) = media_type {
        request = request.header(header::CONTENT_TYPE, media_type);
    }
    api.send(request.body(body.into()).expect("a request")).await
}

#[tokio::test]
async fn what_is_not_declared_as_json_is_not_read() {
    let api = Api::start().await;
    for media_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("")] {
        post(&api, media_type, r#"{"name":"alice"}"#).await.refused(415, "unsupported_media_type");
    }
    post(&api, Some("Application/JSON; charset=utf-8"), r#"{"name":"alice"}"#).await.done(201);
}

#[tokio::test]
async fn broken_json_says_where_it_breaks() {
    let api = Api::start().await;
    let problem =
        post(&api, Some("application/json"), "{\"name\": \"alice\",}").await.refused(400, "invalid_request");
    assert_eq!(problem["detail"], "not JSON: trailing comma at line 1 column 18");
    for body in ["", "{", "{\"name\":\"\u{0}\"}", "{\"name\":\"alice\"}}"] {
        let reply = post(&api, Some("application/json"), body).await;
        reply.refused(400, "invalid_request");
    }
    let invalid_text: &[u8] = b"{\"name\":\"\xff\"}";
    post(&api, Some("application/json"), invalid_text).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let api = Api::start().await;
    for (body, field) in [
        (json!({"name": "al ice"}), "name"),
        (json!({"name": "alice", "subjekt": "x"}), "subjekt"),
        (json!({"name": "alice", "tags": {"Not a tag": "x"}}), "tags.Not a tag"),
        (json!({"name": "alice", "key": {"scopes": ["ok", "not ok"]}}), "key.scopes[1]"),
        (json!({"name": "alice", "metadata": []}), "metadata"),
        (json!({"name": "alice", "subject": "a\u{202E}b"}), "subject"),
    ] {
        let problem =
            post(&api, Some("application/json"), body.to_string()).await.refused(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let api = Api::start().await;
    for body in ["[\"alice\"]", "\"alice\"", "1", "null", " []"] {
        post(&api, Some("application/json"), body).await.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let api = Api::start().await;
    let body = format!("{{\"name\":\"{}\"}}", "a".repeat(200_000));
    post(&api, Some("application/json"), body).await.refused(413, "too_large");
}

#[tokio::test]
async fn names_that_no_thing_can_have_are_a_bad_request() {
    let api = Api::start().await;
    for path in [
        "/v1/buckets/NOT_A_BUCKET/consumers",
        "/v1/buckets/production/consumers/%00",
        "/v1/buckets/production/consumers/a%2Fb",
        "/v1/buckets/production/consumers/%ff",
        "/v1/keys/..",
    ] {
        api.get(path).await.refused(400, "invalid_request");
    }
}
