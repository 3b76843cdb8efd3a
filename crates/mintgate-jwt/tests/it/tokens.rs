use std::time::Duration;

use mintgate_jwt::{
    AlgorithmSet, Expected, ExpectedType, Jwks, Leeway, Refusal, TokenPolicy, Verified, inspect,
    verify_with_set,
};
use mintgate_types::{ScopeSet, Timestamp};
use serde_json::Value;

use super::vectors;

/// One text, a list of texts, or `any`.
fn expected<T>(value: &Value) -> Expected<T>
where
    T: std::str::FromStr<Err: std::fmt::Debug>,
{
    let parse = |value: &Value| value.as_str().expect("a text").parse().expect("well formed");
    match value {
        Value::Array(values) => Expected::one_of(values.iter().map(parse)).expect("not empty"),
        Value::String(any) if any == "any" => Expected::Any,
        one => Expected::exactly(parse(one)),
    }
}

fn policy(document: &Value, case: &Value) -> TokenPolicy {
    let setting = |name: &str| case["policy"].get(name).or_else(|| document["policy"].get(name));
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().expect("a list").iter().map(|one| one.as_str().expect("a text").to_owned()).collect()
    };
    let required = |name: &str| setting(name).expect("every policy has it");
    let mut policy = TokenPolicy::new(expected(required("issuer")), expected(required("audience")));
    if let Some(typ) = setting("typ").and_then(Value::as_str) {
        let typ = if typ == "any" { Ok(ExpectedType::Any) } else { ExpectedType::exactly(typ) };
        policy = policy.with_type(typ.expect("a type"));
    }
    if let Some(names) = setting("algorithms") {
        let algorithms = texts(names).into_iter().map(|name| name.parse().expect("an algorithm"));
        policy = policy.with_algorithms(AlgorithmSet::of(algorithms).expect("not empty"));
    }
    if let Some(seconds) = setting("leeway").and_then(Value::as_u64) {
        policy = policy.with_leeway(Leeway::new(Duration::from_secs(seconds)).expect("short"));
    }
    if let Some(scopes) = setting("scopes") {
        policy = policy.with_scopes(texts(scopes).join(" ").parse::<ScopeSet>().expect("scopes"));
    }
    policy
}

fn token(case: &Value) -> String {
    let Some(pieces) = case.get("pieces").and_then(Value::as_array) else {
        return case["token"].as_str().expect("a token").to_owned();
    };
    let piece = |piece: &Value| {
        let times = usize::try_from(piece[1].as_u64().expect("a number")).expect("small");
        piece[0].as_str().expect("a text").repeat(times)
    };
    pieces.iter().map(piece).collect()
}

fn now(document: &Value) -> Timestamp {
    Timestamp::from_second(document["now"].as_i64().expect("a number")).expect("a date")
}

/// Says what is wrong with the outcome of each case whose rule begins like `rule`.
fn check(rule: &str) {
    let document = vectors("tokens.json");
    let set = Jwks::parse(document["jwks"].to_string().as_bytes()).expect("a set");
    let mut seen = 0;
    let mut wrong = Vec::new();
    for case in document["cases"].as_array().expect("a list") {
        if !case["rule"].as_str().unwrap_or_default().starts_with(rule) {
            continue;
        }
        seen += 1;
        let outcome = verify_with_set(&token(case), &set, &policy(&document, case), now(&document))
            .map_err(Refusal::reason);
        let right = match (&outcome, case["reason"].as_str()) {
            (Ok(_), None) => case["accepted"] == true,
            (Err(reason), Some(expected)) => *reason == expected,
            _ => false,
        };
        if !right {
            wrong.push(format!("{}: {:?}", case["name"], outcome.map(Verified::into_claims)));
        }
    }
    assert!(seen > 0, "no vector for {rule}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_token_gets_the_answer_that_its_vector_states() {
    check("");
}

#[test]
fn r20_the_algorithm_comes_from_configuration_and_key() {
    check("R20");
}

#[test]
fn r21_what_is_not_signed_is_refused() {
    check("R21");
}

#[test]
fn r22_extensions_that_must_be_understood_are_refused() {
    check("R22");
}

#[test]
fn r23_dates_that_are_no_dates_are_refused() {
    check("R23");
}

#[test]
fn r24_issuer_and_audience_are_mandatory() {
    check("R24");
}

#[test]
fn r25_keys_and_addresses_inside_a_token_are_ignored() {
    check("R25");
}

#[test]
fn r26_a_withdrawn_key_verifies_nothing() {
    check("R26");
}

#[test]
fn r28_oversized_tokens_are_refused_before_they_are_decoded() {
    check("R28");
}

#[test]
fn r29_a_token_for_origin_a_is_refused_at_origin_b() {
    check("R29");
}

#[test]
fn no_refusal_says_a_word_of_the_token() {
    let document = vectors("tokens.json");
    let set = Jwks::parse(document["jwks"].to_string().as_bytes()).expect("a set");
    for case in document["cases"].as_array().expect("a list") {
        let Err(refusal) = verify_with_set(&token(case), &set, &policy(&document, case), now(&document))
        else {
            continue;
        };
        for text in [refusal.to_string(), format!("{refusal:?}"), refusal.reason().to_owned()] {
            for secret in ["user-7", "alice", "evil", "billing", "eyJ"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }
}

#[test]
fn looking_into_a_token_shows_what_it_claims_of_itself() {
    let document = vectors("tokens.json");
    let shown = inspect(&token(&document["cases"][0])).expect("a token");
    assert_eq!(shown.header["alg"], "RS256");
    assert_eq!(shown.claims["sub"], "user-7");
    assert_eq!(inspect("a.b").expect_err("two parts").reason(), "not_three_parts");
}
