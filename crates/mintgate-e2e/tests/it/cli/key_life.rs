//! The life of a key: rolled, expired, disabled, limited in scope.

use std::time::{Duration, Instant};

use mintgate_e2e::{Gateway, Origin, PATIENCE, Request};

#[test]
fn after_a_roll_with_grace_old_and_new_work_and_the_old_one_says_until_when() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let old = key(&gateway, &[]);
    let reply = gateway.ask(&Request::get("/").key(&old));
    assert_eq!((reply.status(), reply.header("deprecation"), reply.header("sunset")), (200, None, None));

    let rolled = gateway.cli(&["keys", "roll", "--consumer", "alice", "--grace", "1h"]);
    let new = rolled.stdout.trim_end().to_owned();
    assert!(rolled.stderr.contains("goes on working until"), "{}", rolled.stderr);
    assert_ne!(old, new);
    let reply = gateway.ask(&Request::get("/").key(&old));
    assert_eq!(reply.status(), 200);
    // RFC 9745: a time in seconds behind an `@`. RFC 8594: an HTTP date.
    let since = reply.header("deprecation").and_then(|value| value.strip_prefix('@')).expect("a deprecation");
    assert!(since.parse::<u64>().is_ok(), "{since}");
    assert!(reply.header("sunset").is_some_and(|date| date.ends_with(" GMT")), "{:?}", reply.head);
    let reply = gateway.ask(&Request::get("/").key(&new));
    assert_eq!((reply.status(), reply.header("deprecation"), reply.header("sunset")), (200, None, None));
}

#[test]
fn a_rolled_key_ends_with_its_grace() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let old = key(&gateway, &[]);
    let new = gateway.cli(&["keys", "roll", "--consumer", "alice", "--grace", "1s"]).done();
    ends_within_patience(&gateway, &old);
    assert_eq!(gateway.ask(&Request::get("/").key(new.trim_end())).status(), 200);
}

#[test]
fn an_expired_key_is_refused_though_its_token_is_still_cached() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let mortal = key(&gateway, &["--expires", "2s"]);
    assert_eq!(gateway.ask(&Request::get("/").key(&mortal)).status(), 200);
    ends_within_patience(&gateway, &mortal);
    assert_eq!(gateway.cli(&["keys", "list", "--json"]).json()[0]["state"], "expired");
}

#[test]
fn the_keys_of_a_disabled_consumer_rest_until_it_is_enabled_again() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let key = key(&gateway, &[]);
    let status = || gateway.ask(&Request::get("/").key(&key)).status();
    assert_eq!(status(), 200);
    let _ = gateway.cli(&["consumers", "update", "alice", "--disable"]).done();
    assert_eq!(status(), 401);
    let _ = gateway.cli(&["consumers", "update", "alice", "--enable"]).done();
    assert_eq!(status(), 200);
    let _ = gateway.cli(&["consumers", "delete", "alice"]).done();
    assert_eq!(status(), 401);
}

#[test]
fn a_key_without_the_scope_of_a_route_is_told_which_one_it_needs() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"\nscopes = [\"orders:read\"]")
        .start();
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let reply = gateway.ask(&Request::get("/").key(&key(&gateway, &["--scope", "orders:write"])));
    assert_eq!((reply.status(), reply.json()["code"].as_str()), (403, Some("insufficient_scope")));
    let challenge = reply.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("error=\"insufficient_scope\", scope=\"orders:read\""), "{challenge}");
    let both = key(&gateway, &["--scope", "orders:write", "--scope", "orders:read"]);
    assert_eq!(gateway.ask(&Request::get("/").key(&both)).status(), 200);
}

fn key(gateway: &Gateway, arguments: &[&str]) -> String {
    let text = gateway.cli(&[&["keys", "create", "--consumer", "alice"], arguments].concat()).done();
    gateway.keep_secret(text.trim_end());
    text.trim_end().to_owned()
}

/// Asks until the key is refused, which must come.
fn ends_within_patience(gateway: &Gateway, key: &str) {
    let until = Instant::now() + PATIENCE;
    while gateway.ask(&Request::get("/").key(key)).status() != 401 {
        assert!(Instant::now() < until, "it goes on working");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
