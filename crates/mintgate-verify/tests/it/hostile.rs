//! Issuers that answer with something other than keys.

use mintgate_verify::{Jwks, VerifyError};
use serde_json::json;

use crate::{
    issuer::{Answer, Issuer, SigningKey, response, set},
    verifier,
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
