//! Self-service: what the managers of consumers see and do.

mod attacks;
mod rolling;

use mintgate_store::{KeyUse, UsageBatch};
use mintgate_types::{Clock as _, KeyId, RequestCounts, SignedDuration, UsageHour};
use serde_json::{Value, json};

use crate::people::{self, Browser, People, PeopleApi, Person};

async fn start() -> PeopleApi {
    people::api(People::new()).await
}

fn ann() -> Person {
    Person::subject("user-1").with_address("ann@example.com")
}

async fn signed_in(api: &PeopleApi) -> Browser {
    api.signed_in(&ann()).await.expect("she manages a consumer")
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("items").iter().filter_map(|item| item["id"].as_str()).collect()
}

#[tokio::test]
async fn a_manager_sees_the_consumers_that_name_them_and_their_keys_and_nothing_else() {
    let api = start().await;
    api.managed("hers", &["ann@example.com"]).await;
    api.managed("also-hers", &["bob@example.com", "user-1"]).await;
    api.managed("his", &["bob@example.com"]).await;
    let (_, own) = api.key("hers", json!({"label": "batch"})).await;
    api.key("his", json!({})).await;
    let ann = signed_in(&api).await;
    for path in ["/v1/session", "/v1/whoami"] {
        let who = api.see(&ann, path).await.done(200);
        assert_eq!(
            (&who["role"], &who["name"], &who["via"]),
            (&json!("manager"), &json!("ann@example.com"), &json!("session"))
        );
    }
    let consumers = api.see(&ann, "/v1/self/consumers").await.done(200);
    assert_eq!(
        consumers,
        json!({"data": [
            {"bucket": "production", "name": "also-hers", "state": "active"},
            {"bucket": "production", "name": "hers", "state": "active"},
        ]})
    );
    let keys = api.see(&ann, "/v1/self/keys").await.done(200);
    assert_eq!((ids(&keys), &keys["data"][0]["label"]), (vec![&*own], &json!("batch")));
    assert_eq!(api.see(&ann, &format!("/v1/self/keys/{own}")).await.done(200), keys["data"][0]);
    assert_eq!(api.as_person(&ann, "DELETE", "/v1/session", Value::Null).await.status, 204);
    api.see(&ann, "/v1/self/keys").await.refused(401, "session_over");
}

#[tokio::test]
async fn self_service_is_off_unless_it_is_switched_on() {
    let api = people::api(People { self_service: false, ..People::new() }).await;
    api.managed("hers", &["ann@example.com"]).await;
    assert_eq!(api.get("/v1/sign-in").await.done(200)["self_service"], false);
    assert_eq!(api.signed_in(&ann()).await.err().as_deref(), Some("no_role"));
    // For those who get in, there is no such path.
    let operator = api.signed_in(&ann().in_group("support")).await.expect("a role");
    for path in ["/v1/self/consumers", "/v1/self/keys", "/v1/self/keys/0123456789ab", "/v1/self/usage"] {
        api.get(path).await.refused(404, "not_found");
        api.see(&operator, path).await.refused(404, "not_found");
    }
    api.post("/v1/self/keys/0123456789ab/roll", json!({})).await.refused(404, "not_found");
    let api = start().await;
    assert_eq!(api.get("/v1/sign-in").await.done(200)["self_service"], true);
}

