//! Buckets, batches of consumers, and the revocation of many keys.

use serde_json::json;

use crate::api::Api;

const BATCH: &str = "/v1/buckets/production/consumers:batch";

#[tokio::test]
async fn a_bucket_is_shown_changed_and_deleted() {
    let api = Api::start().await;
    api.post("/v1/buckets", json!({"name": "staging"})).await.done(201);
    let path = "/v1/buckets/staging";
    assert_eq!(api.get(path).await.done(200)["prefix"], "mgk");
    assert_eq!(api.patch(path, json!({"prefix": "acme"})).await.done(200)["prefix"], "acme");
    api.patch_if(path, "\"1\"", json!({"prefix": "other"})).await.refused(412, "stale");
    api.patch(path, json!({"prefix": "_"})).await.refused(422, "invalid_field");
    api.patch(path, json!({"name": "other"})).await.refused(422, "invalid_field");
    let made = api.post(&format!("{path}/consumers"), json!({"name": "bob", "key": {}})).await.done(201);
    assert!(made["key"]["secret"].as_str().expect("text").starts_with("acme_"));
    api.delete(path).await.refused(409, "bucket_not_empty");
    assert_eq!(api.delete(&format!("{path}/consumers/bob")).await.status, 204);
    assert_eq!(api.delete(path).await.status, 204);
    api.get(path).await.refused(404, "not_found");
    api.delete(path).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_batch_makes_consumers_and_keys_in_the_order_asked() {
    let api = Api::start().await;
    let consumers: Vec<_> = (0..1000)
        .map(|at| json!({"name": format!("c{at}"), "key": {"label": format!("k{at}"), "scopes": ["orders:read"]}}))
        .collect();
    let made = api.post(BATCH, json!({ "consumers": consumers })).await.done(201);
    let made = made["consumers"].as_array().expect("a list").clone();
    assert_eq!(made.len(), 1000);
    for (at, one) in made.iter().enumerate() {
        assert_eq!(
            (&one["consumer"]["name"], &one["key"]["key"]["label"]),
            (&json!(format!("c{at}")), &json!(format!("k{at}")))
        );
        assert!(one["key"]["secret"].as_str().is_some_and(|text| text.starts_with("mgk_")));
    }
    assert_eq!(api.get("/v1/buckets/production/consumers/c999").await.done(200), made[999]["consumer"]);
}

#[tokio::test]
async fn a_batch_with_anything_wrong_makes_nothing_and_says_all_of_it() {
    let api = Api::start().await;
    api.consumer("taken").await;
    let consumers = json!([{"name": "fine"}, {"name": "taken"}, {"name": "twice"}, {"name": "twice"}]);
    let problem = api.post(BATCH, json!({ "consumers": consumers })).await.refused(422, "invalid_field");
    let fields: Vec<_> =
        problem["errors"].as_array().expect("a list").iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["consumers[3].name", "consumers[1].name"]);
    let late = json!({"expires": "2020-01-01T00:00:00Z"});
    let long = json!({"a": "x".repeat(20_000)});
    let consumers = json!([{"name": "fine"}, {"name": "bad", "key": late, "metadata": long}, {"name": "worse", "key": late}]);
    let problem = api.post(BATCH, json!({ "consumers": consumers })).await.refused(422, "invalid_field");
    let fields: Vec<_> =
        problem["errors"].as_array().expect("a list").iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["consumers[1].metadata", "consumers[1].key.expires", "consumers[2].key.expires"]);
    api.get("/v1/buckets/production/consumers/fine").await.refused(404, "not_found");
    for consumers in [json!([]), json!(vec![json!({"name": "x"}); 1001])] {
        api.post(BATCH, json!({ "consumers": consumers })).await.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn many_keys_are_revoked_by_filter_after_a_dry_run() {
    let api = Api::start().await;
    for name in ["alice", "bob"] {
        api.consumer(name).await;
        for label in ["ci", "ci", "prod"] {
            api.key(name, json!({ "label": label })).await;
        }
    }
    let revoke = async |filter, dry_run: bool| {
        api.post("/v1/keys:revoke", json!({"filter": filter, "dry_run": dry_run, "reason": "leak"})).await
    };
    let counts = |done: &serde_json::Value| (done["matched"].as_u64(), done["revoked"].as_u64());
    let dry = revoke(json!({"label": "ci"}), true).await.done(200);
    assert_eq!((counts(&dry), dry["keys"].as_array().map(Vec::len)), ((Some(4), Some(0)), Some(4)));
    assert_eq!(dry["keys"][0]["state"], "active");
    let filter = json!({"bucket": "production", "consumer": "alice", "label": "ci"});
    let done = revoke(filter.clone(), false).await.done(200);
    assert_eq!((counts(&done), &done["keys"][0]["revoked"]["reason"]), ((Some(2), Some(2)), &json!("leak")));
    assert_eq!(counts(&revoke(filter, false).await.done(200)), (Some(0), Some(0)));
    assert_eq!(api.get("/v1/keys?state=active").await.done(200)["data"].as_array().map(Vec::len), Some(4));
}

#[tokio::test]
async fn a_filter_that_says_nothing_revokes_nothing() {
    let api = Api::start().await;
    api.consumer("alice").await;
    api.key("alice", json!({})).await;
    for filter in [json!({}), json!({"ids": []}), json!({"consumer": "alice"}), json!({"lable": "ci"})] {
        api.post("/v1/keys:revoke", json!({ "filter": filter })).await.refused(422, "invalid_field");
    }
    api.post("/v1/keys:revoke", json!({})).await.refused(422, "invalid_field");
    assert_eq!(api.get("/v1/keys?state=active").await.done(200)["data"].as_array().map(Vec::len), Some(1));
}
