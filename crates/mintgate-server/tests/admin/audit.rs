//! The audit log over the API.

use mintgate_store::{AuditFilter, AuditHash, AuditOrder, PageRequest};
use serde_json::{Value, json};

use crate::api::{Api, Reply, TOKEN};

#[tokio::test]
async fn a_change_says_who_made_it_by_which_request() {
    let api = Api::start().await;
    let made = api.post("/v1/admin-tokens", json!({"name": "support", "role": "operator"})).await.done(201);
    let token = made["token"].as_str().expect("a text");
    let reply = api.ask(token, "POST", "/v1/buckets/production/consumers", r#"{"name": "alice"}"#).await;
    let request = reply.header("x-request-id".parse().expect("a name")).to_owned();
    let id = reply.done(201)["consumer"]["id"].clone();
    let entry = api.get("/v1/audit?limit=1").await.done(200)["data"][0].clone();
    assert_eq!(entry["actor"], json!({"kind": "admin", "name": "support", "id": made["admin_token"]["id"]}));
    assert_eq!((&entry["action"], &entry["outcome"]), (&json!("consumer.create"), &json!("done")));
    assert_eq!(entry["request_id"], request);
    assert_eq!(
        entry["target"],
        json!({"kind": "consumer", "id": id, "name": "alice", "bucket": "production"})
    );
    assert_eq!(entry["after"]["subject"], "alice");
    assert_eq!(entry["at"], "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn what_an_admin_was_refused_is_written_down() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let operator = api.admin_token(json!({"name": "p", "role": "operator", "buckets": ["production"]})).await;
    for (method, path, body, action, code) in [
        ("GET", "/v1/audit", "", "audit.list", "forbidden"),
        ("POST", "/v1/buckets", "{}", "bucket.create", "forbidden"),
        ("POST", "/v1/signing-keys/rotate", "", "signing_key.rotate", "forbidden"),
        ("DELETE", "/v1/buckets/staging/consumers/bob", "", "consumer.delete", "not_found"),
        (
            "POST",
            "/v1/buckets/production/consumers",
            r#"{"name": "alice"}"#,
            "consumer.create",
            "consumer_exists",
        ),
    ] {
        let reply = api.ask(&operator, method, path, body).await;
        assert!(reply.status.is_client_error(), "{}", reply.text);
        let entry = api.get("/v1/audit?limit=1").await.done(200)["data"][0].clone();
        assert_eq!((&entry["action"], &entry["code"]), (&json!(action), &json!(code)), "{method} {path}");
        assert_eq!((&entry["outcome"], &entry["actor"]["name"]), (&json!("refused"), &json!("p")));
        assert_eq!(entry["request_id"], reply.header("x-request-id".parse().expect("a name")));
    }
    let entry = api.get("/v1/audit?action=consumer.delete").await.done(200)["data"][0].clone();
    assert_eq!(entry["target"], json!({"kind": "consumer", "id": "staging/bob", "bucket": "staging"}));
}

#[tokio::test]
async fn what_only_reads_or_says_nothing_leaves_no_entry() {
    let api = Api::start().await;
    let before = entries(&api).await;
    api.get("/v1/keys/0123456789ab").await.refused(404, "not_found");
    let head = api.ask(TOKEN, "HEAD", "/v1/keys/0123456789ab", "").await;
    assert_eq!(head.status, 404);
    api.get("/v1/status").await.done(200);
    api.post("/v1/buckets", json!({"name": "UPPER"})).await.refused(422, "invalid_field");
    api.ask("nobody", "POST", "/v1/buckets", "{}").await.refused(401, "invalid_token");
    api.get("/v1/nothing").await.refused(404, "not_found");
    assert_eq!(entries(&api).await, before);
}

/// Somebody who wants to end a key that leaked has its text at hand, not its id.
#[tokio::test]
async fn r38_a_secret_in_the_path_of_a_refused_request_is_not_written_down() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (key, id) = api.key("alice", json!({})).await;
    let operator = api.admin_token(json!({"name": "p", "role": "operator"})).await;
    let auditor = api.admin_token(json!({"name": "a", "role": "auditor"})).await;
    for (asker, method, path, target) in [
        (&auditor, "POST", format!("/v1/keys/{key}/revoke"), &*id),
        (&auditor, "POST", "/v1/keys/sk_live_51NcM2dLkQ/revoke".to_owned(), "?"),
        (&operator, "DELETE", format!("/v1/buckets/production/consumers/{key}"), &format!("production/{id}")),
        (&operator, "POST", format!("/v1/admin-tokens/{TOKEN}/revoke"), "?"),
        (&operator, "GET", format!("/v1/admin-tokens/{auditor}"), auditor.split('_').nth(1).expect("an id")),
    ] {
        let reply = api.ask(asker, method, &path, "").await;
        assert!(reply.status == 403 || reply.status == 404, "{}", reply.text);
        let entry = api.get("/v1/audit?limit=1").await.done(200)["data"][0].clone();
        assert_eq!(
            (&entry["outcome"], &entry["target"]["id"]),
            (&json!("refused"), &json!(target)),
            "{path}"
        );
    }
    let log = api.get("/v1/audit/export").await.text;
    for secret in [&*key, TOKEN, &auditor, &operator, "51NcM2dLkQ"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn an_export_can_be_verified_by_somebody_who_has_nothing_else() {
    let api = Api::start().await;
    api.consumer("alice").await;
    let (key, id) = api.key("alice", json!({"label": "Büro 🚀"})).await;
    api.post(&format!("/v1/keys/{id}/revoke"), json!({"reason": "lost"})).await.done(200);
    let reply = api.get("/v1/audit/export").await;
    assert_eq!(reply.header(http::header::CONTENT_TYPE), "application/jsonl");
    assert!(!reply.text.contains(&key));
    let mut previous = "0".repeat(64);
    for (position, line) in reply.text.lines().enumerate() {
        let body = format!("{}}}", &line[..line.len() - 75]);
        let entry: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(entry["hash"], AuditHash::of(&body).to_string());
        assert_eq!((&entry["previous"], &entry["seq"]), (&json!(previous), &json!(position + 1)));
        entry["hash"].as_str().expect("a hash").clone_into(&mut previous);
    }
    let verdict = api.post("/v1/audit/verify", json!({})).await.done(200);
    let head = json!({"seq": 4, "hash": previous});
    assert_eq!(verdict, json!({"ok": true, "entries": 4, "head": head}));
    let marked = api.post("/v1/audit/verify", json!({"mark": head})).await.done(200);
    assert_eq!(marked["ok"], true);
    let other = json!({"mark": {"seq": 3, "hash": previous}});
    let verdict = api.post("/v1/audit/verify", other).await.done(200);
    assert_eq!((&verdict["ok"], &verdict["first_bad_seq"]), (&json!(false), &json!(3)));
    let nonsense = json!({"mark": {"seq": 3, "hash": "x"}});
    api.post("/v1/audit/verify", nonsense).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn an_export_of_many_pages_comes_whole() {
    let api = Api::start().await;
    for number in 0..2100 {
        let attempt = mintgate_store::RefusedAttempt {
            action: "audit.list",
            target: mintgate_store::AuditTarget::store(),
            code: format!("code-{number}"),
            passed_over: 0,
        };
        api.store.note_refused(attempt, crate::api::by()).await.expect("works");
    }
    let lines = api.get("/v1/audit/export?outcome=refused").await.text;
    let last: Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("JSON");
    assert_eq!((lines.lines().count(), &last["code"]), (2100, &json!("code-2099")));
}

#[tokio::test]
async fn entries_are_listed_newest_first_in_pages_and_filtered() {
    let api = Api::start().await;
    for name in ["alice", "bob", "carol"] {
        api.consumer(name).await;
    }
    let mut path = "/v1/audit?limit=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = api.get(&path).await.done(200);
        seen.extend(page["data"].as_array().expect("entries").iter().map(|entry| entry["seq"].as_u64()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/audit?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, [Some(4), Some(3), Some(2), Some(1)]);
    for (query, expected) in [
        ("target=bob", vec![3]),
        ("action=bucket", vec![1]),
        ("actor=admin", vec![4, 3, 2]),
        ("actor=start", vec![1]),
        ("outcome=refused", vec![]),
        ("bucket=production", vec![4, 3, 2, 1]),
        ("from=2026-01-01T00:00:00Z", vec![4, 3, 2]),
        ("to=2026-01-01T00:00:00Z&action=bucket.create", vec![1]),
    ] {
        assert_eq!(numbers(&api.get(&format!("/v1/audit?{query}")).await), expected, "{query}");
    }
    api.get("/v1/audit?cursor=_w").await.refused(400, "invalid_request");
    api.get("/v1/audit?colour=red").await.refused(400, "invalid_request");
}

fn numbers(reply: &Reply) -> Vec<u64> {
    let entries = reply.done(200)["data"].as_array().expect("entries").clone();
    entries.iter().filter_map(|entry| entry["seq"].as_u64()).collect()
}

async fn entries(api: &Api) -> usize {
    let page = PageRequest { after: None, limit: 1000 };
    api.store.audit(&AuditFilter::default(), AuditOrder::OldestFirst, page).await.expect("reads").items.len()
}

#[tokio::test]
async fn nobody_writes_as_many_entries_as_they_have_requests() {
    let api = Api::start().await;
    let auditor = api.admin_token(json!({"name": "a", "role": "auditor"})).await;
    let attempts = async |count: usize| {
        for _ in 0..count {
            api.ask(&auditor, "POST", "/v1/buckets", "{}").await.refused(403, "forbidden");
        }
    };
    let refused = async || {
        let page = api.get("/v1/audit?outcome=refused&actor=a&limit=1000").await.done(200);
        page["data"].as_array().expect("entries").clone()
    };
    attempts(130).await;
    assert_eq!(refused().await.len(), 100, "what a person does by mistake is all there");
    assert!(refused().await.iter().all(|entry| entry.get("before").is_none()));
    // Somebody else is not held to account for it.
    let other = api.admin_token(json!({"name": "b", "role": "auditor"})).await;
    api.ask(&other, "POST", "/v1/buckets", "{}").await.refused(403, "forbidden");
    assert_eq!(api.get("/v1/audit?outcome=refused&actor=b").await.done(200)["data"][0]["code"], "forbidden");
    // After a while the next one is written, and says how many were not.
    api.clock.advance(mintgate_types::SignedDuration::from_secs(11));
    attempts(3).await;
    let entries = refused().await;
    assert_eq!((entries.len(), &entries[0]["before"]), (101, &json!({"passed_over": 30})));
    // The rest is not lost when the node stops.
    api.service.finish().await;
    let entries = refused().await;
    assert_eq!((entries.len(), &entries[0]["before"]), (102, &json!({"passed_over": 1})));
    assert_eq!(api.post("/v1/audit/verify", json!({})).await.done(200)["ok"], true);
}
