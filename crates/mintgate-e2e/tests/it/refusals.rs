//! Every refusal that a caller can meet, and that it says no more than it should.

use std::collections::BTreeSet;

use mintgate_apikey::IssuedKey;
use mintgate_e2e::{Gateway, Origin, Reply, Request};
use mintgate_types::OsEntropy;
use secrecy::ExposeSecret;
use serde_json::json;

/// A gateway with a route of each kind.
fn gateway(origin: &Origin) -> Gateway {
    Gateway::builder()
        .server("realm = \"the gate\"")
        .origin("orders", origin.address())
        .origin("gone", mintgate_e2e::ReservedPort::new().address())
        .route("path = \"/{*rest}\"\nhosts = [\"gate.test\"]\norigin = \"orders\"\nauth = \"api-key\"\nmethods = [\"GET\", \"POST\"]")
        .route("path = \"/scoped\"\nhosts = [\"gate.test\"]\norigin = \"orders\"\nauth = \"api-key\"\nscopes = [\"orders:read\", \"orders:write\"]")
        .route("path = \"/gone\"\nhosts = [\"gate.test\"]\norigin = \"gone\"\nauth = \"api-key\"")
        .start()
}

/// A key that is well formed and that no gateway knows.
fn unknown_key() -> String {
    let prefix = "mgk".parse().expect("a prefix");
    IssuedKey::generate(&prefix, &OsEntropy).reveal().expose_secret().to_owned()
}

