//! Issuers that answer with something other than keys, and tokens that are made to cost.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use mintgate_verify::{Jwks, KeySource, PlainHttp, Verifier, VerifyError};
use serde_json::json;

use crate::{
    TestClocks, builder,
    issuer::{Answer, Issuer, SigningKey, response, set},
    policy, verifier,
};

/// What the verifier says of a good token when the issuer answers like this.
fn cause(answer: Answer) -> String {
    let issuer = Issuer::start();
    issuer.answer_keys(answer);
    match verifier(&issuer).0.verify(&SigningKey::new(1).sign(&issuer.claims())) {
        Err(VerifyError::Unavailable { cause, .. }) => cause.expect("it failed").to_string(),
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[test]
fn html_broken_json_and_an_empty_object_are_no_keys() {
    for (body, problem) in [
        ("<html>Bad gateway</html>", "not a JSON object"),
        ("{\"keys\":[", "not a JSON object"),
        ("{}", "no array of keys"),
        ("", "not a JSON object"),
    ] {
        assert!(cause(Answer::Raw(response("200 OK", "", body))).contains(problem), "{body}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let key = SigningKey::new(1);
    let elsewhere = Issuer::publishing(&[&key]);
    let location = format!("Location: {}\r\n", elsewhere.jwks_url());
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let problem = cause(Answer::Raw(response(status, &location, "")));
        assert!(problem.contains(&format!("status {}", &status[..3])), "{problem}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_set_beyond_the_limit_is_not_read_to_its_end() {
    let long = format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(Jwks::LONGEST));
    cause(Answer::Raw(response("200 OK", "", &long)));
    let many = json!({ "keys": vec![json!({}); 10_000] });
    assert!(cause(Answer::Json(many)).contains("at most 256 keys"));
}

#[test]
fn an_answer_without_end_is_cut_off() {
    let mut endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..40 {
        endless.extend(b"10000\r\n");
        endless.extend(vec![b' '; 0x10000]);
        endless.extend(b"\r\n");
    }
    cause(Answer::Raw(endless));
}

#[test]
fn an_issuer_that_closes_at_once_or_talks_nonsense_is_unavailable() {
    cause(Answer::Raw(Vec::new()));
    cause(Answer::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
    cause(Answer::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n".to_vec()));
}

#[test]
fn one_malformed_key_spoils_nothing() {
    let key = SigningKey::new(1);
    let issuer = Issuer::start();
    let mut keys = set(&[&key]);
    let list = keys["keys"].as_array_mut().expect("a list");
    list.insert(0, json!({ "kty": "RSA", "kid": "broken", "n": "!!", "e": 3 }));
    list.insert(0, json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" }));
    issuer.answer_keys(Answer::Json(keys));
    verifier(&issuer).0.verify(&key.sign(&issuer.claims())).expect("a good token");
}

/// What the verifier says of a good token when its keys are to come from here, and that it says so in time.
fn unreachable(address: &str) -> String {
    let issuer = Issuer::start();
    let source = KeySource::url(address, PlainHttp::AllowedAnywhere).expect("an address");
    let clocks = Arc::new(TestClocks::default());
    let verifier = Verifier::builder(policy(&issuer), source)
        .without_background()
        .clocks(clocks)
        .timeout(Duration::from_millis(500))
        .build();
    let start = Instant::now();
    let verdict = verifier.verify(&SigningKey::new(1).sign(&issuer.claims()));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    match verdict {
        Err(VerifyError::Unavailable { cause, .. }) => cause.expect("it failed").to_string(),
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[test]
fn a_host_that_no_name_server_knows_is_unavailable() {
    // A label of more than 63 characters: no name server needs to be asked.
    unreachable(&format!("https://{}.invalid/jwks", "a".repeat(64)));
}

#[test]
fn a_port_that_nobody_listens_on_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    unreachable(&format!("http://{free}/jwks"));
}

#[test]
fn an_issuer_that_speaks_no_tls_where_tls_is_due_is_unavailable_and_never_asked_without() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    unreachable(&issuer.jwks_url().replace("http://", "https://"));
    assert!(issuer.requests().is_empty());
}

#[test]
fn an_answer_that_drips_ends_at_the_timeout() {
    for start in ["HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{", "HTTP/1.1 200 OK\r\nX: "] {
        let issuer = Issuer::start();
        issuer.answer_keys(Answer::Drip(start.into()));
        let verifier = builder(&issuer, &Arc::default()).timeout(Duration::from_millis(300)).build();
        let start = Instant::now();
        assert!(verifier.warm_up().is_err());
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
}

#[test]
fn headers_beyond_the_limit_are_not_read() {
    let many = "X-Pad: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(20_000);
    let long = format!("X-Pad: {}\r\n", "a".repeat(1024 * 1024));
    for headers in [many, long] {
        cause(Answer::Raw(response("200 OK", &headers, "{\"keys\":[]}")));
    }
}

#[test]
fn ten_thousand_good_keys_are_too_many_and_ten_thousand_of_unknown_types_too() {
    let key = SigningKey::new(1);
    let good = vec![key.jwk.to_json(); 10_000];
    // More than a megabyte: the rest is not read.
    cause(Answer::Json(json!({ "keys": good })));
    let strange = vec![json!({ "kty": "LMS", "pub": "AAAA" }); 10_000];
    assert!(cause(Answer::Json(json!({ "keys": strange }))).contains("at most 256 keys"));
}

#[test]
fn keys_of_unknown_types_are_passed_over() {
    let key = SigningKey::new(1);
    let issuer = Issuer::start();
    let mut keys = set(&[&key]);
    let list = keys["keys"].as_array_mut().expect("a list");
    list.insert(0, json!({ "kty": "AKP", "alg": "ML-DSA-65", "pub": "AAAA", "kid": "pq" }));
    list.insert(0, json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "shared" }));
    list.insert(0, json!({ "kty": 7 }));
    list.insert(0, json!(null));
    issuer.answer_keys(Answer::Json(keys));
    verifier(&issuer).0.verify(&key.sign(&issuer.claims())).expect("a good token");
}

#[test]
fn r28_tokens_that_are_made_to_cost_are_refused_at_once_and_cause_no_fetch() {
    let issuer = Issuer::start();
    let verifier = verifier(&issuer).0;
    let header = |text: &str| format!("{}.e30.AA", BASE64URL.encode(text));
    let payload = |text: &str| format!("eyJhbGciOiJFZERTQSJ9.{}.AA", BASE64URL.encode(text));
    let members = (0..1000).map(|number| format!("\"{number}\":0,")).collect::<Vec<_>>().concat();
    let costly = [
        ("token_too_long", "a".repeat(1024 * 1024)),
        ("token_too_long", ".".repeat(1_000_000)),
        ("not_three_parts", ".".repeat(16_000)),
        ("header_too_deep", header(&format!("{{\"a\":{}", "[".repeat(10_000)))),
        ("header_too_deep", header(&"{\"a\":".repeat(2_000))),
        ("alg_missing", header(&format!("{{{members}\"x\":0}}"))),
        ("header_duplicate_member", header(&format!("{{{members}\"0\":0}}"))),
        ("wrong_type", payload(&"[".repeat(12_000))),
    ];
    let start = Instant::now();
    for _ in 0..20 {
        for (reason, token) in &costly {
            assert_eq!(verifier.verify(token).expect_err("refused").reason(), *reason);
        }
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?} for 160 tokens", start.elapsed());
    assert!(issuer.requests().is_empty());
}
