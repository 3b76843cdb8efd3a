//! Rolling one's own keys, and what does not come of it.

use mintgate_types::SignedDuration;
use serde_json::{Value, json};

use super::{signed_in, start};
use crate::{
    api::Reply,
    people::{Browser, PeopleApi},
};

const CONSUMER: &str = "/v1/buckets/production/consumers/hers";

async fn roll(api: &PeopleApi, who: &Browser, key: &str, body: Value) -> Reply {
    api.as_person(who, "POST", &format!("/v1/self/keys/{key}/roll"), body).await
}

/// A consumer of Ann's with a key, and Ann.
async fn with_key(request: Value) -> (PeopleApi, Browser, String) {
    let api = start().await;
    api.managed("hers", &["ann@example.com"]).await;
    let (_, key) = api.key("hers", request).await;
    let ann = signed_in(&api).await;
    (api, ann, key)
}

#[tokio::test]
async fn the_new_key_is_like_the_old_one_which_goes_on_for_its_grace() {
    let like = json!({"label": "batch", "scopes": ["orders:read"], "expires": "2026-01-31T00:00:00Z"});
    let (api, _, old) = with_key(like).await;
    api.clock.advance(SignedDuration::from_hours(24 * 10));
    let ann = signed_in(&api).await;
    let reply = roll(&api, &ann, &old, json!({"grace": "2h"})).await;
    let rolled = reply.done(201);
    let new = &rolled["issued"]["key"];
    assert_eq!((&new["label"], &new["scopes"]), (&json!("batch"), &json!(["orders:read"])));
    assert_eq!(new["expires"], "2026-02-10T00:00:00Z", "as long a life as the old one was given");
    assert_eq!(rolled["replaced"][0]["rolled"]["until"], "2026-01-11T02:00:00Z");
    assert!(rolled["issued"]["secret"].as_str().is_some_and(|text| text.starts_with("mgk_")));
    assert_eq!(api.see(&ann, &format!("/v1/self/keys/{old}")).await.done(200)["state"], "rolled");
    // What the admins' own roll gives has the same members.
    let (_, other) = api.key("hers", json!({})).await;
    let theirs = api.post(&format!("/v1/keys/{other}/roll"), json!({})).await.done(201);
    let members = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&rolled), members(&theirs));
    // Without a word it is a day, as it is for admins.
    let next = new["id"].as_str().expect("an id");
    let rolled =
        api.as_person(&ann, "POST", &format!("/v1/self/keys/{next}/roll"), Value::Null).await.done(201);
    assert_eq!(rolled["replaced"][0]["rolled"]["until"], "2026-01-12T00:00:00Z");
}

