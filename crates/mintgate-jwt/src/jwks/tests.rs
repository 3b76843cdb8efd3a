use super::*;

const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn ed25519(kid: &str) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": X, "kid": kid })
}

fn set(keys: &[Value]) -> Vec<u8> {
    json!({ "keys": keys }).to_string().into_bytes()
}

#[test]
fn r26_a_bad_key_is_skipped_and_the_rest_of_the_set_serves() {
    let mut without_kid = ed25519("x");
    without_kid.as_object_mut().expect("an object").remove("kid");
    let keys = [json!(null), ed25519("a"), json!({ "kty": "oct", "k": "AAAA" }), without_kid, ed25519("b")];
    let set = Jwks::parse(&set(&keys)).expect("a set");
    assert_eq!(set.len(), 3);
    assert_eq!(set.skipped().iter().map(|one| one.position).collect::<Vec<_>>(), [0, 2]);
    let found = |kid: &str| set.candidates(Some(&kid.parse().expect("a kid")), Algorithm::EdDsa).count();
    assert_eq!((found("a"), found("b"), found("x")), (1, 1, 0));
}

#[test]
fn exact_duplicates_count_once_and_different_keys_may_share_a_kid() {
    let other = json!({ "kty": "EC", "crv": "P-256", "kid": "a",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM" });
    let set = Jwks::parse(&set(&[ed25519("a"), ed25519("a"), other])).expect("a set");
    assert_eq!(set.len(), 2);
    assert_eq!(set.candidates(Some(&"a".parse().expect("a kid")), Algorithm::EdDsa).count(), 2);
}

/// The public keys of RFC 8032 §7.1, but for the first.
const OTHERS: [&str; 4] = [
    "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw",
    "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU",
    "J4EX_BRMcjQPZ9DyMW6Dhs7_vyskKMnFH-98WX8dQm4",
    "7Bcrk61eVjv0kyxw4SRQNMNUZ-8u_U1k6_gZaDRn4r8",
];

#[test]
fn of_keys_that_share_a_kid_those_of_the_algorithm_are_tried_first() {
    let mut keys: Vec<_> =
        OTHERS.iter().map(|x| json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "a" })).collect();
    keys.push(json!({ "kty": "EC", "crv": "P-256", "kid": "a",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM" }));
    let set = Jwks::parse(&set(&keys)).expect("a set");
    assert_eq!(set.len(), 5);
    let kid = "a".parse().expect("a kid");
    let first = set.candidates(Some(&kid), Algorithm::Es256).next().expect("a key");
    assert!(first.serves(Algorithm::Es256));
    assert_eq!(set.candidates(Some(&kid), Algorithm::Es256).count(), Jwks::MOST_CANDIDATES);
}

#[test]
fn a_token_without_kid_is_tried_with_few_keys_of_its_algorithm() {
    let keys: Vec<_> = (0..20).map(|number| ed25519(&number.to_string())).collect();
    let set = Jwks::parse(&set(&keys)).expect("a set");
    assert_eq!(set.candidates(None, Algorithm::EdDsa).count(), Jwks::MOST_CANDIDATES);
    assert_eq!(set.candidates(None, Algorithm::Es256).count(), 0);
}

#[test]
fn what_is_no_set_is_refused_whole() {
    assert_eq!(Jwks::parse(b"<html>").expect_err("HTML"), InvalidJwks::NotJson);
    assert_eq!(Jwks::parse(b"{\"keys\":[").expect_err("cut"), InvalidJwks::NotJson);
    assert_eq!(Jwks::parse(b"{}").expect_err("empty"), InvalidJwks::NoKeys);
    assert_eq!(Jwks::parse(b"{\"keys\":{}}").expect_err("object"), InvalidJwks::NoKeys);
    assert_eq!(Jwks::parse(b"{\"keys\":[],\"keys\":[]}").expect_err("two readings"), InvalidJwks::NotJson);
    let many = set(&vec![json!({}); 10_000]);
    assert_eq!(Jwks::parse(&many).expect_err("10,000 keys"), InvalidJwks::TooMany { keys: 10_000 });
    let long = vec![b' '; Jwks::LONGEST + 1];
    assert!(matches!(Jwks::parse(&long), Err(InvalidJwks::TooLong { .. })));
}

#[test]
fn a_set_without_keys_is_a_set() {
    assert!(Jwks::parse(b"{\"keys\":[]}").expect("withdrawn keys").is_empty());
}

#[test]
fn what_we_publish_reads_back() {
    let set = Jwks::parse(&set(&[ed25519("a"), ed25519("b")])).expect("a set");
    let again = Jwks::parse(set.to_json().to_string().as_bytes()).expect("what we publish");
    assert_eq!(again.to_json(), set.to_json());
}
