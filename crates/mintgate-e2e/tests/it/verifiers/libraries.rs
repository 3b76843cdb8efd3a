//! Libraries: each gets the issuer's address, fetches the keys over HTTP, and judges four tokens.

use std::process::Command;

use mintgate_e2e::{node, python, repository, run};
use serde_json::{Value, json};

use super::Minted;

#[test]
fn pyjwt_accepts_our_tokens_and_only_those_for_its_audience() {
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        judge(&mut script(python(), "verify.py", &["pyjwt"]), algorithm);
    }
}

#[test]
fn python_jose_accepts_our_tokens_and_only_those_for_its_audience() {
    // It knows no others of ours.
    for algorithm in ["RS256", "ES256"] {
        judge(&mut script(python(), "verify.py", &["python-jose"]), algorithm);
    }
}

#[test]
fn joserfc_accepts_our_tokens_and_only_those_for_its_audience() {
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        judge(&mut script(python(), "verify.py", &["joserfc"]), algorithm);
    }
}

#[test]
fn npm_jose_accepts_our_tokens_and_only_those_for_its_audience() {
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        judge(&mut script(node(), "verify.mjs", &[]), algorithm);
    }
}

fn script(mut interpreter: Command, name: &str, arguments: &[&str]) -> Command {
    let folder = repository().join("crates/mintgate-e2e/tests/it/verifiers");
    interpreter.arg(folder.join(name)).args(arguments);
    interpreter
}

fn judge(verifier: &mut Command, algorithm: &str) {
    let minted = Minted::with(algorithm);
    let issuer = minted.gateway.issuer();
    let question = |issuer: &str| {
        json!({
            "jwks": format!("{}/.well-known/jwks.json", minted.gateway.issuer()),
            "issuer": issuer,
            "audience": "orders",
            "algorithm": algorithm,
            "tokens": [minted.orders, minted.billing, minted.forged()],
        })
    };
    let answer = run(verifier, question(&issuer).to_string()).json();
    let claims = &answer[0]["claims"];
    assert_eq!(claims["iss"], Value::from(issuer), "{algorithm}: {answer}");
    assert_eq!(claims["sub"], "alice", "{algorithm}: {answer}");
    assert_eq!(claims["aud"], "orders", "{algorithm}: {answer}");
    assert!(answer[1]["refused"].is_string(), "{algorithm}, another's audience: {answer}");
    assert!(answer[2]["refused"].is_string(), "{algorithm}, a forged signature: {answer}");
    let answer = run(verifier, question("https://other.example").to_string()).json();
    assert!(answer[0]["refused"].is_string(), "{algorithm}, another issuer: {answer}");
}