#[tokio::test]
async fn an_admin_who_manages_consumers_sees_those_there_and_all_elsewhere() {
    let api = start().await;
    api.managed("hers", &["ann@example.com"]).await;
    api.managed("his", &["bob@example.com"]).await;
    let (_, own) = api.key("hers", json!({})).await;
    let (_, other) = api.key("his", json!({})).await;
    let ann = api.signed_in(&ann().in_group("support")).await.expect("a role");
    assert_eq!(api.see(&ann, "/v1/session").await.done(200)["role"], "operator");
    assert_eq!(api.see(&ann, "/v1/keys").await.done(200)["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(ids(&api.see(&ann, "/v1/self/keys").await.done(200)), [&*own]);
    let path = format!("/v1/self/keys/{other}/roll");
    api.as_person(&ann, "POST", &path, json!({})).await.refused(404, "not_found");
    // One who manages nothing sees nothing there.
    let sam = Person::subject("user-3").in_group("support");
    let sam = api.signed_in(&sam).await.expect("a role");
    assert_eq!(api.see(&sam, "/v1/self/consumers").await.done(200), json!({"data": []}));
    assert_eq!(api.see(&sam, "/v1/self/keys").await.done(200), json!({"data": []}));
}

#[tokio::test]
async fn keys_come_in_pages_of_any_size_over_all_consumers() {
    let api = start().await;
    api.post("/v1/buckets", json!({"name": "staging"})).await.done(201);
    let mut expected = Vec::new();
    for (name, keys) in [("a", 3), ("b", 0), ("c", 1), ("d", 2)] {
        api.managed(name, &["ann@example.com"]).await;
        let mut of_one = Vec::new();
        for _ in 0..keys {
            of_one.push(api.key(name, json!({})).await.1);
        }
        of_one.sort();
        expected.extend(of_one);
    }
    let made = json!({"name": "z", "managers": ["user-1"], "key": {}});
    let made = api.post("/v1/buckets/staging/consumers", made).await.done(201);
    expected.push(made["key"]["key"]["id"].as_str().expect("an id").to_owned());
    let ann = signed_in(&api).await;
    for limit in [1, 2, 3, 4, 5, 7, 100] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = api.see(&ann, &format!("/v1/self/keys?limit={limit}{cursor}")).await.done(200);
            assert!(ids(&page).len() <= limit);
            seen.extend(ids(&page).into_iter().map(str::to_owned));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, expected, "{limit} at a time");
    }
    let path = "/v1/self/keys?bucket=production&consumer=a&limit=2";
    let page = api.see(&ann, path).await.done(200);
    assert_eq!(ids(&page), expected[..2]);
    let rest = format!("{path}&cursor={}", page["next_cursor"].as_str().expect("more"));
    let rest = api.see(&ann, &rest).await.done(200);
    assert_eq!((ids(&rest), rest.get("next_cursor")), (vec![&*expected[2]], None));
    assert_eq!(ids(&api.see(&ann, "/v1/self/keys?bucket=staging").await.done(200)), expected[6..]);
    assert_eq!(ids(&api.see(&ann, "/v1/self/keys?bucket=nowhere").await.done(200)), [""; 0]);
    api.see(&ann, "/v1/self/keys?consumer=a").await.refused(400, "invalid_request");
    api.see(&ann, "/v1/self/keys?bucket=production&consumer=x").await.refused(404, "not_found");
    for cursor in ["x", "YSBi", "YSBiIGM"] {
        api.see(&ann, &format!("/v1/self/keys?cursor={cursor}")).await.refused(400, "invalid_request");
        api.see(&ann, &format!("/v1/self/consumers?cursor={cursor}x")).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn consumers_come_in_pages() {
    let api = start().await;
    for name in ["a", "b", "c"] {
        api.managed(name, &["ann@example.com"]).await;
    }
    let ann = signed_in(&api).await;
    let first = api.see(&ann, "/v1/self/consumers?limit=2").await.done(200);
    assert_eq!(first["data"].as_array().map(Vec::len), Some(2));
    let path = format!("/v1/self/consumers?cursor={}", first["next_cursor"].as_str().expect("more"));
    let second = api.see(&ann, &path).await.done(200);
    assert_eq!((&second["data"][0]["name"], second.get("next_cursor")), (&json!("c"), None));
}

#[tokio::test]
async fn usage_is_that_of_ones_own_consumers() {
    let api = start().await;
    let mut batch = UsageBatch::default();
    let hour = UsageHour::of(api.clock.now());
    for (name, manager, requests) in [("a", "ann@example.com", 1), ("b", "user-1", 10), ("c", "bob", 100)] {
        api.managed(name, &[manager]).await;
        let (_, key) = api.key(name, json!({})).await;
        let counts = RequestCounts { by_class: [requests, 0, 0, 0], refused: 0 };
        let key: KeyId = key.parse().expect("an id");
        batch.keys.push(KeyUse { key, hour, counts, used: None });
    }
    api.store.add_usage(&batch).await.expect("counts");
    api.clock.advance(SignedDuration::from_mins(1));
    let ann = signed_in(&api).await;
    let key = |at: usize| batch.keys[at].key;
    for (query, requests) in [
        (String::new(), 11),
        ("?bucket=production".to_owned(), 11),
        ("?bucket=nowhere".to_owned(), 0),
        ("?bucket=production&consumer=b".to_owned(), 10),
        (format!("?key_id={}", key(0)), 1),
    ] {
        let usage = api.see(&ann, &format!("/v1/self/usage{query}")).await.done(200);
        assert_eq!(usage["totals"]["requests"], requests, "{query}");
        assert_eq!(usage["step"], "hour");
    }
    for query in ["bucket=production&consumer=c".to_owned(), format!("key_id={}", key(2))] {
        api.see(&ann, &format!("/v1/self/usage?{query}")).await.refused(404, "not_found");
    }
    api.see(&ann, "/v1/self/usage?consumer=a").await.refused(422, "invalid_field");
    let all: Vec<_> =
        (0..100).map(|at| json!({"name": format!("n{at}"), "managers": ["ann@example.com"]})).collect();
    let path = "/v1/buckets/production/consumers:batch";
    api.post(path, json!({ "consumers": all })).await.done(201);
    let problem = api.see(&ann, "/v1/self/usage").await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "consumer");
}
