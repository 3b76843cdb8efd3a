use super::*;

/// The key of RFC 7638 §3.1.
const RFC7638_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

fn rsa() -> Value {
    json!({ "kty": "RSA", "n": RFC7638_N, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29" })
}

/// The key of RFC 7517 §A.1.
fn p256() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "kid": "1", "use": "sig",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM" })
}

/// The key of RFC 8037 §A.2.
fn ed25519() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
}

fn with(mut value: Value, member: &str, what: Value) -> Value {
    value[member] = what;
    value
}

#[test]
fn thumbprints_are_those_of_the_rfcs() {
    let thumbprint = |value| Jwk::parse(&value).expect("a key of an RFC").thumbprint().to_string();
    assert_eq!(thumbprint(rsa()), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(thumbprint(ed25519()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn a_key_of_ours_is_named_by_its_thumbprint_and_reads_back() {
    let n = base64url::decode(RFC7638_N).expect("the RFC's");
    let ours = Jwk::rsa(Algorithm::Ps256, &n, &[1, 0, 1]).expect("a key");
    assert_eq!(ours.kid(), Some(&ours.thumbprint()));
    let published = ours.to_json();
    assert_eq!(published["alg"], "PS256");
    assert_eq!(published["use"], "sig");
    assert!(Jwk::parse(&published).expect("what we publish").is_same(&ours));
}

#[test]
fn a_key_without_alg_serves_its_family_and_one_with_alg_only_that() {
    let bound = Jwk::parse(&rsa()).expect("a key");
    assert!(bound.serves(Algorithm::Rs256) && !bound.serves(Algorithm::Ps256));
    let mut value = rsa();
    value.as_object_mut().expect("an object").remove("alg");
    let free = Jwk::parse(&value).expect("a key");
    assert!(free.serves(Algorithm::Rs512) && free.serves(Algorithm::Ps384) && !free.serves(Algorithm::Es256));
}

#[test]
fn private_members_are_neither_kept_nor_published_nor_shown() {
    let private = with(rsa(), "d", json!("c2VjcmV0LXBhcnQ"));
    let key = Jwk::parse(&private).expect("its public part");
    assert!(!key.to_json().to_string().contains("c2VjcmV0"));
    assert!(!format!("{key:?}").contains("c2VjcmV0"));
}

#[test]
fn keys_for_other_purposes_are_foreign() {
    let foreign = |value: Value| matches!(Jwk::parse(&value), Err(InvalidJwk::Foreign { .. }));
    assert!(foreign(with(rsa(), "use", json!("enc"))));
    assert!(foreign(with(rsa(), "key_ops", json!(["encrypt", "wrapKey"]))));
    assert!(foreign(with(rsa(), "alg", json!("RSA-OAEP"))));
    assert!(foreign(with(rsa(), "kty", json!("oct"))));
    assert!(foreign(with(p256(), "crv", json!("secp256k1"))));
    assert!(foreign(with(ed25519(), "crv", json!("X25519"))));
    assert!(Jwk::parse(&with(rsa(), "key_ops", json!(["verify"]))).is_ok());
}

#[test]
fn malformed_members_are_named() {
    let member = |value: Value| match Jwk::parse(&value) {
        Err(InvalidJwk::Malformed { member }) => member,
        other => panic!("{other:?}"),
    };
    assert_eq!(member(json!("RSA")), "value");
    assert_eq!(member(json!({})), "kty");
    assert_eq!(member(with(rsa(), "n", json!(17))), "n");
    assert_eq!(member(with(rsa(), "n", json!(format!("{RFC7638_N}==")))), "n");
    assert_eq!(member(with(rsa(), "e", json!("AQ"))), "e");
    assert_eq!(member(with(rsa(), "e", json!("AAEAAQAB"))), "e");
    assert_eq!(member(with(rsa(), "kid", json!(""))), "kid");
    assert_eq!(member(with(rsa(), "kid", json!(["a"]))), "kid");
    assert_eq!(member(with(rsa(), "alg", json!("ES256"))), "alg");
    assert_eq!(member(with(p256(), "x", json!("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7A"))), "x");
    assert_eq!(member(with(p256(), "key_ops", json!("verify"))), "key_ops");
}

#[test]
fn rsa_keys_outside_2048_to_8192_bits_are_refused() {
    let of_bits = |bits: usize| {
        let mut n = vec![0xFF; bits / 8];
        n[0] = 0x80;
        with(rsa(), "n", json!(base64url::encode(n)))
    };
    for bits in [512, 1024, 2040, 8200] {
        assert_eq!(Jwk::parse(&of_bits(bits)).expect_err("out of range"), InvalidJwk::Size { bits });
    }
    assert!(Jwk::parse(&of_bits(8192)).is_ok());
    let mut padded = vec![0];
    padded.extend(base64url::decode(RFC7638_N).expect("the RFC's"));
    let padded =
        Jwk::parse(&with(rsa(), "n", json!(base64url::encode(padded)))).expect("a leading zero is borne");
    assert!(padded.is_same(&Jwk::parse(&rsa()).expect("a key")));
}

#[test]
fn a_point_that_is_not_on_its_curve_is_refused() {
    let off = with(p256(), "y", json!("5Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"));
    assert_eq!(Jwk::parse(&off).expect_err("off the curve"), InvalidJwk::Inconsistent);
    assert_eq!(Jwk::p256([0; 32], [0; 32]).expect_err("no point"), InvalidJwk::Inconsistent);
}

#[test]
fn ed25519_keys_that_anybody_can_sign_with_are_refused() {
    let point = |first: u8, middle: u8, last: u8| {
        let mut point = [middle; 32];
        (point[0], point[31]) = (first, last);
        point
    };
    let of_order_eight = [
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA_o",
    ];
    let others = [
        point(0, 0, 0),
        point(0, 0, 0x80),
        point(1, 0, 0),
        point(1, 0, 0x80),
        point(0xec, 0xff, 0x7f),
        point(0xec, 0xff, 0xff),
        point(0xed, 0xff, 0x7f),
        point(0xee, 0xff, 0xff),
    ];
    let others = others.map(base64url::encode);
    for x in others.iter().map(String::as_str).chain(of_order_eight) {
        let refused = Jwk::parse(&with(ed25519(), "x", json!(x))).expect_err(x);
        assert_eq!(refused, InvalidJwk::SmallOrder, "{x}");
    }
    assert_eq!(Jwk::ed25519([0; 32]).expect_err("nobody filled it in"), InvalidJwk::SmallOrder);
    assert!(Jwk::parse(&ed25519()).is_ok());
}
