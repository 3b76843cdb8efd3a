//! Signing in with an admin token: sessions, forged requests, and failures.

use mintgate_e2e::{Gateway, Origin, Reply, Request};
use serde_json::{Value, json};

use super::browser::{Browser, assert_problem};

const COOKIE: &str = "mintgate-session";
const CONSUMERS: &str = "/v1/buckets/production/consumers";

fn gateway() -> (Gateway, Origin) {
    let origin = Origin::echo();
    (Gateway::before(origin.address()), origin)
}

fn sign_in(gateway: &Gateway, browser: &mut Browser, token: &str) -> Reply {
    browser.ask(gateway.admin_address(), "POST", "/v1/session", &json!({ "token": token }))
}

fn owner_token(gateway: &Gateway) -> String {
    let file = gateway.home().join("data/admin.token");
    std::fs::read_to_string(file).expect("init made it").trim().to_owned()
}

fn signed_in(gateway: &Gateway) -> Browser {
    let mut browser = Browser::default();
    assert_eq!(sign_in(gateway, &mut browser, &owner_token(gateway)).status(), 201);
    browser
}

#[test]
fn a_browser_signs_in_manages_and_signs_out() {
    let (gateway, _origin) = gateway();
    let admin = gateway.admin_address();
    let mut browser = Browser::default();
    let ways = browser.ask(admin, "GET", "/v1/sign-in", &Value::Null);
    assert_eq!((ways.status(), ways.json()), (200, json!({ "token": true, "self_service": false })));
    let reply = sign_in(&gateway, &mut browser, &owner_token(&gateway));
    assert_eq!(reply.status(), 201, "{}", reply.text());
    let cookie = reply.header("set-cookie").expect("a cookie");
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"), "{cookie}");
    assert_eq!(reply.json()["role"], "owner");
    assert!(!reply.text().contains(&owner_token(&gateway)), "the token does not come back");
    let session = browser.ask(admin, "GET", "/v1/session", &Value::Null);
    assert_eq!((session.status(), &session.json()["via"]), (200, &json!("session")));
    let made = browser.ask(admin, "POST", CONSUMERS, &json!({ "name": "alice" }));
    assert_eq!(made.status(), 201, "{}", made.text());
    let stolen = browser.cookie(admin, COOKIE).expect("a cookie");
    assert_eq!(browser.ask(admin, "DELETE", "/v1/session", &Value::Null).status(), 204);
    assert_eq!(browser.cookie(admin, COOKIE), None);
    let again = Request::get("/v1/session").header("Cookie", &format!("{COOKIE}={stolen}"));
    assert_problem(&Browser::default().send(admin, again), 401, "session_over");
}

#[test]
fn a_session_outlives_the_process_and_is_nothing_without_its_cookie() {
    let (mut gateway, _origin) = gateway();
    let mut browser = signed_in(&gateway);
    let admin = gateway.admin_address();
    gateway.kill();
    gateway.boot();
    assert_eq!(browser.ask(admin, "GET", "/v1/session", &Value::Null).status(), 200);
    assert_problem(&Browser::default().ask(admin, "GET", "/v1/session", &Value::Null), 401, "missing_token");
    for value in ["", "x", &"A".repeat(43), &"A".repeat(4000)] {
        let forged = Request::get("/v1/session").header("Cookie", &format!("{COOKIE}={value}"));
        assert_problem(&Browser::default().send(admin, forged), 401, "session_over");
    }
}

#[test]
fn a_new_token_in_the_configuration_ends_the_sessions_of_the_one_before() {
    let (mut gateway, _origin) = gateway();
    let file = gateway.home().join("data/admin.token");
    let known_to_others = owner_token(&gateway);
    let mut browser = signed_in(&gateway);
    gateway.stop();
    std::fs::write(&file, format!("{}\n", "n".repeat(40))).expect("the file is ours");
    gateway.boot();
    let admin = gateway.admin_address();
    assert_problem(&browser.ask(admin, "GET", "/v1/session", &Value::Null), 401, "session_over");
    assert_problem(&browser.ask(admin, "POST", CONSUMERS, &json!({"name": "mallory"})), 401, "session_over");
    gateway.stop();
    std::fs::write(&file, known_to_others).expect("the file is ours");
    gateway.boot();
    assert_eq!(browser.ask(gateway.admin_address(), "GET", "/v1/session", &Value::Null).status(), 200);
}

