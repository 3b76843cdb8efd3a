//! Any text offered as a token, and any bytes offered as a key set: read without a panic, and nothing unsigned passes.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use mintgate_jwt::{Expected, ExpectedType, Jwks, TokenPolicy, UnverifiedHeader, inspect, verify_with_set};
use mintgate_types::Timestamp;

/// The published keys of RFC 7638 and RFC 8037: their private halves are not in the fuzzer's reach.
const KEYS: &[u8] = br#"{"keys":[
  {"kty":"RSA","kid":"a","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"},
  {"kty":"OKP","kid":"b","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

fuzz_target!(|data: &[u8]| {
    if let Ok(set) = Jwks::parse(data) {
        let published = set.to_json().to_string();
        let again = Jwks::parse(published.as_bytes()).expect("what we publish reads back");
        assert_eq!(again.to_json(), set.to_json());
        assert!(again.skipped().is_empty(), "we published a key that we cannot use");
    }
    let Ok(token) = std::str::from_utf8(data) else { return };
    let (set, policy) = judge();
    if let Ok(header) = UnverifiedHeader::read(token, policy) {
        assert_eq!(token.matches('.').count(), 2);
        assert!(header.kid().is_none_or(|kid| kid.as_str().len() <= 256));
    }
    let refusal = verify_with_set(token, set, policy, Timestamp::UNIX_EPOCH).expect_err("nobody can sign");
    assert!(!refusal.reason().is_empty());
    let _ = inspect(token);
});

fn judge() -> &'static (Jwks, TokenPolicy) {
    static JUDGE: OnceLock<(Jwks, TokenPolicy)> = OnceLock::new();
    JUDGE.get_or_init(|| {
        let policy = TokenPolicy::new(Expected::Any, Expected::Any).with_type(ExpectedType::Any);
        (Jwks::parse(KEYS).expect("keys of RFCs"), policy)
    })
}
