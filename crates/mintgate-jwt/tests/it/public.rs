//! Other people's vectors: examples of the RFCs, and those of Wycheproof when they are laid into `vectors/public/`.
//!
//! Their payloads are no claims, so none of them is a token. What is tested is the signature: the payload is looked at
//! only after it was found good.

use std::{collections::BTreeMap, path::PathBuf};

use mintgate_jwt::{CheckedClaim, Expected, ExpectedType, Jwks, Part, Refusal, TokenPolicy, verify_with_set};
use mintgate_types::Timestamp;
use serde_json::{Value, json};

/// Whether the signature of `token` is found good with the usable keys of `keys`, or why not.
fn signature_is_good(token: &str, keys: &Value) -> Result<(), Refusal> {
    let set = Jwks::parse(keys.to_string().as_bytes()).expect("few keys");
    let policy = TokenPolicy::new(Expected::Any, Expected::Any).with_type(ExpectedType::Any);
    match verify_with_set(token, &set, &policy, Timestamp::from_second(0).expect("a date")) {
        // What is said of a payload or a claim is said after the signature was found good.
        Ok(_)
        | Err(
            Refusal::NotBase64Url(Part::Payload)
            | Refusal::NotJson(Part::Payload)
            | Refusal::DuplicateMember(Part::Payload)
            | Refusal::TooDeep(Part::Payload)
            | Refusal::Missing(_)
            | Refusal::Malformed(
                CheckedClaim::Issuer
                | CheckedClaim::Subject
                | CheckedClaim::Audience
                | CheckedClaim::Expires
                | CheckedClaim::NotBefore
                | CheckedClaim::IssuedAt
                | CheckedClaim::Scope,
            )
            | Refusal::Expired
            | Refusal::NotYetValid
            | Refusal::IssuedInFuture,
        ) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

#[test]
fn signatures_of_the_rfcs_are_good_and_with_one_other_character_they_are_not() {
    for (name, token, key) in [
        ("RFC 7515 A.2", RS256, json!({ "kty": "RSA", "n": N_7515, "e": "AQAB" })),
        ("RFC 7515 A.3", ES256, json!({ "kty": "EC", "crv": "P-256", "x": X_7515, "y": Y_7515 })),
        ("RFC 8037 A.4", EDDSA, json!({ "kty": "OKP", "crv": "Ed25519", "x": X_8037 })),
        ("RFC 7520 figure 13", RS256_KID, json!({ "kty": "RSA", "kid": BILBO, "n": N_7520, "e": "AQAB" })),
        ("RFC 7520 figure 20", PS384_KID, json!({ "kty": "RSA", "kid": BILBO, "n": N_7520, "e": "AQAB" })),
    ] {
        let keys = json!({ "keys": [key] });
        assert_eq!(signature_is_good(token, &keys), Ok(()), "{name}");
        let payload = token.find('.').expect("a token has parts") + 3;
        let signature = token.rfind('.').expect("a token has parts") + 3;
        for at in [payload, signature] {
            let mut changed = token.to_owned();
            let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
            changed.replace_range(at..=at, other);
            assert_eq!(signature_is_good(&changed, &keys), Err(Refusal::BadSignature), "{name}, at {at}");
        }
    }
}

#[test]
fn a_key_of_the_broken_generator_is_no_key() {
    let key = json!({ "kty": "RSA", "alg": "RS256", "n": ROCA, "e": "AQAB" });
    let set = Jwks::parse(json!({ "keys": [key] }).to_string().as_bytes()).expect("a set");
    assert!(set.is_empty());
    assert!(set.skipped()[0].reason.to_string().contains("CVE-2017-15361"));
}

/// Every test of Wycheproof's `json_web_signature_test.json` and `json_web_key_test.json`. None that is invalid may be
/// taken for good. What is valid may be refused for these reasons alone: it is signed with a shared secret, or in an
/// algorithm or form that we do not know, or its key is not for it.
#[test]
#[ignore = "needs Wycheproof's files in vectors/public, see vectors/README.md"]
fn wycheproof_finds_no_signature_that_is_wrongly_taken_for_good() {
    let mut refused: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let (mut good, mut wrong) = (0, Vec::new());
    let files = wycheproof();
    assert!(!files.is_empty(), "no file json_web_*_test.json in vectors/public");
    for document in files {
        for group in document["testGroups"].as_array().expect("a list") {
            // Shared secrets have no public form.
            let key = group.get("public").unwrap_or(&group["private"]);
            let keys = if key.get("keys").is_some() { key.clone() } else { json!({ "keys": [key] }) };
            for case in group["tests"].as_array().expect("a list") {
                let id = case["tcId"].as_u64().expect("a number");
                let token = case["jws"].as_str().map_or_else(|| case["jws"].to_string(), str::to_owned);
                match (signature_is_good(&token, &keys), case["result"] == "valid") {
                    (Ok(()), true) => good += 1,
                    (Ok(()), false) => wrong.push(format!("{id} {} is taken for good", case["comment"])),
                    (Err(refusal), true) => {
                        refused.entry(refusal.reason().to_owned()).or_default().push(id);
                    }
                    (Err(_), false) => {}
                }
            }
        }
    }
    let explained =
        ["alg_symmetric", "alg_unknown", "alg_not_of_key", "not_three_parts", "header_not_base64url"];
    let unexplained: Vec<_> =
        refused.iter().filter(|(reason, _)| !explained.contains(&reason.as_str())).collect();
    assert!(wrong.is_empty() && unexplained.is_empty(), "{wrong:#?}\n{unexplained:?}");
    assert!(good > 0, "nothing was found good: {refused:?}");
}

fn wycheproof() -> Vec<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/public");
    ["json_web_signature_test.json", "json_web_key_test.json"]
        .into_iter()
        .filter_map(|name| std::fs::read(folder.join(name)).ok())
        .map(|text| serde_json::from_slice(&text).expect("JSON"))
        .collect()
}

const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const N_7515: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const X_7515: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y_7515: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const EDDSA: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
const X_8037: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const BILBO: &str = "bilbo.baggins@hobbiton.example";
const N_7520: &str = "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw";
const RS256_KID: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg";
const PS384_KID: &str = "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw";
/// A modulus that the broken generator made; it was published as such.
const ROCA: &str = "AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPrId7fe4r11CqRw09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE";
