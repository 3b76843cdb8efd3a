//! Who may do what: the table in `docs/api.md` against everything that the document has, asked by everybody.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Request, header};
use mintgate_admin::document;
use serde_json::json;

use crate::{
    api::{Api, Reply},
    people::{self, People, Person},
};

/// May an owner, an operator, an auditor, an owner of some buckets, and a manager?
type Row = [bool; 5];

#[tokio::test]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let api = people::api(People::new()).await;
    api.managed("ann-s", &["ann@example.com"]).await;
    let table = table();
    let askers = [
        Asker::Token(api.admin_token(json!({"name": "o", "role": "owner"})).await),
        Asker::Token(api.admin_token(json!({"name": "p", "role": "operator"})).await),
        Asker::Token(api.admin_token(json!({"name": "a", "role": "auditor"})).await),
        Asker::Token(api.admin_token(json!({"name": "b", "role": "owner", "buckets": ["production"]})).await),
        Asker::Manager,
    ];
    let mut asked = 0;
    for (operation, may) in &table {
        let (method, template) = operation.split_once(' ').expect("a method and a path");
        for ((asker, may), who) in
            askers.iter().zip(may).zip(["owner", "operator", "auditor", "owner of a bucket", "manager"])
        {
            let reply = match asker {
                Asker::Token(token) => api.ask(token, method, &filled(template), "{}").await,
                // Signed in anew each time: one of the operations signs out.
                Asker::Manager => {
                    let ann = Person::subject("1").with_address("ann@example.com");
                    let ann = api.signed_in(&ann).await.expect("she manages a consumer");
                    api.as_person(&ann, method, &filled(template), json!({})).await
                }
            };
            let refused = reply.status == 403;
            assert_eq!(refused, !may, "{who}: {operation} gives {} {}", reply.status, reply.text);
            if refused {
                reply.refused(403, "forbidden");
            }
            asked += 1;
        }
    }
    assert!(asked > 100, "only {asked} questions");
}

enum Asker {
    Token(String),
    Manager,
}

#[test]
fn the_table_has_every_operation_of_the_document() {
    let document = serde_json::to_value(document()).expect("a document");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in
            item.as_object().expect("operations").iter().filter(|(key, _)| key.len() < 7)
        {
            // What is open to everybody is not for roles; `admission.rs` has the list.
            if operation["security"] != json!([]) {
                operations.push(format!("{} {path}", method.to_ascii_uppercase()));
            }
        }
    }
    operations.sort_unstable();
    let table: Vec<_> = table().into_keys().collect();
    assert_eq!(table, operations, "docs/api.md, \"Who may do what\"");
}

#[test]
fn the_document_says_of_every_operation_for_whom_it_is() {
    let document = serde_json::to_value(document()).expect("a document");
    for (operation, may) in table() {
        let (method, path) = operation.split_once(' ').expect("a method and a path");
        let told = &document["paths"][path][method.to_ascii_lowercase()]["x-for"];
        let roles = told["roles"].as_array().unwrap_or_else(|| panic!("{operation} says nothing: {told}"));
        let [owner, operator, auditor, manager] =
            ["owner", "operator", "auditor", "manager"].map(|role| roles.contains(&role.into()));
        let limited = told["limited_to_buckets"] == true;
        assert_eq!([owner, operator, auditor, limited, manager], may, "{operation}");
    }
}

#[tokio::test]
async fn who_may_not_is_refused_before_anything_is_read() {
    let api = Api::start().await;
    let auditor = api.admin_token(json!({"name": "a", "role": "auditor"})).await;
    for body in ["", "{", "[]", "{\"name\": 7}"] {
        api.ask(&auditor, "POST", "/v1/buckets", body).await.refused(403, "forbidden");
    }
}

#[tokio::test]
async fn an_auditor_reads_everything_and_changes_nothing() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (_, key) = api.key("alice", json!({})).await;
    let auditor = api.admin_token(json!({"name": "a", "role": "auditor"})).await;
    let revision = api.store.revision().await.expect("reads");
    for (operation, _) in table() {
        let (method, template) = operation.split_once(' ').expect("a method and a path");
        let path = template
            .replace("{bucket}", "production")
            .replace("{consumer}", "alice")
            .replace("{key_id}", &key)
            .replace("{kid}", "x")
            .replace("{token_id}", "0123456789ab");
        api.ask(&auditor, method, &path, r#"{"name": "x"}"#).await;
    }
    assert_eq!(api.store.revision().await.expect("reads"), revision);
    for path in ["/v1/keys", "/v1/audit", "/v1/admin-tokens", "/v1/signing-keys", "/v1/status"] {
        api.ask(&auditor, "GET", path, "").await.done(200);
    }
}

