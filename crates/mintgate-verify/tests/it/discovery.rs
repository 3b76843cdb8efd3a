use std::sync::Arc;

use mintgate_verify::{KeySource, PlainHttp, Verifier, VerifyError};
use serde_json::json;

use crate::{
    TestClocks,
    issuer::{Answer, Issuer, SigningKey},
    policy,
};

const OPENID: &str = "/tenant/.well-known/openid-configuration";
const RFC8414: &str = "/.well-known/oauth-authorization-server/tenant";

fn verifier(issuer: &Issuer) -> Verifier {
    let source = KeySource::issuer(&issuer.name(), PlainHttp::LoopbackOnly).expect("loopback");
    let clocks = Arc::new(TestClocks::default());
    Verifier::builder(policy(issuer), source).without_background().clocks(clocks).build()
}

fn document(issuer: &Issuer) -> serde_json::Value {
    json!({ "issuer": issuer.name(), "jwks_uri": issuer.jwks_url() })
}

/// What the fetch failed with.
fn cause(issuer: &Issuer) -> String {
    match verifier(issuer).verify(&SigningKey::new(1).sign(&issuer.claims())) {
        Err(VerifyError::Unavailable { cause, .. }) => cause.expect("it failed").to_string(),
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[test]
fn keys_are_found_from_the_issuers_name_by_either_document() {
    let key = SigningKey::new(1);
    for path in [OPENID, RFC8414] {
        let issuer = Issuer::publishing(&[&key]);
        issuer.answer(path, Answer::Json(document(&issuer)));
        verifier(&issuer).verify(&key.sign(&issuer.claims())).expect("found");
    }
}

#[test]
fn the_document_is_asked_for_once() {
    let (one, two) = (SigningKey::new(1), SigningKey::new(2));
    let issuer = Issuer::publishing(&[&one]);
    issuer.answer(OPENID, Answer::Json(document(&issuer)));
    let verifier = verifier(&issuer);
    verifier.verify(&one.sign(&issuer.claims())).expect("found");
    assert_eq!(issuer.requests(), [OPENID, "/tenant/jwks.json"]);
    issuer.publish(&[&one, &two]);
    verifier.verify(&two.sign(&issuer.claims())).expect("found");
    assert_eq!(issuer.requests(), ["/tenant/jwks.json"]);
}

#[test]
fn a_document_of_another_issuer_is_refused() {
    let issuer = Issuer::publishing(&[&SigningKey::new(1)]);
    let mut other = document(&issuer);
    other["issuer"] = format!("{}/", issuer.name()).into();
    issuer.answer(OPENID, Answer::Json(other));
    assert!(cause(&issuer).contains("of another issuer"));
}

#[test]
fn a_document_may_not_send_us_where_keys_may_not_come_from() {
    let issuer = Issuer::publishing(&[&SigningKey::new(1)]);
    for (keys, problem) in [
        (json!("http://keys.example/jwks"), "jwks_uri is refused"),
        (json!("file:///etc/passwd"), "jwks_uri is refused"),
        (json!(7), "names no jwks_uri"),
    ] {
        issuer.answer(OPENID, Answer::Json(json!({ "issuer": issuer.name(), "jwks_uri": keys })));
        assert!(cause(&issuer).contains(problem));
    }
}

#[test]
fn without_any_document_the_issuer_is_unavailable() {
    assert!(cause(&Issuer::start()).contains("404"));
}
