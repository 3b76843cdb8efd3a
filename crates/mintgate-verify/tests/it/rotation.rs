use std::time::Duration;

use mintgate_jwt::cache::CacheSettings;
use mintgate_verify::{Clocks, KeySource, PlainHttp, Verifier};

use crate::{
    TestClocks,
    issuer::{Issuer, SigningKey},
    policy, verifier,
};

#[test]
fn r42_a_token_of_a_new_key_is_accepted_after_one_fetch() {
    let (old, new) = (SigningKey::new(1), SigningKey::new(2));
    let issuer = Issuer::publishing(&[&old]);
    let (verifier, _) = verifier(&issuer);
    verifier.verify(&old.sign(&issuer.claims())).expect("the old key is published");
    issuer.publish(&[&old, &new]);
    verifier.verify(&new.sign(&issuer.claims())).expect("the new key is fetched");
    verifier.verify(&old.sign(&issuer.claims())).expect("the old key is still published");
    assert_eq!(issuer.requests().len(), 2);
}

#[test]
fn r43_a_flood_of_bad_kids_causes_one_fetch_a_cool_down() {
    let (key, stranger) = (SigningKey::new(1), SigningKey::new(9));
    let issuer = Issuer::publishing(&[&key]);
    let (verifier, clocks) = verifier(&issuer);
    verifier.verify(&key.sign(&issuer.claims())).expect("a good token");
    for number in 0..300 {
        let forged = stranger.sign_as(&format!("kid-{number}"), &issuer.claims());
        let error = verifier.verify(&forged).expect_err("nobody published that");
        assert_eq!(error.reason(), "unknown_key");
        clocks.advance(Duration::from_millis(300));
    }
    assert_eq!(issuer.requests().len(), 1 + 3, "the first, and one in each 30 of 90 seconds");
}

#[test]
fn r26_a_withdrawn_key_is_gone_at_the_next_refresh_even_for_tokens_seen_before() {
    let (old, new) = (SigningKey::new(1), SigningKey::new(2));
    let issuer = Issuer::publishing(&[&old, &new]);
    let (verifier, clocks) = verifier(&issuer);
    let token = old.sign(&issuer.claims());
    verifier.verify(&token).expect("published");
    verifier.verify(&token).expect("remembered");
    issuer.publish(&[&new]);
    clocks.advance(Duration::from_secs(301));
    let error = verifier.verify(&token).expect_err("withdrawn");
    assert_eq!(error.reason(), "unknown_key");
}

#[test]
fn after_an_emergency_rotation_a_token_of_the_new_key_ends_the_old_one() {
    let (old, new) = (SigningKey::new(1), SigningKey::new(2));
    let issuer = Issuer::publishing(&[&old]);
    let (verifier, _) = verifier(&issuer);
    let stolen = old.sign(&issuer.claims());
    verifier.verify(&stolen).expect("published");
    issuer.publish(&[&new]);
    verifier.verify(&new.sign(&issuer.claims())).expect("fetched");
    assert!(verifier.verify(&stolen).is_err(), "replaced, not merged");
}

#[test]
fn r48_an_announced_rotation_refuses_no_good_token_and_needs_no_fetch_but_the_refreshes() {
    let (old, new) = (SigningKey::new(1), SigningKey::new(2));
    let issuer = Issuer::publishing(&[&old]);
    let (verifier, clocks) = verifier(&issuer);
    let mut signing = &old;
    for second in 0..2400 {
        match second {
            600 => issuer.publish(&[&old, &new]),
            960 => signing = &new,
            1300 => issuer.publish(&[&new]),
            _ => {}
        }
        verifier.verify(&signing.sign(&issuer.claims())).expect("a good token, whatever second it is");
        clocks.advance(Duration::from_secs(1));
    }
    assert!(issuer.requests().len() <= 9, "2400 seconds are eight lives of a set");
}

