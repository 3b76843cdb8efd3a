//! An emergency rotation, as a verifier sees it that keeps keys for minutes.

use std::{
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use mintgate_e2e::{Gateway, Origin, Request};
use mintgate_verify::{CacheSettings, Expected, KeySource, PlainHttp, TokenPolicy, Verifier};

use super::kid_of;

const COOL_DOWN: Duration = Duration::from_secs(2);
/// For the fetch itself, on a busy machine.
const SLACK: Duration = Duration::from_secs(5);

fn verifier(gateway: &Gateway) -> Verifier {
    let issuer = gateway.issuer();
    let policy = TokenPolicy::new(
        Expected::exactly(issuer.parse().expect("an issuer")),
        Expected::exactly("orders".parse().expect("an audience")),
    );
    let source = KeySource::issuer(&issuer, PlainHttp::LoopbackOnly).expect("loopback");
    let cache = CacheSettings { cool_down: COOL_DOWN, ..CacheSettings::usual() };
    Verifier::builder(policy, source).cache(cache).build()
}

#[test]
fn after_an_emergency_rotation_the_old_kid_is_refused_within_the_cool_down() {
    let origin = Origin::echo();
    let gateway =
        Gateway::builder().issuer("algorithm = \"EdDSA\"").origin("orders", origin.address()).start();
    let verifier = verifier(&gateway);
    let key = gateway.key_for("alice");
    let mint = || {
        assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
        origin.requests().last().expect("it got there").token()
    };
    let stolen = mint();
    verifier.verify(&stolen).expect("good before the emergency");
    // The worst case: somebody's nonsense has just used up the fetch of this cool-down.
    let (header, rest) = stolen.split_once('.').expect("a token has parts");
    let nonsense = format!("{}.{rest}", with_another_kid(header));
    assert_eq!(verifier.verify(&nonsense).expect_err("nobody's").reason(), "unknown_key");

    let rotated = Instant::now();
    let _ = gateway.cli(&["signing-keys", "rotate", "--emergency"]).done();
    while verifier.verify(&stolen).is_ok() {
        assert!(rotated.elapsed() < COOL_DOWN + SLACK, "the old kid is still good");
        // Traffic goes on; it is what tells the verifier that there is a new kid.
        let fresh = mint();
        assert_ne!(kid_of(&fresh), kid_of(&stolen));
        let _ = verifier.verify(&fresh);
        thread::park_timeout(Duration::from_millis(20));
    }
    assert_eq!(verifier.verify(&stolen).expect_err("dropped").reason(), "unknown_key");
    verifier.verify(&mint()).expect("good after the emergency");
}

/// The header with a kid that the issuer never had.
fn with_another_kid(header: &str) -> String {
    let text = BASE64URL.decode(header).expect("our own");
    let mut value: serde_json::Value = serde_json::from_slice(&text).expect("our own");
    value["kid"] = "nobodys".into();
    BASE64URL.encode(value.to_string())
}
