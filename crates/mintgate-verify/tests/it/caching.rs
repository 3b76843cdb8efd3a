use std::{
    sync::{Arc, Barrier, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use mintgate_verify::{KeySource, Verifier, VerifyError};

use crate::{
    TestClocks, builder,
    issuer::{Answer, Issuer, NOW, SigningKey, response, set},
    policy, verifier,
};

#[test]
fn ten_cold_requests_cause_one_fetch() {
    let key = SigningKey::new(1);
    let issuer = Issuer::start();
    let (open, gate) = mpsc::channel();
    issuer.answer_keys(Answer::Later(Arc::new(Mutex::new(gate)), set(&[&key])));
    let (verifier, _) = verifier(&issuer);
    let token = key.sign(&issuer.claims());
    let together = Barrier::new(11);
    thread::scope(|scope| {
        let asked: Vec<_> = (0..10)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    verifier.verify(&token).map(|verified| verified.claims().subject().to_owned())
                })
            })
            .collect();
        together.wait();
        issuer.next_request();
        open.send(()).expect("the issuer waits for it");
        for one in asked {
            assert_eq!(one.join().expect("no panic").expect("a good token"), "user-7");
        }
    });
    assert!(issuer.requests().is_empty(), "there was one request only");
}

#[test]
fn with_the_issuer_down_the_last_keys_serve_within_the_limit() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let (verifier, clocks) = verifier(&issuer);
    let token = key.sign(&issuer.claims());
    verifier.verify(&token).expect("fetched");
    issuer.answer_keys(Answer::Raw(response("503 Service Unavailable", "", "")));
    clocks.advance(Duration::from_secs(301));
    verifier.verify(&token).expect("stale, within the limit");
    clocks.advance(Duration::from_hours(1));
    assert!(matches!(verifier.verify(&token), Err(VerifyError::Unavailable { .. })));
    issuer.publish(&[&key]);
    clocks.advance(Duration::from_secs(31));
    verifier.verify(&token).expect("back");
}

#[test]
fn r27_r45_a_failing_issuer_is_no_reason_to_call_a_token_bad_and_is_asked_at_growing_intervals() {
    let key = SigningKey::new(1);
    let issuer = Issuer::start();
    issuer.answer_keys(Answer::Raw(response("500 Internal Server Error", "", "<html>")));
    let (verifier, clocks) = verifier(&issuer);
    let (one, other) = (key.sign(&issuer.claims()), SigningKey::new(2).sign(&issuer.claims()));
    for second in 0..60 {
        for token in [&one, &other] {
            match verifier.verify(token) {
                Err(VerifyError::Unavailable { retry_after, cause }) => {
                    assert!((1..=30).contains(&retry_after.as_secs()), "{retry_after:?} at second {second}");
                    assert!(cause.expect("it failed").contains("500"));
                }
                other => panic!("{:?}", other.map(|_| ())),
            }
        }
        clocks.advance(Duration::from_secs(1));
    }
    assert_eq!(issuer.requests().len(), 6, "at 0, 1, 3, 7, 15 and 31 seconds");
}

#[test]
fn an_issuer_that_hangs_is_waited_for_once_and_not_longer_than_the_timeout() {
    let key = SigningKey::new(1);
    let issuer = Issuer::start();
    issuer.answer_keys(Answer::Silence);
    let clocks = Arc::default();
    let verifier = builder(&issuer, &clocks).timeout(Duration::from_millis(200)).build();
    let token = key.sign(&issuer.claims());
    let start = Instant::now();
    assert!(matches!(verifier.verify(&token), Err(VerifyError::Unavailable { .. })));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let start = Instant::now();
    assert!(matches!(verifier.verify(&token), Err(VerifyError::Unavailable { .. })));
    assert!(start.elapsed() < Duration::from_millis(150), "the second caller does not wait");
    assert_eq!(issuer.requests().len(), 1);
}

#[test]
fn a_body_that_drips_ends_at_the_timeout_too() {
    let issuer = Issuer::start();
    issuer.answer_keys(Answer::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"keys\":".to_vec()));
    let clocks = Arc::default();
    let verifier = builder(&issuer, &clocks).timeout(Duration::from_millis(200)).build();
    let start = Instant::now();
    assert!(verifier.warm_up().is_err());
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_token_that_was_verified_before_still_expires_and_a_clock_set_back_does_not_revive_what_is_early() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let (verifier, clocks) = verifier(&issuer);
    let mut claims = issuer.claims();
    claims["exp"] = (NOW + 60).into();
    let token = key.sign(&claims);
    verifier.verify(&token).expect("good");
    clocks.advance(Duration::from_secs(69));
    verifier.verify(&token).expect("within the leeway");
    clocks.advance(Duration::from_secs(1));
    assert!(matches!(verifier.verify(&token), Err(VerifyError::Expired)));
}

#[test]
fn r31_a_token_that_differs_in_one_byte_from_one_seen_before_is_judged_anew() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let (verifier, _) = verifier(&issuer);
    let token = key.sign(&issuer.claims());
    verifier.verify(&token).expect("good");
    for at in [0, token.len() / 2, token.len() - 2] {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert!(verifier.verify(std::str::from_utf8(&changed).expect("ASCII")).is_err(), "at {at}");
    }
}

#[test]
fn more_tokens_than_are_remembered_are_all_verified() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let clocks = Arc::default();
    let verifier = builder(&issuer, &clocks).remember_tokens(32).build();
    let tokens: Vec<_> = (0..300)
        .map(|number| {
            let mut claims = issuer.claims();
            claims["sub"] = format!("user-{number}").into();
            key.sign(&claims)
        })
        .collect();
    for _ in 0..2 {
        for (number, token) in tokens.iter().enumerate() {
            let good = verifier.verify(token).expect("good");
            assert_eq!(good.claims().subject(), format!("user-{number}"));
        }
    }
}

#[test]
fn without_keys_at_hand_an_asynchronous_caller_is_told_to_go_where_it_may_block() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let (verifier, _) = verifier(&issuer);
    let token = key.sign(&issuer.claims());
    assert!(verifier.try_verify(&token).is_none());
    assert!(verifier.try_verify("garbage").expect("needs no key").is_err());
    verifier.verify(&token).expect("fetched");
    assert!(verifier.try_verify(&token).expect("at hand").is_ok());
    let other = SigningKey::new(2).sign(&issuer.claims());
    assert!(verifier.try_verify(&other).is_none(), "a new kid may need a fetch");
}

#[test]
fn a_fixed_set_needs_no_network() {
    let key = SigningKey::new(1);
    let issuer = Issuer::start();
    let source = KeySource::json(set(&[&key]).to_string().as_bytes()).expect("a set");
    let clocks = Arc::new(TestClocks::default());
    let verifier = Verifier::builder(policy(&issuer), source).clocks(clocks).build();
    verifier.verify(&key.sign(&issuer.claims())).expect("good");
    let error = verifier.verify(&SigningKey::new(2).sign(&issuer.claims())).expect_err("unknown");
    assert_eq!(error.reason(), "unknown_key");
    assert!(issuer.requests().is_empty());
}
