//! What callers see when something below does not work.

use std::{
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::body::{Body, Bytes};
use http::{Request, header};
use serde_json::json;
use tokio::sync::Notify;

use crate::api::{Api, TOKEN};

#[tokio::test]
async fn a_store_that_is_gone_is_a_503_and_never_another_answer() {
    let api = Api::start().await;
    api.consumer("alice").await;
    api.sqlite.close().await;
    for path in ["/v1/buckets", "/v1/status", "/v1/keys", "/v1/buckets/production/consumers/alice"] {
        let reply = api.get(path).await;
        let problem = reply.refused(503, "unavailable");
        assert_eq!(problem.get("detail"), None);
        assert_eq!(reply.header(header::RETRY_AFTER), "1");
    }
    let path = "/v1/buckets/production/consumers/alice/keys";
    api.post(path, json!({})).await.refused(503, "unavailable");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_while_its_change_goes_on() {
    let api = Api::with_patience(Duration::from_millis(200)).await;
    let gate = Arc::new((Notify::new(), Notify::new()));
    *api.node.gate.lock().expect("the lock") = Some(Arc::clone(&gate));
    let reply = api.post("/v1/buckets", json!({"name": "staging"})).await;
    reply.refused(504, "timeout");
    gate.1.notify_one();
    api.service.finish().await;
    let stored = api.store.revision().await.expect("a revision");
    assert_eq!(api.node.seen.load(Ordering::SeqCst), stored.0);
}

#[tokio::test]
async fn nobody_waits_for_a_body_that_never_ends() {
    let api = Api::with_patience(Duration::from_millis(200)).await;
    for (path, headers) in [("/v1/session", None), ("/v1/buckets", Some(format!("Bearer {TOKEN}")))] {
        let body = Body::from_stream(futures_util::stream::pending::<Result<Bytes, Infallible>>());
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(line) = headers {
            request = request.header(header::AUTHORIZATION, line);
        }
        let reply = api.send(request.body(body).expect("a request")).await;
        assert!(reply.status == 504 || reply.status == 400, "{}", reply.text);
    }
    tokio::time::timeout(Duration::from_secs(10), api.service.finish()).await.expect("nothing is under way");
}

#[tokio::test]
async fn a_backup_may_take_longer_than_other_requests() {
    let api = Api::with_patience(Duration::ZERO).await;
    api.get("/v1/buckets").await.refused(504, "timeout");
    let backup = api.get("/v1/backup").await;
    assert_eq!(backup.status, 200, "{}", backup.text);
}
