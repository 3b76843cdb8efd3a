//! `GET /v1/consumers` and `GET /v1/keys`, with filters.

use serde_json::{Value, json};

use crate::api::Api;

async fn names(api: &Api, query: &str) -> Vec<String> {
    let page = api.get(&format!("/v1/consumers?{query}")).await.done(200);
    let name = |consumer: &Value| consumer["name"].as_str().expect("a name").to_owned();
    page["data"].as_array().expect("a list").iter().map(name).collect()
}

async fn filled() -> Api {
    let api = Api::start().await;
    api.post("/v1/buckets", json!({"name": "staging"})).await.done(201);
    let make = async |bucket: &str, consumer: Value| {
        api.post(&format!("/v1/buckets/{bucket}/consumers"), consumer).await.done(201);
    };
    make("production", json!({"name": "alice", "tags": {"plan": "gold"}, "metadata": {"org": {"n": 7}}, "managers": ["ops@example.com"]})).await;
    make("production", json!({"name": "bob", "subject": "Älice's friend"})).await;
    make("staging", json!({"name": "carol", "key": {"label": "nightly"}})).await;
    api
}

#[tokio::test]
async fn consumers_of_all_buckets_are_found() {
    let api = filled().await;
    for (query, found) in [
        ("", &["alice", "bob", "carol"][..]),
        ("q=LICE", &["alice", "bob"]),
        ("q=%C3%84lice", &["bob"]),
        ("q=gold", &["alice"]),
        ("q=NIGHT", &["carol"]),
        ("bucket=staging", &["carol"]),
        ("tag=plan:gold", &["alice"]),
        ("metadata=/org/n:7", &["alice"]),
        ("state=disabled", &[]),
        ("sort=created", &["alice", "bob", "carol"]),
    ] {
        let mut names = names(&api, query).await;
        if query == "sort=created" {
            // The clock stands still, so the order is that of ids.
            names.sort_unstable();
        }
        assert_eq!(names, found, "{query}");
    }
}

#[tokio::test]
async fn pages_lead_through_all_that_is_found() {
    let api = filled().await;
    for sort in ["name", "created", "last_used"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api.get(&format!("/v1/consumers?q=c&sort={sort}&limit=1{cursor}")).await.done(200);
            seen.extend(page["data"].as_array().expect("a list").iter().map(|one| one["name"].to_string()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, ["\"alice\"", "\"bob\"", "\"carol\""], "{sort}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let api = filled().await;
    let page = api.get("/v1/consumers?limit=1").await.done(200);
    let cursor = page["next_cursor"].as_str().expect("more");
    api.get(&format!("/v1/consumers?sort=created&cursor={cursor}")).await.refused(400, "invalid_request");
    api.get(&format!("/v1/keys?cursor={cursor}")).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_refused() {
    let api = filled().await;
    for query in [
        "q=",
        "q=%0A",
        "tag=plan",
        "tag=PLAN:x",
        "metadata=plan:gold",
        "metadata=/plan",
        "sort=age",
        "state=gone",
        "limit=0",
        "x=1",
    ] {
        api.get(&format!("/v1/consumers?{query}")).await.refused(400, "invalid_request");
    }
    api.get("/v1/keys?consumer=alice").await.refused(400, "invalid_request");
    api.get("/v1/buckets/production/consumers?name_prefix=a&q=b").await.refused(400, "invalid_request");
}

#[tokio::test]
async fn keys_are_found_by_state_holder_and_label() {
    let api = filled().await;
    let (_, revoked) = api.key("alice", json!({"label": "old"})).await;
    api.post(&format!("/v1/keys/{revoked}/revoke"), json!({})).await.done(200);
    let (_, active) = api.key("alice", json!({"label": "new", "expires": "2026-02-01T00:00:00Z"})).await;
    let found = async |query: &str| {
        let page = api.get(&format!("/v1/keys?{query}")).await.done(200);
        let id = |key: &Value| key["id"].as_str().expect("an id").to_owned();
        page["data"].as_array().expect("a list").iter().map(id).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("state=revoked", vec![&revoked]),
        ("q=NEW", vec![&active]),
        ("expires_before=2026-03-01T00:00:00Z", vec![&active]),
        ("expires_before=2026-01-15T00:00:00Z", vec![]),
        ("foreign=true", vec![]),
        ("bucket=production&consumer=alice&state=active", vec![&active]),
    ] {
        assert_eq!(found(query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    assert_eq!(found("foreign=false").await.len(), 3);
    assert_eq!(found("bucket=staging").await.len(), 1);
    assert_eq!(found(&format!("q={}", &active[..6])).await, [active]);
}