#[tokio::test]
async fn nothing_but_the_grace_can_be_said() {
    let (api, ann, key) = with_key(json!({"scopes": ["orders:read"]})).await;
    for body in [
        json!({"scopes": ["orders:write"]}),
        json!({"scopes": null}),
        json!({"expires": "2036-01-01T00:00:00Z"}),
        json!({"label": "x"}),
        json!({"grace": "1h", "Scopes": []}),
        json!({"grace": "-1h"}),
        json!({"grace": "99999d"}),
        json!({"grace": 5}),
        json!([]),
    ] {
        roll(&api, &ann, &key, body).await.refused(422, "invalid_field");
    }
    assert_eq!(api.see(&ann, "/v1/self/keys").await.done(200)["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_has_ended_is_not_brought_back() {
    let (api, ann, revoked) = with_key(json!({})).await;
    api.post(&format!("/v1/keys/{revoked}/revoke"), json!({})).await.done(200);
    roll(&api, &ann, &revoked, json!({})).await.refused(409, "key_revoked");
    let (_, expired) = api.key("hers", json!({"expires": "2026-01-01T01:00:00Z"})).await;
    let (_, rolled) = api.key("hers", json!({})).await;
    roll(&api, &ann, &rolled, json!({"grace": "10h"})).await.done(201);
    api.clock.advance(SignedDuration::from_hours(1));
    roll(&api, &ann, &expired, json!({})).await.refused(409, "key_not_active");
    // In its grace it has a successor, from which an admin may have taken something.
    roll(&api, &ann, &rolled, json!({})).await.refused(409, "key_not_active");
    api.clock.advance(SignedDuration::from_hours(10));
    roll(&api, &ann, &rolled, json!({})).await.refused(409, "key_not_active");
    let log = api.get("/v1/audit?outcome=refused&action=key.roll").await.done(200);
    assert_eq!(log["data"].as_array().map(Vec::len), Some(4));
    assert_eq!(log["data"][0]["actor"]["kind"], "manager");
}

#[tokio::test]
async fn keys_of_a_disabled_consumer_are_seen_and_not_rolled() {
    let (api, ann, key) = with_key(json!({})).await;
    api.patch(CONSUMER, json!({"state": "disabled"})).await.done(200);
    let seen = api.see(&ann, "/v1/self/consumers").await.done(200);
    assert_eq!(seen["data"][0]["state"], "disabled");
    assert_eq!(api.see(&ann, &format!("/v1/self/keys/{key}")).await.done(200)["id"], key);
    roll(&api, &ann, &key, json!({})).await.refused(409, "consumer_disabled");
    api.patch(CONSUMER, json!({"state": "active"})).await.done(200);
    roll(&api, &ann, &key, json!({})).await.done(201);
}

#[tokio::test]
async fn of_several_rolls_at_once_one_is_done() {
    let (api, ann, key) = with_key(json!({})).await;
    let (a, b, c) = tokio::join!(
        roll(&api, &ann, &key, json!({})),
        roll(&api, &ann, &key, json!({})),
        roll(&api, &ann, &key, json!({}))
    );
    let replies = [a, b, c];
    let done = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(done, 1);
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.refused(409, "key_not_active");
    }
    assert_eq!(api.see(&ann, "/v1/self/keys").await.done(200)["data"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_key_of_another_system_gets_a_successor_of_ours() {
    let (api, ann, _) = with_key(json!({})).await;
    let rows = json!({"keys": [{"consumer": "hers", "key": "from-another-system-0123456789"}]});
    api.post("/v1/buckets/production/keys/import", rows).await.done(200);
    let keys = api.see(&ann, "/v1/self/keys").await.done(200);
    let foreign = keys["data"].as_array().expect("keys").iter().find(|key| key["format"] == "foreign");
    let foreign = foreign.expect("it was imported")["id"].as_str().expect("an id").to_owned();
    let rolled = roll(&api, &ann, &foreign, json!({})).await.done(201);
    assert_eq!(rolled["issued"]["key"]["format"], "native");
}

#[tokio::test]
async fn the_audit_log_says_which_manager_and_no_secret() {
    let (api, ann, key) = with_key(json!({})).await;
    let rolled = roll(&api, &ann, &key, json!({})).await.done(201);
    let secret = rolled["issued"]["secret"].as_str().expect("a text");
    let log = api.get("/v1/audit?action=key.roll").await;
    let entry = &log.done(200)["data"][0];
    let actor = json!({"kind": "manager", "name": "ann@example.com", "id": "https://id.example/user-1"});
    assert_eq!((&entry["actor"], &entry["target"]["id"]), (&actor, &json!(key)));
    assert_eq!(entry["outcome"], "done");
    let all = api.get("/v1/audit?limit=1000").await;
    assert!(!all.text.contains(secret));
    let created = api.get("/v1/audit?action=session.create").await.done(200);
    assert_eq!(created["data"][0]["actor"], actor);
    assert_eq!(api.post("/v1/audit/verify", json!({})).await.done(200)["ok"], true);
}

#[tokio::test]
async fn nobody_fills_the_store_with_keys() {
    let (api, ann, mut key) = with_key(json!({})).await;
    for _ in 0..30 {
        let rolled = roll(&api, &ann, &key, json!({"grace": "0s"})).await.done(201);
        rolled["issued"]["key"]["id"].as_str().expect("an id").clone_into(&mut key);
    }
    let refused = roll(&api, &ann, &key, json!({"grace": "0s"})).await;
    refused.refused(429, "too_many_changes");
    assert_eq!(refused.header(http::header::RETRY_AFTER), "60");
    // Others have a pace of their own, and hers comes back.
    let bob = crate::people::Person::subject("user-2").with_address("bob@example.com");
    api.patch(CONSUMER, json!({"managers": ["ann@example.com", "bob@example.com"]})).await.done(200);
    let bob = api.signed_in(&bob).await.expect("he manages a consumer");
    let (_, other) = api.key("hers", json!({})).await;
    roll(&api, &bob, &other, json!({})).await.done(201);
    api.clock.advance(SignedDuration::from_mins(1));
    roll(&api, &ann, &key, json!({})).await.done(201);
    roll(&api, &ann, &key, json!({})).await.refused(429, "too_many_changes");
}

#[tokio::test]
async fn a_roll_that_is_asked_for_twice_is_told_again_to_its_manager_alone() {
    let (api, ann, key) = with_key(json!({})).await;
    api.managed("also-hers", &["user-1", "bob@example.com"]).await;
    let asked = async |who: &Browser| {
        let request = http::Request::builder()
            .method("POST")
            .uri(format!("/v1/self/keys/{key}/roll"))
            .header(http::header::COOKIE, &who.cookie)
            .header("x-csrf-token", &who.csrf_token)
            .header("idempotency-key", "once");
        api.send(request.body(axum::body::Body::empty()).expect("a request")).await
    };
    let (first, again) = (asked(&ann).await, asked(&ann).await);
    assert_eq!(first.done(201), again.done(201));
    assert!(first.text.contains("mgk_"));
    let bob = crate::people::Person::subject("user-2").with_address("bob@example.com");
    let bob = api.signed_in(&bob).await.expect("he manages a consumer");
    asked(&bob).await.refused(404, "not_found");
    // Nor to her once she is taken off.
    api.patch(CONSUMER, json!({"managers": []})).await.done(200);
    asked(&ann).await.refused(404, "not_found");
}