#[test]
fn every_refusal_has_its_status_its_code_and_its_challenge() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    let key = gateway
        .admin()
        .new_consumer_with(&json!({ "name": "alice", "key": { "scopes": ["orders:read"] } }))
        .text;
    let token = Some(r#"Bearer realm="the gate", error="invalid_token""#);
    let request = Some(r#"Bearer realm="the gate", error="invalid_request""#);
    let scope =
        Some(r#"Bearer realm="the gate", error="insufficient_scope", scope="orders:read orders:write""#);
    for (ask, status, code, challenge) in [
        (Request::get("/"), 401, "credential_required", Some(r#"Bearer realm="the gate""#)),
        (
            Request::get("/").header("Authorization", "Basic eDp5"),
            401,
            "credential_required",
            Some(r#"Bearer realm="the gate""#),
        ),
        (Request::get("/").key(&unknown_key()), 401, "invalid_token", token),
        (Request::get("/").key("nonsense"), 401, "invalid_token", token),
        (Request::get("/").key(&key).key(&key), 400, "invalid_request", request),
        (Request::get("/").header("Authorization", "Bearer"), 400, "invalid_request", request),
        (Request::get("/").header("Authorization", "Bearer a b"), 400, "invalid_request", request),
        (Request::get("/").header("Authorization", ""), 400, "invalid_request", request),
        (Request::get("/").header("Authorization", "Bearer caf\u{e9}"), 401, "invalid_token", token),
        (Request::get("/scoped").key(&key), 403, "insufficient_scope", scope),
        (Request::get("/").key(&key).host("other.test"), 404, "no_route", None),
        (Request::new("PUT", "/").key(&key), 405, "method_not_allowed", None),
        (Request::get("/gone").key(&key), 502, "origin_unreachable", None),
        (Request::get("/a/../b").key(&key), 400, "invalid_request", None),
    ] {
        let reply = gateway.ask(&ask);
        assert_eq!(reply.header("www-authenticate"), challenge, "{ask:?}");
        reply.assert_refused(status, code);
    }
    let reply = gateway.ask(&Request::new("PUT", "/").key(&key));
    let allowed: BTreeSet<&str> = reply.header("allow").expect("what is allowed").split(", ").collect();
    assert_eq!(allowed, BTreeSet::from(["GET", "HEAD", "POST"]));
    assert_eq!(origin.requests(), []);
}

#[test]
fn a_refusal_to_head_has_the_same_head_and_no_body() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    let mut wire = gateway.connect();
    wire.send(&Request::get("/").bytes());
    let get = wire.reply();
    wire.send(&Request::new("HEAD", "/").bytes());
    let head = wire.reply_to("HEAD");
    assert_eq!((head.status(), get.status()), (401, 401));
    assert_eq!(head.head.names(), get.head.names());
    for name in ["content-length", "content-type", "www-authenticate", "cache-control"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    // What follows on the connection begins with a head: there was no body in between.
    wire.send(&Request::get("/").bytes());
    assert_eq!(wire.reply().status(), 401);
}

/// A reply without what differs from request to request.
fn look(reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let id = reply.header("x-request-id").expect("every reply has an id");
    let lines = reply.head.lines.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("date"));
    let lines = lines.map(|(name, value)| (name.clone(), value.replace(id, "ID"))).collect();
    (reply.status(), lines, reply.text().replace(id, "ID"))
}

#[test]
fn r40_unknown_expired_revoked_foreign_and_malformed_keys_look_the_same() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    let admin = gateway.admin();
    let revoked = admin.new_consumer("alice");
    admin.revoke(&revoked);
    let rolled = admin.new_key("alice", &json!({}));
    let _successor = admin.roll(&rolled, "0s");
    let disabled = admin.new_consumer("bob");
    admin.must("PATCH", "/v1/buckets/production/consumers/bob", &json!({ "state": "disabled" }));
    let deleted = admin.new_consumer("carol");
    admin.must("DELETE", "/v1/buckets/production/consumers/carol", &serde_json::Value::Null);
    let mut bad_check = unknown_key();
    let last = bad_check.pop().expect("a key is not empty");
    bad_check.push(if last == 'a' { 'b' } else { 'a' });
    let endless = "a".repeat(20_000);
    let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.";
    let keys = [
        &unknown_key(),
        &revoked.text,
        &rolled.text,
        &disabled.text,
        &deleted.text,
        &bad_check,
        "foreign-key-1234",
        "x",
        &endless,
        jwt,
    ];
    let looks: BTreeSet<_> = keys.iter().map(|key| look(&gateway.ask(&Request::get("/").key(key)))).collect();
    assert_eq!(looks.len(), 1, "{looks:#?}");
    let (status, _, body) = looks.first().expect("one look");
    assert_eq!(*status, 401);
    assert!(body.contains("\"invalid_token\""), "{body}");
    assert_eq!(origin.requests(), []);
    // The log has the reason.
    for reason in [format!("key {} is revoked", revoked.id), format!("key {} has expired", rolled.id)] {
        assert!(gateway.wait_for_log(|line| line.contains(&reason)).contains("INFO"));
    }
}

#[test]
fn r13_what_a_key_claims_to_be_is_not_logged_before_it_is_proven() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    let unknown = unknown_key();
    let id = unknown.split('_').nth(1).expect("the public part");
    let forged = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJhZG1pbiJ9.";
    for credential in [&unknown, forged] {
        gateway.ask(&Request::get("/").key(credential)).assert_refused(401, "invalid_token");
    }
    gateway.keep_secret(id);
    gateway.keep_secret(forged);
    gateway.keep_secret("admin-by-header");
    let request =
        Request::get("/").header("X-Consumer-Id", "admin-by-header").header("X-User", "admin-by-header");
    gateway.ask(&request).assert_refused(401, "credential_required");
}

#[test]
fn every_reply_has_an_id_of_its_own_and_the_origin_and_the_log_have_the_same() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    let key = gateway.key_for("alice");
    let mut ids = BTreeSet::new();
    let mut wire = gateway.connect();
    for _ in 0..3 {
        wire.send(&Request::get("/").key(&key).bytes());
        let reply = wire.reply();
        let id = reply.header("x-request-id").expect("an id").to_owned();
        assert_eq!(origin.requests().pop().expect("a request").header("x-request-id"), Some(id.as_str()));
        ids.insert(id);
    }
    let refused = gateway.ask(&Request::get("/"));
    let id = refused.header("x-request-id").expect("an id").to_owned();
    let _ = gateway.wait_for_log(|line| line.contains(&id) && line.contains("no credential"));
    ids.insert(id);
    assert_eq!(ids.len(), 4, "{ids:?}");
}

#[test]
fn a_rolled_key_says_that_it_will_stop_to_work() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    let admin = gateway.admin();
    let old = admin.new_consumer("alice");
    let before = gateway.ask(&Request::get("/").key(&old.text));
    assert_eq!((before.header("deprecation"), before.header("sunset")), (None, None));
    let new = admin.roll(&old, "1h");
    let reply = gateway.ask(&Request::get("/").key(&old.text));
    assert_eq!(reply.status(), 200);
    let since = reply.header("deprecation").and_then(|value| value.strip_prefix('@')).expect("RFC 9745");
    assert!(since.parse::<u64>().is_ok(), "{since}");
    let sunset = reply.header("sunset").expect("RFC 8594");
    assert!(sunset.ends_with(" GMT") && sunset.len() == 29, "{sunset}");
    let fresh = gateway.ask(&Request::get("/").key(&new.text));
    assert_eq!(fresh.status(), 200);
    assert_eq!((fresh.header("deprecation"), fresh.header("sunset")), (None, None));
}

#[test]
fn a_caller_for_whom_no_token_can_be_made_is_not_told_that_its_key_is_bad() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .section("[claims]\n\"plan\" = \"metadata.plan\"")
        .origin("orders", origin.address())
        .start();
    let consumer = json!({ "name": "alice", "metadata": { "plan": "x".repeat(5000) }, "key": {} });
    let key = gateway.admin().new_consumer_with(&consumer);
    let reply = gateway.ask(&Request::get("/").key(&key.text));
    reply.assert_refused(503, "not_ready");
    assert_eq!(reply.header("www-authenticate"), None);
    assert!(gateway.log().contains("gives no claims"), "{}", gateway.log());
    assert_eq!(origin.requests(), []);
}
