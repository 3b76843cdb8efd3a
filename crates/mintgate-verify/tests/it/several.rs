//! One verifier for several issuers.

use std::sync::Arc;

use mintgate_verify::{
    AlgorithmSet, Expected, InvalidPolicy, KeySource, PlainHttp, TokenPolicy, Verifier, VerifyError,
};

use crate::{
    TestClocks, builder,
    issuer::{Answer, Issuer, SigningKey, response},
    policy,
};

fn source(issuer: &Issuer) -> KeySource {
    KeySource::url(&issuer.jwks_url(), PlainHttp::LoopbackOnly).expect("loopback")
}

fn both(a: &Issuer, b: &Issuer) -> Verifier {
    let clocks = Arc::new(TestClocks::default());
    builder(a, &clocks).and_issuer(policy(b), source(b)).expect("two issuers").build()
}

fn reason(verifier: &Verifier, token: &str) -> &'static str {
    verifier.verify(token).expect_err("refused").reason()
}

#[test]
fn each_issuers_tokens_are_verified_by_its_own_keys() {
    let (key_a, key_b) = (SigningKey::new(1), SigningKey::new(2));
    let (a, b) = (Issuer::publishing(&[&key_a]), Issuer::publishing(&[&key_b]));
    let verifier = both(&a, &b);
    for _ in 0..2 {
        let of_a = verifier.verify(&key_a.sign(&a.claims())).expect("of a");
        let of_b = verifier.verify(&key_b.sign(&b.claims())).expect("of b");
        assert_eq!(of_a.claims().issuer(), a.name());
        assert_eq!(of_b.claims().issuer(), b.name());
    }
    assert_eq!((a.requests().len(), b.requests().len()), (1, 1));
}

#[test]
fn r24_a_key_of_one_issuer_never_verifies_a_token_that_claims_another() {
    let (key_a, key_b) = (SigningKey::new(1), SigningKey::new(2));
    let (a, b) = (Issuer::publishing(&[&key_a]), Issuer::publishing(&[&key_b]));
    let verifier = both(&a, &b);
    verifier.verify(&key_a.sign(&a.claims())).expect("of a");
    verifier.verify(&key_b.sign(&b.claims())).expect("of b");
    let kid_of_b = key_b.jwk.kid().expect("ours has one").as_str();
    assert_eq!(reason(&verifier, &key_a.sign(&b.claims())), "unknown_key");
    assert_eq!(reason(&verifier, &key_a.sign_as(kid_of_b, &b.claims())), "bad_signature");
    assert_eq!(reason(&verifier, &key_a.sign_without_kid(&b.claims())), "bad_signature");
    assert_eq!(reason(&verifier, &key_b.sign(&a.claims())), "unknown_key");
}

#[test]
fn two_issuers_that_publish_one_kid_are_kept_apart() {
    let (key_a, key_b) = (SigningKey::new(1), SigningKey::new(2));
    let (a, b) = (Issuer::start(), Issuer::start());
    for (issuer, key) in [(&a, &key_a), (&b, &key_b)] {
        let mut set = crate::issuer::set(&[key]);
        set["keys"][0]["kid"] = "1".into();
        issuer.answer_keys(Answer::Json(set));
    }
    let verifier = both(&a, &b);
    verifier.verify(&key_a.sign_as("1", &a.claims())).expect("of a");
    verifier.verify(&key_b.sign_as("1", &b.claims())).expect("of b");
    assert_eq!(reason(&verifier, &key_a.sign_as("1", &b.claims())), "bad_signature");
    assert_eq!(reason(&verifier, &key_b.sign_as("1", &a.claims())), "bad_signature");
}

#[test]
fn an_issuer_that_is_down_harms_no_other() {
    let (key_a, key_b) = (SigningKey::new(1), SigningKey::new(2));
    let (a, b) = (Issuer::start(), Issuer::publishing(&[&key_b]));
    a.answer_keys(Answer::Raw(response("500 Internal Server Error", "", "")));
    let verifier = both(&a, &b);
    assert!(matches!(verifier.verify(&key_a.sign(&a.claims())), Err(VerifyError::Unavailable { .. })));
    verifier.verify(&key_b.sign(&b.claims())).expect("its issuer is up");
    assert!(verifier.warm_up().is_err(), "one of them is not to be had");
}

#[test]
fn an_issuer_that_nobody_configured_is_refused_without_a_fetch() {
    let (a, b, stranger) = (Issuer::start(), Issuer::start(), Issuer::start());
    let verifier = both(&a, &b);
    let key = SigningKey::new(3);
    for name in [
        stranger.name(),
        format!("{}/", a.name()),
        a.name().to_uppercase(),
        a.name().replace("127.0.0.1", "localhost"),
    ] {
        let mut claims = a.claims();
        claims["iss"] = name.into();
        assert_eq!(reason(&verifier, &key.sign(&claims)), "wrong_issuer");
        assert!(verifier.try_verify(&key.sign(&claims)).expect("needs no key").is_err());
    }
    let mut claims = a.claims();
    claims["iss"] = 7.into();
    assert_eq!(reason(&verifier, &key.sign(&claims)), "iss_malformed");
    assert_eq!(reason(&verifier, "garbage"), "not_three_parts");
    for issuer in [a, b, stranger] {
        assert!(issuer.requests().is_empty());
    }
}

#[test]
fn each_issuer_has_a_policy_of_its_own() {
    let (key_a, key_b) = (SigningKey::new(1), SigningKey::new(2));
    let (a, b) = (Issuer::publishing(&[&key_a]), Issuer::publishing(&[&key_b]));
    let invoices = Expected::exactly("invoices".parse().expect("an audience"));
    let strict = TokenPolicy::new(Expected::exactly(b.name().parse().expect("an issuer")), invoices)
        .with_algorithms(AlgorithmSet::of([mintgate_verify::Algorithm::Es256]).expect("one"));
    let clocks = Arc::new(TestClocks::default());
    let verifier = builder(&a, &clocks).and_issuer(strict, source(&b)).expect("two issuers").build();
    verifier.verify(&key_a.sign(&a.claims())).expect("of a");
    assert_eq!(reason(&verifier, &key_b.sign(&b.claims())), "alg_not_allowed");
    let mut for_invoices = a.claims();
    for_invoices["aud"] = "invoices".into();
    assert_eq!(reason(&verifier, &key_a.sign(&for_invoices)), "wrong_audience");
}

#[test]
fn issuers_that_cannot_be_told_apart_make_no_verifier() {
    let (a, b) = (Issuer::start(), Issuer::start());
    let clocks = Arc::new(TestClocks::default());
    let twice = builder(&a, &clocks).and_issuer(policy(&a), source(&b));
    assert_eq!(twice.err(), Some(InvalidPolicy::IssuerTwice));
    let any = TokenPolicy::new(Expected::Any, Expected::exactly("orders".parse().expect("an audience")));
    assert_eq!(
        builder(&a, &clocks).and_issuer(any.clone(), source(&b)).err(),
        Some(InvalidPolicy::AnyAmongSeveral)
    );
    let after_any = Verifier::builder(any, source(&a)).and_issuer(policy(&b), source(&b));
    assert_eq!(after_any.err(), Some(InvalidPolicy::AnyAmongSeveral));
}
