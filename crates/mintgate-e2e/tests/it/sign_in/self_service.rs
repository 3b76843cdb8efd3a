//! Self-service with a real provider and a real gateway: what a manager does holds at the data plane.

use mintgate_e2e::{Issued, Request};
use serde_json::{Value, json};

use super::{
    browser::{Browser, assert_problem},
    world::World,
};

const PEOPLE: &str = r#"{
    "user-1": { "email": "Ann@Example.com", "email_verified": true, "name": "Ann" },
    "user-2": { "email": "ann@example.com", "email_verified": false, "name": "ann@example.com", "groups": ["ann@example.com"] },
    "ann@example.com": { "name": "Ann" },
    "user-4": { "email": "bob@example.com", "email_verified": true }
}"#;
const HERS: &str = "/v1/buckets/production/consumers/hers";

fn on() -> World {
    World::start(PEOPLE, &["self_service = true"])
}

fn managed(world: &World, name: &str, managers: &[&str]) -> Issued {
    world.gateway.admin().new_consumer_with(&json!({ "name": name, "managers": managers, "key": {} }))
}

fn served(world: &World, key: &str) -> u16 {
    world.gateway.ask(&Request::get("/").key(key)).status()
}

#[test]
fn a_manager_signs_in_sees_own_keys_rolls_one_and_is_out_when_taken_off() {
    let world = on();
    let admin = world.gateway.admin_address();
    let own = managed(&world, "hers", &["ann@example.com"]);
    let other = managed(&world, "his", &["bob@example.com"]);
    let mut ann = Browser::default();
    let ways = ann.ask(admin, "GET", "/v1/sign-in", &Value::Null).json();
    assert_eq!(ways["self_service"], true);
    assert_eq!(world.sign_in(&mut ann, "user-1"), world.url("/console/"));
    let session = ann.ask(admin, "GET", "/v1/session", &Value::Null).json();
    assert_eq!((&session["name"], &session["role"]), (&json!("Ann@Example.com"), &json!("manager")));
    let keys = ann.ask(admin, "GET", "/v1/self/keys", &Value::Null).json();
    assert_eq!((&keys["data"][0]["id"], &keys["data"][1]), (&json!(own.id), &Value::Null));

    let path = |id: &str| format!("/v1/self/keys/{id}/roll");
    let rolled = ann.ask(admin, "POST", &path(&own.id), &json!({ "grace": "1h" }));
    assert_eq!(rolled.status(), 201, "{}", rolled.text());
    let new = rolled.json()["issued"]["secret"].as_str().expect("a text").to_owned();
    world.gateway.keep_secret(&new);
    // Both are in force when the reply has come, and the old one says that it is going.
    assert_eq!((served(&world, &own.text), served(&world, &new)), (200, 200));
    let old = world.gateway.ask(&Request::get("/").key(&own.text));
    assert!(old.header("deprecation").is_some() && old.header("sunset").is_some());

    assert_problem(&ann.ask(admin, "POST", &path(&other.id), &json!({})), 404, "not_found");
    let theirs = format!("/v1/self/keys/{}", other.id);
    assert_problem(&ann.ask(admin, "GET", &theirs, &Value::Null), 404, "not_found");
    for (method, path) in [("GET", "/v1/keys"), ("GET", HERS), ("POST", "/v1/signing-keys/rotate")] {
        assert_problem(&ann.ask(admin, method, path, &Value::Null), 403, "forbidden");
    }
    let log = world.gateway.admin().must("GET", "/v1/audit?action=key.roll&outcome=done", &Value::Null);
    assert_eq!(log["data"][0]["actor"]["kind"], "manager");

    // A roll without grace ends the old key with its reply.
    let id = rolled.json()["issued"]["key"]["id"].as_str().expect("an id").to_owned();
    let rolled = ann.ask(admin, "POST", &path(&id), &json!({ "grace": "0s" })).json();
    let newest = rolled["issued"]["secret"].as_str().expect("a text").to_owned();
    world.gateway.keep_secret(&newest);
    assert_eq!((served(&world, &new), served(&world, &newest)), (401, 200));

    world.gateway.admin().must("PATCH", HERS, &json!({ "managers": [] }));
    let id = rolled["issued"]["key"]["id"].as_str().expect("an id");
    assert_problem(&ann.ask(admin, "POST", &path(id), &json!({})), 401, "session_over");
    assert_problem(&ann.ask(admin, "GET", "/v1/self/keys", &Value::Null), 401, "session_over");
    assert_eq!(served(&world, &newest), 200);
}

#[test]
fn nobody_passes_for_a_manager_by_what_they_call_themselves() {
    let world = on();
    managed(&world, "hers", &["ann@example.com"]);
    let admin = world.gateway.admin_address();
    for person in ["user-2", "ann@example.com", "user-4"] {
        let mut browser = Browser::default();
        assert_eq!(world.sign_in(&mut browser, person), world.url("/console/?problem=no_role"), "{person}");
        assert_problem(&browser.ask(admin, "GET", "/v1/self/keys", &Value::Null), 401, "missing_token");
    }
}

#[test]
fn managers_do_not_sign_in_unless_self_service_is_switched_on() {
    let world = World::start(PEOPLE, &[]);
    managed(&world, "hers", &["ann@example.com"]);
    let mut ann = Browser::default();
    assert_eq!(world.sign_in(&mut ann, "user-1"), world.url("/console/?problem=no_role"));
    let reply = world.gateway.admin().ask("GET", "/v1/self/keys", &Value::Null);
    assert_problem(&reply, 404, "not_found");
}
