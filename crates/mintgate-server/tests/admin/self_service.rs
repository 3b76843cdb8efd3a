//! Self-service: what the managers of consumers see and do, and what they and others try.

use serde_json::{Value, json};

use crate::people::{self, People, PeopleApi, Person};

async fn start() -> PeopleApi {
    people::api(People::new()).await
}

fn ann() -> Person {
    Person::subject("user-1").with_address("ann@example.com")
}

fn names(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("items").iter().filter_map(|item| item["name"].as_str()).collect()
}

#[tokio::test]
async fn a_manager_sees_the_consumers_that_name_them_and_their_keys_and_nothing_else() {
    let api = start().await;
    api.managed("hers", &["ann@example.com"]).await;
    api.managed("also-hers", &["bob@example.com", "user-1"]).await;
    api.managed("his", &["bob@example.com"]).await;
    let (_, own) = api.key("hers", json!({"label": "batch"})).await;
    let (_, other) = api.key("his", json!({})).await;
    let ann = api.signed_in(&ann()).await.expect("she manages consumers");
    let session = api.see(&ann, "/v1/session").await.done(200);
    assert_eq!((&session["role"], &session["name"]), (&json!("manager"), &json!("ann@example.com")));
    assert_eq!(api.see(&ann, "/v1/whoami").await.done(200)["role"], "manager");
    let consumers = api.see(&ann, "/v1/self/consumers").await.done(200);
    assert_eq!(
        consumers,
        json!({"data": [
            {"bucket": "production", "name": "also-hers", "state": "active"},
            {"bucket": "production", "name": "hers", "state": "active"},
        ]})
    );
    let keys = api.see(&ann, "/v1/self/keys").await.done(200);
    assert_eq!(keys["data"].as_array().map(Vec::len), Some(1));
    assert_eq!((&keys["data"][0]["id"], &keys["data"][0]["label"]), (&json!(own), &json!("batch")));
    assert_eq!(api.see(&ann, &format!("/v1/self/keys/{own}")).await.done(200)["id"], own);
    api.see(&ann, &format!("/v1/self/keys/{other}")).await.refused(404, "not_found");
    assert_eq!(names(&consumers), ["also-hers", "hers"]);
}

#[tokio::test]
async fn names_and_groups_make_nobody_a_manager() {
    let api = start().await;
    api.managed("hers", &["ann@example.com", "Ann", "all"]).await;
    let eve =
        Person::subject("user-2").with_name("ann@example.com").in_group("ann@example.com").in_group("all");
    assert_eq!(api.signed_in(&eve).await.err().as_deref(), Some("no_role"));
    assert_eq!(api.signed_in(&eve.with_name("Ann")).await.err().as_deref(), Some("no_role"));
}