#[test]
fn a_request_that_another_site_made_the_browser_send_is_refused() {
    let (gateway, _origin) = gateway();
    let admin = gateway.admin_address();
    let mut browser = signed_in(&gateway);
    let change = || {
        Request::post(CONSUMERS, json!({ "name": "mallory" }).to_string())
            .header("Content-Type", "application/json")
    };
    let other = signed_in(&gateway);
    let others = other.cookie(admin, COOKIE).expect("a cookie");
    let long = "A".repeat(43);
    for request in [
        change(),
        change().header("X-CSRF-Token", ""),
        change().header("X-CSRF-Token", &long),
        change().header("X-CSRF-Token", &others),
        change().header("X-CSRF-Token", &long).header("X-CSRF-Token", &long),
        change().header("Sec-Fetch-Site", "cross-site"),
        Request::get("/v1/buckets").header("Sec-Fetch-Site", "cross-site"),
        Request::get("/v1/buckets").header("Sec-Fetch-Site", "same-site"),
        Request::new("DELETE", "/v1/session"),
    ] {
        assert_problem(&browser.send(admin, request), 403, "forged_request");
    }
    let text = Request::post(CONSUMERS, json!({ "name": "mallory" }).to_string())
        .header("Content-Type", "text/plain")
        .header("Origin", "http://evil.example");
    assert_problem(&browser.send(admin, text), 403, "forged_request");
    let listed = browser.ask(admin, "GET", CONSUMERS, &Value::Null);
    assert_eq!(listed.json()["data"], json!([]), "nothing was done");
}

#[test]
fn a_cookie_beside_a_token_is_two_credentials() {
    let (gateway, _origin) = gateway();
    let mut browser = signed_in(&gateway);
    let both = Request::get("/v1/buckets").key(&owner_token(&gateway));
    assert_problem(&browser.send(gateway.admin_address(), both), 400, "invalid_request");
}

#[test]
fn a_token_that_is_revoked_ends_its_sessions_at_once() {
    let (gateway, _origin) = gateway();
    let admin = gateway.admin_address();
    let made =
        gateway.admin().must("POST", "/v1/admin-tokens", &json!({ "name": "sam", "role": "operator" }));
    let (id, token) =
        (made["admin_token"]["id"].as_str().expect("an id"), made["token"].as_str().expect("a token"));
    let mut browser = Browser::default();
    let reply = sign_in(&gateway, &mut browser, token);
    assert_eq!((reply.status(), &reply.json()["role"]), (201, &json!("operator")));
    let rotate = browser.ask(admin, "POST", "/v1/signing-keys/rotate", &Value::Null);
    assert_eq!(rotate.status(), 403, "an operator is one in a browser, too");
    gateway.admin().must("POST", &format!("/v1/admin-tokens/{id}/revoke"), &Value::Null);
    assert_problem(&browser.ask(admin, "GET", "/v1/session", &Value::Null), 401, "session_over");
    assert_problem(&sign_in(&gateway, &mut Browser::default(), token), 401, "invalid_token");
}

#[test]
fn who_fails_to_sign_in_has_to_wait() {
    let (gateway, _origin) = gateway();
    let wrong = "w".repeat(40);
    for _ in 0..5 {
        assert_problem(&sign_in(&gateway, &mut Browser::default(), &wrong), 401, "invalid_token");
    }
    let refused = sign_in(&gateway, &mut Browser::default(), &owner_token(&gateway));
    assert_problem(&refused, 429, "too_many_attempts");
    let wait: u64 = refused.header("retry-after").expect("when").parse().expect("seconds");
    assert!((1..=12).contains(&wait), "{wait}");
    // Programs that have a token are not in it.
    assert_eq!(gateway.admin().ask("GET", "/v1/whoami", &Value::Null).status(), 200);
}

#[test]
fn signing_in_and_out_is_in_the_audit_log() {
    let (gateway, _origin) = gateway();
    let mut browser = signed_in(&gateway);
    let secret = browser.cookie(gateway.admin_address(), COOKIE).expect("a cookie");
    browser.ask(gateway.admin_address(), "DELETE", "/v1/session", &Value::Null);
    let log = gateway.admin().must("GET", "/v1/audit?action=session", &Value::Null);
    let actions: Vec<_> =
        log["data"].as_array().expect("a list").iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["session.end", "session.create"]);
    assert!(!log.to_string().contains(&secret));
}