#[test]
fn after_an_emergency_rotation_the_old_kid_is_refused_within_the_cool_down_of_the_new_one() {
    let (old, new) = (SigningKey::new(1), SigningKey::new(2));
    let issuer = Issuer::publishing(&[&old]);
    let (verifier, clocks) = verifier(&issuer);
    let stolen = old.sign(&issuer.claims());
    verifier.verify(&stolen).expect("published");
    // The worst case: an unknown kid has just used up the fetch of this cool-down.
    verifier.verify(&SigningKey::new(9).sign(&issuer.claims())).expect_err("nobody's");
    issuer.publish(&[&new]);
    let mut refused_at = None;
    for second in 0..=30 {
        let new_is_good = verifier.verify(&new.sign(&issuer.claims())).is_ok();
        let old_is_refused = verifier.verify(&stolen).is_err();
        assert_eq!(new_is_good, old_is_refused, "the set is replaced as one, at second {second}");
        if old_is_refused {
            refused_at.get_or_insert(second);
        }
        clocks.advance(Duration::from_secs(1));
    }
    assert_eq!(refused_at, Some(30), "the cool-down, and no longer");
}

#[test]
fn a_token_without_kid_of_a_new_key_is_accepted_after_one_fetch() {
    let (old, new) = (SigningKey::new(1), SigningKey::new(2));
    let issuer = Issuer::publishing(&[&old]);
    let (verifier, _) = verifier(&issuer);
    verifier.verify(&old.sign_without_kid(&issuer.claims())).expect("the one key of its algorithm");
    issuer.publish(&[&new]);
    assert!(verifier.try_verify(&new.sign_without_kid(&issuer.claims())).is_none(), "that may need a fetch");
    verifier.verify(&new.sign_without_kid(&issuer.claims())).expect("fetched");
    verifier.verify(&old.sign_without_kid(&issuer.claims())).expect_err("replaced");
    assert_eq!(issuer.requests().len(), 2);
}

#[test]
fn r43_a_flood_of_tokens_without_kid_and_of_bad_kids_shares_one_fetch_a_cool_down() {
    let (key, stranger) = (SigningKey::new(1), SigningKey::new(9));
    let issuer = Issuer::publishing(&[&key]);
    let (verifier, clocks) = verifier(&issuer);
    verifier.verify(&key.sign(&issuer.claims())).expect("a good token");
    for number in 0..150 {
        let nameless = verifier.verify(&stranger.sign_without_kid(&issuer.claims())).expect_err("forged");
        assert_eq!(nameless.reason(), "bad_signature");
        let forged = stranger.sign_as(&format!("kid-{number}"), &issuer.claims());
        assert_eq!(verifier.verify(&forged).expect_err("nobody's").reason(), "unknown_key");
        clocks.advance(Duration::from_millis(600));
    }
    assert_eq!(issuer.requests().len(), 1 + 3, "the first, and one in each 30 of 90 seconds");
}

#[test]
fn a_bad_claim_is_no_reason_to_fetch() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let (verifier, _) = verifier(&issuer);
    let mut claims = issuer.claims();
    claims["aud"] = "invoices".into();
    assert_eq!(
        verifier.verify(&key.sign_without_kid(&claims)).expect_err("elsewhere").reason(),
        "wrong_audience"
    );
    assert_eq!(issuer.requests().len(), 1);
}

#[test]
fn the_thread_refreshes_ahead_without_any_request() {
    let (old, new) = (SigningKey::new(1), SigningKey::new(2));
    let issuer = Issuer::publishing(&[&old]);
    let short = CacheSettings {
        shortest_max_age: Duration::from_millis(50),
        longest_max_age: Duration::from_millis(50),
        ..CacheSettings::usual()
    };
    let source = KeySource::url(&issuer.jwks_url(), PlainHttp::LoopbackOnly).expect("loopback");
    let verifier = Verifier::builder(policy(&issuer), source).cache(short).build();
    issuer.next_request();
    issuer.publish(&[&new]);
    // The second fetch brings the new keys; when a fourth begins, it was reported.
    issuer.next_request();
    issuer.next_request();
    issuer.next_request();
    let now = TestClocks::default().now();
    verifier.verify_at(&new.sign(&issuer.claims()), now).expect("the thread knows it");
    let error = verifier.verify_at(&old.sign(&issuer.claims()), now).expect_err("withdrawn");
    assert_eq!(error.reason(), "unknown_key");
}
