//! `keys verify`: what the data plane makes of a key.

use mintgate_e2e::{Gateway, Origin, Request};

#[test]
fn the_judgement_on_a_key_is_the_one_that_requests_meet() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let key = gateway.cli(&["keys", "create", "--consumer", "alice", "--scope", "orders:read"]).done();
    gateway.keep_secret(key.trim_end());
    let verdict = gateway.cli_with(&["keys", "verify", "--scope", "orders:read", "--json"], &key).json();
    assert_eq!((&verdict["valid"], &verdict["consumer"]["name"]), (&true.into(), &"alice".into()));
    let said = gateway.cli_with(&["keys", "verify", "--scope", "orders:write"], &key).refused(1);
    assert!(said.contains("insufficient_scope"), "{said}");

    let _ = gateway.cli(&["consumers", "update", "alice", "--disable"]).done();
    assert_eq!(gateway.ask(&Request::get("/").key(key.trim_end())).status(), 401);
    let said = gateway.cli_with(&["keys", "verify"], &key).refused(1);
    assert!(said.contains("consumer_disabled"), "{said}");
    let _ = gateway.cli(&["consumers", "update", "alice", "--enable"]).done();

    let id = verdict["key"]["id"].as_str().expect("an id").to_owned();
    let _ = gateway.cli(&["keys", "revoke", &id, "--reason", "lost"]).done();
    let said = gateway.cli_with(&["keys", "verify"], &key).refused(1);
    assert!(said.contains("revoked"), "{said}");
}

#[test]
fn the_token_that_is_shown_is_the_one_that_the_origin_gets() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let verdict = gateway.cli_with(&["keys", "verify", "--origin", "orders", "--json"], &key).json();
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    let shown = verdict["token"]["value"].as_str().expect("an owner sees it");
    assert_eq!(shown, origin.the_request().token());
    assert_eq!(verdict["token"]["claims"]["aud"], verdict["token"]["audience"]);
    assert_eq!(verdict["token"]["header"]["typ"], "at+jwt");
}

#[test]
fn r38_a_key_that_was_asked_about_is_in_no_output_and_no_log() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let good = gateway.cli_with(&["keys", "verify", "--json"], &key);
    assert!(!good.stdout.contains(&key) && !good.stderr.contains(&key));
    let foreign = "sk_live_51NcM2dLkQ";
    let bad = gateway.cli_with(&["keys", "verify"], foreign);
    assert!(!bad.stdout.contains(foreign) && !bad.stderr.contains(foreign));
    assert!(!gateway.log().contains(&key) && !gateway.log().contains(foreign));
}
