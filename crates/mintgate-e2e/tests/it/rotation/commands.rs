//! `signing-keys rotate` and `retire`.

use mintgate_e2e::{Gateway, Origin, Request};

use super::{kid_of, kids_of};

fn published(gateway: &Gateway) -> Vec<String> {
    kids_of(&gateway.ask(&Request::get("/__mintgate/issuer/.well-known/jwks.json")).json())
}

#[test]
fn a_successor_is_published_at_once_and_does_not_sign_before_verifiers_can_know_it() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let old = published(&gateway).remove(0);
    let rotated = gateway.cli(&["signing-keys", "rotate"]);
    assert!(rotated.stderr.contains("it signs from"), "{}", rotated.stderr);
    let new = rotated.stdout.trim_end().to_owned();
    let mut both = published(&gateway);
    both.sort();
    let mut expected = vec![old.clone(), new.clone()];
    expected.sort();
    assert_eq!(both, expected);
    // Asked again, it is the same one.
    assert_eq!(gateway.cli(&["signing-keys", "rotate"]).done().trim_end(), new);
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    assert_eq!(kid_of(&origin.the_request().token()), old);
}

#[test]
fn a_retired_signing_key_leaves_the_jwks_at_once_and_the_active_one_cannot_be_retired() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let active = published(&gateway).remove(0);
    let waiting = gateway.cli(&["signing-keys", "rotate"]).done().trim_end().to_owned();
    let retired = gateway.cli(&["signing-keys", "retire", &waiting]);
    assert!(retired.stderr.contains("left the JWKS"), "{}", retired.stderr);
    assert_eq!(published(&gateway), std::slice::from_ref(&active));
    let said = gateway.cli(&["signing-keys", "retire", &waiting]).refused(1);
    assert!(said.contains("is retired"), "{said}");
    let said = gateway.cli(&["signing-keys", "retire", &active]).refused(1);
    assert!(said.contains("is active"), "{said}");
    assert_eq!(published(&gateway), [active]);
}

#[test]
fn an_emergency_drops_every_older_key_and_says_which() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    let active = published(&gateway).remove(0);
    let waiting = gateway.cli(&["signing-keys", "rotate"]).done().trim_end().to_owned();
    let rotated = gateway.cli(&["signing-keys", "rotate", "--emergency"]);
    for dropped in [&active, &waiting] {
        assert!(rotated.stderr.contains(&format!("dropped {dropped}")), "{}", rotated.stderr);
    }
    assert!(
        rotated.stderr.contains("forgotten"),
        "it says that minted tokens are flushed: {}",
        rotated.stderr
    );
    let new = rotated.stdout.trim_end().to_owned();
    assert_eq!(published(&gateway), std::slice::from_ref(&new));
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    assert_eq!(kid_of(&origin.requests()[1].token()), new);
    // It holds after a kill.
    gateway.kill();
    gateway.boot();
    assert_eq!(published(&gateway), [new]);
}
