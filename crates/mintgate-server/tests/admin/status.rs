//! `/v1/status`.

use mintgate_types::SignedDuration;
use serde_json::json;

use crate::api::Api;

#[tokio::test]
async fn the_status_counts_keys_and_says_who_serves() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (_, id) = api.key("alice", json!({})).await;
    api.key("alice", json!({})).await;
    api.post(&format!("/v1/keys/{id}/revoke"), json!({})).await.done(200);
    api.clock.advance(SignedDuration::from_secs(90));
    insta::assert_json_snapshot!(api.get("/v1/status").await.done(200), @r#"
    {
      "keys": {
        "revoked": 1,
        "total": 2
      },
      "nodes": [
        {
          "name": "node-1",
          "ready": true,
          "revision": 5,
          "started": "2026-01-01T00:00:00Z",
          "uptime_seconds": 90
        }
      ],
      "signing_keys": [],
      "store": {
        "kind": "sqlite",
        "revision": 5
      },
      "version": "0.0.0-test"
    }
    "#);
}

#[tokio::test]
async fn a_clock_that_was_set_back_gives_no_negative_uptime() {
    let api = Api::start().await;
    api.clock.advance(SignedDuration::from_secs(-3600));
    assert_eq!(api.get("/v1/status").await.done(200)["nodes"][0]["uptime_seconds"], 0);
}

#[tokio::test]
async fn the_configuration_in_force_is_shown() {
    let api = Api::start().await;
    let shown = api.get("/v1/config").await.done(200);
    assert_eq!(shown["file"], "mintgate.toml");
    assert_eq!(shown["settings"]["log"]["level"], "info");
}
