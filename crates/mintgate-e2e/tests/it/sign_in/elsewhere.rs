//! Signing in with a real `OpenID` Connect provider.

use mintgate_e2e::Request;
use serde_json::{Value, json};

use super::{
    browser::{Browser, assert_problem},
    world::{CALLBACK, World},
};

const PEOPLE: &str = r#"{
    "ann": { "email": "ann@example.com", "email_verified": true, "name": "Ann", "groups": ["platform", "all"] },
    "sam": { "email": "ann@example.com", "email_verified": false, "name": "Ann", "groups": ["support"] },
    "eve": { "email": "eve@example.com", "email_verified": true, "groups": ["all"] }
}"#;

fn start() -> World {
    World::start(PEOPLE, &[])
}

#[test]
fn somebody_signs_in_with_the_provider_and_is_what_their_groups_make_them() {
    let world = start();
    let admin = world.gateway.admin_address();
    let mut browser = Browser::default();
    let ways = browser.ask(admin, "GET", "/v1/sign-in", &Value::Null).json();
    assert_eq!(ways["oidc"], json!({ "name": "Example", "href": "/v1/session/oidc" }));
    assert_eq!(world.sign_in(&mut browser, "ann"), world.url("/console/"));
    let session = browser.ask(admin, "GET", "/v1/session", &Value::Null).json();
    assert_eq!((&session["name"], &session["role"]), (&json!("ann@example.com"), &json!("owner")));
    assert_eq!(browser.ask(admin, "POST", "/v1/signing-keys/rotate", &Value::Null).status(), 200);

    let mut browser = Browser::default();
    world.sign_in(&mut browser, "sam");
    let session = browser.ask(admin, "GET", "/v1/session", &Value::Null).json();
    // An address that is not verified is nobody's, and a name is what people call themselves.
    assert_eq!((&session["name"], &session["role"]), (&json!("sam"), &json!("operator")));
    assert_eq!(session["buckets"], json!(["production"]));
    assert_eq!(browser.ask(admin, "POST", "/v1/signing-keys/rotate", &Value::Null).status(), 403);
    let made = browser.ask(admin, "POST", "/v1/buckets/production/consumers", &json!({ "name": "alice" }));
    assert_eq!(made.status(), 201, "{}", made.text());
    let log = world.gateway.admin().must("GET", "/v1/audit?action=consumer.create", &Value::Null);
    assert_eq!(log["data"][0]["actor"]["name"], "sam");
}

#[test]
fn who_has_no_role_or_is_refused_there_is_told_so_and_has_no_session() {
    let world = start();
    for (person, problem) in [("eve", "no_role"), ("nobody", "refused")] {
        let mut browser = Browser::default();
        let end = world.sign_in(&mut browser, person);
        assert_eq!(end, world.url(&format!("/console/?problem={problem}")));
        let admin = world.gateway.admin_address();
        assert_problem(&browser.ask(admin, "GET", "/v1/session", &Value::Null), 401, "missing_token");
    }
}

#[test]
fn what_somebody_elses_browser_brought_back_is_refused() {
    let world = start();
    let admin = world.gateway.admin_address();
    let refused = |browser: &mut Browser, url: &str, problem: &str| {
        let reply = browser.get(url);
        let to = format!("/console/?problem={problem}");
        assert_eq!((reply.status(), reply.header("location")), (303, Some(&*to)), "{url}");
        assert!(browser.cookie(admin, "mintgate-session").is_none());
    };
    // A link with a code of the attacker's own, opened by somebody who never went out.
    let mut attacker = Browser::default();
    let out = attacker.get(&world.url("/v1/session/oidc"));
    let mut url = format!("{}&login_hint=ann", out.header("location").expect("the provider"));
    let callback = loop {
        let reply = attacker.get(&url);
        let next = reply.header("location").expect("a way back").to_owned();
        url = if next.starts_with('/') {
            format!("{}{next}", &url[..url[7..].find('/').expect("a path") + 7])
        } else {
            next
        };
        if url.contains(CALLBACK) {
            break url;
        }
    };
    refused(&mut Browser::default(), &callback, "expired");
    // And by somebody who did go out.
    let mut victim = Browser::default();
    victim.get(&world.url("/v1/session/oidc"));
    refused(&mut victim, &callback, "refused");
    // The one who may use it may use it once; another provider's answer is none.
    let mixed_up =
        format!("{}&iss=http%3A%2F%2Fevil.example", callback.split("&iss=").next().expect("a URL"));
    refused(&mut attacker, &mixed_up, "refused");
    refused(&mut attacker, &callback, "expired");
}

#[test]
fn a_provider_that_is_away_is_no_error_of_ours() {
    let world = start();
    let World { gateway, provider, origin } = world;
    drop(provider);
    let mut browser = Browser::default();
    let admin = gateway.admin_address();
    let reply = browser.get(&format!("http://{admin}/v1/session/oidc"));
    assert_eq!((reply.status(), reply.header("location")), (303, Some("/console/?problem=unavailable")));
    let request = Request::get("/v1/whoami")
        .key(std::fs::read_to_string(gateway.home().join("data/admin.token")).expect("init made it").trim());
    assert_eq!(browser.send(admin, request).status(), 200, "tokens are independent of it");
    drop(origin);
}
