use std::collections::HashSet;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::all;
use crate::{
    Algorithm,
    case::Draft,
    compact::{decode, encode, parts},
    forge::{
        Forge, Role,
        tests::{decoded, forge, verifies},
    },
    key::SigningKey,
};

#[test]
fn every_case_has_a_name_of_its_own_in_a_group_and_says_why() {
    let mut seen = HashSet::new();
    for case in all() {
        let (group, name) = case.id.split_once('/').expect(case.id);
        assert!(!group.is_empty() && !name.is_empty() && seen.insert(case.id), "{}", case.id);
        assert!(!case.why.is_empty() && !case.sent.is_empty(), "{}", case.id);
        let known = |mark: &&str| mark.starts_with('R') || mark.starts_with("guard ");
        assert!(case.marks.iter().all(known), "{}", case.id);
    }
    assert!(seen.len() >= 75, "{} cases", seen.len());
}

#[test]
fn an_issuer_of_our_own_can_make_every_case() {
    let forge = forge();
    for case in all() {
        let drafts = (case.make)(&forge);
        assert!(drafts.is_some_and(|drafts| !drafts.is_empty()), "{}", case.id);
    }
}

#[test]
fn no_line_of_a_case_ends_the_head() {
    let forge = forge();
    for draft in all().filter_map(|case| (case.make)(&forge)).flatten() {
        let Draft { lines, query, .. } = draft;
        for line in lines.iter().map(Vec::as_slice).chain(query.as_deref().map(str::as_bytes)) {
            assert!(!line.windows(4).any(|bytes| bytes == b"\r\n\r\n"));
        }
    }
}

/// The tokens of a case, as they stand behind `Bearer`.
fn tokens(forge: &Forge, id: &str) -> Vec<String> {
    let case = all().find(|case| case.id == id).expect(id);
    let drafts = (case.make)(forge).expect(id);
    let text = |draft: Draft| String::from_utf8_lossy(&draft.lines[0]).into_owned();
    drafts
        .into_iter()
        .map(text)
        .filter_map(|line| Some(line.strip_prefix("Authorization: Bearer ")?.to_owned()))
        .collect()
}

fn main_key(forge: &Forge) -> &SigningKey {
    &forge.key(Role::Main).unwrap().key
}

#[test]
fn claims_that_are_wrong_stand_under_good_signatures() {
    let forge = forge();
    for case in all().filter(|case| case.id.starts_with("claims/")) {
        for token in tokens(&forge, case.id) {
            assert!(verifies(&token, main_key(&forge)), "{}: {token}", case.id);
        }
    }
    for id in ["header/crit", "header/b64", "header/zip", "header/typ-jwt", "header/typ-missing", "kid/null"]
    {
        assert!(tokens(&forge, id).iter().all(|token| verifies(token, main_key(&forge))), "{id}");
    }
}

#[test]
fn what_the_impostor_signed_is_signed_by_the_impostor_alone() {
    let forge = forge();
    for id in ["signature/other-key", "header/jwk", "header/x5c", "header/jku", "header/x5u", "kid/query"] {
        for token in tokens(&forge, id) {
            assert!(verifies(&token, &forge.impostor) && !verifies(&token, main_key(&forge)), "{id}");
        }
    }
}

#[test]
fn signatures_that_are_wrong_are_wrong_and_nothing_else_is() {
    let forge = forge();
    for id in ["signature/other-claims", "signature/other-header", "signature/cut", "signature/zeros"] {
        for token in tokens(&forge, id) {
            assert!(!verifies(&token, main_key(&forge)), "{id}");
            assert_eq!(
                (decoded(&token, 0)["kid"].as_str(), decoded(&token, 1)["aud"].as_str()),
                GOOD,
                "{id}"
            );
        }
    }
    for (id, algorithms) in [("signature/none", 4), ("signature/hs256-pem", 2), ("signature/hs256-jwk", 3)] {
        assert_eq!(tokens(&forge, id).len(), algorithms, "{id}");
    }
    for token in tokens(&forge, "signature/none") {
        assert!(
            token.ends_with('.') && decoded(&token, 0)["alg"].as_str().unwrap().eq_ignore_ascii_case("none")
        );
    }
}

#[test]
fn lax_spellings_decode_to_the_good_signature() {
    let forge = forge();
    let lax = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    for id in ["shape/padding", "shape/spare-bits"] {
        for token in tokens(&forge, id) {
            let [header, payload, signature] = parts(&token).unwrap().map(|part| lax.decode(part).unwrap());
            let strict = [&header, &payload, &signature].map(encode).join(".");
            assert!(verifies(&strict, main_key(&forge)) && strict != token, "{id}");
        }
    }
}

#[test]
fn an_ecdsa_signature_of_another_form_is_good_in_that_form() {
    let forge = forge();
    let token = tokens(&forge, "signature/es256-der").remove(0);
    let (input, signature) = token.rsplit_once('.').unwrap();
    let jwk = forge.key(Role::Other(Algorithm::Es256)).unwrap().key.public_jwk();
    let member = |name: &str| decode(jwk[name].as_str().unwrap()).unwrap();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, [vec![4], member("x"), member("y")].concat());
    assert!(key.verify(input.as_bytes(), &decode(signature).unwrap()).is_ok());
}

#[test]
fn large_things_are_as_large_as_they_say() {
    let forge = forge();
    for (id, least) in [
        ("shape/dots", 1 << 16),
        ("shape/signature-64k", 1 << 16),
        ("shape/megabyte", 1 << 20),
        ("kid/long", 3000),
    ] {
        assert!(tokens(&forge, id).iter().all(|token| token.len() >= least), "{id}");
    }
}

const GOOD: (Option<&str>, Option<&str>) = (Some("main"), Some("orders"));