#[tokio::test]
async fn an_operator_cannot_become_more() {
    let api = Api::start().await;
    let operator = api.admin_token(json!({"name": "p", "role": "operator"})).await;
    let owner = json!({"name": "q", "role": "owner"}).to_string();
    api.ask(&operator, "POST", "/v1/admin-tokens", &owner).await.refused(403, "forbidden");
    let tokens = api.get("/v1/admin-tokens").await.done(200);
    let ids: Vec<_> =
        tokens["data"].as_array().expect("a list").iter().filter_map(|t| t["id"].as_str()).collect();
    for id in ids {
        for what in ["roll", "revoke"] {
            let path = format!("/v1/admin-tokens/{id}/{what}");
            api.ask(&operator, "POST", &path, "").await.refused(403, "forbidden");
        }
    }
    // Nor does somebody who may everything, but in one bucket only.
    let limited = json!({"name": "b", "role": "owner", "buckets": ["production"]});
    let limited = api.admin_token(limited).await;
    api.ask(&limited, "POST", "/v1/admin-tokens", &owner).await.refused(403, "forbidden");
    assert_eq!(api.ask(&operator, "GET", "/v1/whoami", "").await.done(200)["role"], "operator");
}

#[tokio::test]
async fn what_lies_in_another_bucket_is_not_there() {
    let api = Api::start().await;
    api.post("/v1/buckets", json!({"name": "staging"})).await.done(201);
    api.post("/v1/buckets/staging/consumers", json!({"name": "bob", "key": {}})).await.done(201);
    api.consumer("alice").await;
    let (_, hers) = api.key("alice", json!({})).await;
    let keys = api.get("/v1/keys").await.done(200);
    let his = keys["data"].as_array().expect("keys").iter().map(|key| key["id"].as_str().expect("an id"));
    let his = his.filter(|id| *id != hers).collect::<Vec<_>>()[0].to_owned();
    let limited = json!({"name": "b", "role": "operator", "buckets": ["production"]});
    let limited = api.admin_token(limited).await;
    for (method, path, body) in [
        ("GET", "/v1/buckets/staging/consumers".to_owned(), ""),
        ("POST", "/v1/buckets/staging/consumers".to_owned(), r#"{"name": "x"}"#),
        ("GET", "/v1/buckets/staging/consumers/bob".to_owned(), ""),
        ("PATCH", "/v1/buckets/staging/consumers/bob".to_owned(), r#"{"name": "x"}"#),
        ("DELETE", "/v1/buckets/staging/consumers/bob".to_owned(), ""),
        ("GET", "/v1/buckets/staging/consumers/bob/keys".to_owned(), ""),
        ("POST", "/v1/buckets/staging/consumers/bob/keys".to_owned(), "{}"),
        ("POST", "/v1/buckets/staging/consumers/bob/roll".to_owned(), "{}"),
        (
            "POST",
            "/v1/buckets/staging/keys/import".to_owned(),
            r#"{"keys": [{"consumer": "bob", "key": "0123456789abcdef0123"}]}"#,
        ),
        ("GET", "/v1/buckets/staging".to_owned(), ""),
        ("POST", "/v1/buckets/staging/consumers:batch".to_owned(), r#"{"consumers": [{"name": "x"}]}"#),
        ("GET", format!("/v1/keys/{his}"), ""),
        ("PATCH", format!("/v1/keys/{his}"), r#"{"label": "x"}"#),
        ("POST", format!("/v1/keys/{his}/roll"), "{}"),
        ("POST", format!("/v1/keys/{his}/revoke"), "{}"),
    ] {
        let elsewhere = api.ask(&limited, method, &path, body).await;
        elsewhere.refused(404, "not_found");
        // To the letter what somebody hears who asks for what is nowhere.
        let nowhere = path.replace("staging", "nowhere").replace(&his, "0123456789ab");
        let nowhere = api.ask(&limited, method, &nowhere, body).await;
        assert_eq!(without_id(&elsewhere), without_id(&nowhere), "{method} {path}");
    }
    for filter in
        [json!({"ids": [his]}), json!({"bucket": "staging"}), json!({"foreign": false, "bucket": "staging"})]
    {
        let body = json!({ "filter": filter }).to_string();
        let done = api.ask(&limited, "POST", "/v1/keys:revoke", &body).await.done(200);
        assert_eq!((&done["matched"], &done["keys"]), (&json!(0), &json!([])));
    }
    let listed = api.ask(&limited, "GET", "/v1/keys", "").await.done(200);
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["data"][0]["id"], hers);
    let buckets = api.ask(&limited, "GET", "/v1/buckets", "").await.done(200);
    assert_eq!(buckets["data"].as_array().map(Vec::len), Some(1));
    let me = api.ask(&limited, "GET", "/v1/whoami", "").await.done(200);
    assert_eq!(me, json!({"name": "b", "role": "operator", "buckets": ["production"], "via": "token"}));
    assert_eq!(api.get(&format!("/v1/keys/{his}")).await.done(200)["state"], "active");
}

#[tokio::test]
async fn a_key_of_another_bucket_is_unknown_to_who_asks_about_it() {
    let api = Api::start().await;
    api.post("/v1/buckets", json!({"name": "staging"})).await.done(201);
    let made = api.post("/v1/buckets/staging/consumers", json!({"name": "bob", "key": {}})).await.done(201);
    let question = json!({"key": made["key"]["secret"]}).to_string();
    let limited = json!({"name": "b", "role": "operator", "buckets": ["production"]});
    let limited = api.admin_token(limited).await;
    let told = api.ask(&limited, "POST", "/v1/keys:verify", &question).await.done(200);
    assert_eq!(told, json!({"valid": false, "reason": "unknown"}));
}

#[tokio::test]
async fn an_auditor_of_a_bucket_sees_what_concerns_it() {
    let api = Api::start().await;
    api.post("/v1/buckets", json!({"name": "staging"})).await.done(201);
    api.post("/v1/buckets/staging/consumers", json!({"name": "bob"})).await.done(201);
    api.consumer("alice").await;
    let limited = json!({"name": "a", "role": "auditor", "buckets": ["staging"]});
    let limited = api.admin_token(limited).await;
    let seen = |reply: Reply| {
        let entries = reply.done(200)["data"].as_array().expect("entries").clone();
        entries.iter().map(|entry| entry["target"]["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(seen(api.ask(&limited, "GET", "/v1/audit", "").await), [json!("bob"), json!(null)]);
    assert!(seen(api.ask(&limited, "GET", "/v1/audit?bucket=production", "").await).is_empty());
    let lines = api.ask(&limited, "GET", "/v1/audit/export", "").await;
    assert_eq!(lines.text.lines().count(), 2, "{}", lines.text);
    api.ask(&limited, "POST", "/v1/audit/verify", "").await.refused(403, "forbidden");
}

impl Api {
    /// The text of a new admin token.
    pub(crate) async fn admin_token(&self, request: serde_json::Value) -> String {
        let made = self.post("/v1/admin-tokens", request).await.done(201);
        made["token"].as_str().expect("a text").to_owned()
    }

    /// Asks with another token than the configuration's; JSON where there is a body.
    pub(crate) async fn ask(&self, token: &str, method: &str, path: &str, body: &str) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }
}

/// The rows between the heading and the next one.
fn table() -> BTreeMap<String, Row> {
    let page = include_str!("../../../../docs/api.md");
    let (_, section) = page.split_once("\n## Who may do what\n").expect("the section");
    let section = section.split("\n## ").next().expect("there is always a first part");
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, operation, owner, operator, auditor, limited, manager, _] = cells[..] else { return None };
        let may = |cell: &str| match cell {
            "yes" => true,
            "-" => false,
            other => panic!("{operation}: {other:?} is neither yes nor -"),
        };
        let operation = operation.strip_prefix('`')?.strip_suffix('`')?;
        Some((operation.to_owned(), [may(owner), may(operator), may(auditor), may(limited), may(manager)]))
    };
    section.lines().filter_map(row).collect()
}

fn filled(template: &str) -> String {
    template
        .replace("{bucket}", "production")
        .replace("{consumer}", "alice")
        .replace("{key_id}", "0123456789ab")
        .replace("{token_id}", "0123456789ab")
        .replace("{kid}", "x")
}

pub(crate) fn without_id(reply: &Reply) -> serde_json::Value {
    let mut problem = reply.json();
    problem["request_id"] = json!(null);
    problem
}
