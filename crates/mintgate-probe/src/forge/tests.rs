use std::sync::Arc;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use mintgate_types::{OsEntropy, SystemClock};

use super::*;

/// A forge with every key that an issuer of our own has.
pub(crate) fn forge() -> Forge {
    let mut ring = vec![
        Named::generate(Role::Main, Algorithm::Rs256, "main".into()).unwrap(),
        Named::generate(Role::Encryption, Algorithm::Rs256, "enc".into()).unwrap(),
    ];
    for algorithm in [Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa] {
        ring.push(Named::generate(Role::Other(algorithm), algorithm, algorithm.name().into()).unwrap());
    }
    let profile = Profile {
        issuer: "http://127.0.0.1:9000".into(),
        audience: "orders".into(),
        typ: "at+jwt".into(),
        scopes: vec!["orders:read".into()],
    };
    Forge {
        profile,
        ring,
        handed: None,
        impostor: SigningKey::generate(Algorithm::Rs256).unwrap(),
        impostors_url: Some("http://127.0.0.1:9001".into()),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    }
}

/// Whether the signature of a token is one of this key, taken apart without the code that put it together.
pub(crate) fn verifies(token: &str, key: &SigningKey) -> bool {
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = compact::decode(signature).unwrap();
    let header = decoded(token, 0);
    let jwk = key.public_jwk();
    let member = |name: &str| compact::decode(jwk[name].as_str().unwrap()).unwrap();
    match (header["alg"].as_str().unwrap(), key) {
        (name, SigningKey::Rsa(_)) => {
            let parameters = match name {
                "PS256" => &RSA_PSS_2048_8192_SHA256,
                "RS384" => &RSA_PKCS1_2048_8192_SHA384,
                _ => &RSA_PKCS1_2048_8192_SHA256,
            };
            let public = RsaPublicKeyComponents { n: member("n"), e: member("e") };
            public.verify(parameters, input.as_bytes(), &signature).is_ok()
        }
        (_, SigningKey::P256(_)) => {
            let point = [vec![4], member("x"), member("y")].concat();
            let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            public.verify(input.as_bytes(), &signature).is_ok()
        }
        (_, SigningKey::Ed25519(_)) => {
            UnparsedPublicKey::new(&ED25519, member("x")).verify(input.as_bytes(), &signature).is_ok()
        }
    }
}

/// A part of a token as JSON.
pub(crate) fn decoded(token: &str, part: usize) -> Value {
    let part = compact::decode(token.split('.').nth(part).unwrap()).unwrap();
    serde_json::from_slice(&part).unwrap()
}

#[test]
fn a_good_token_is_signed_by_the_key_that_it_names_and_says_what_it_should() {
    let forge = forge();
    let token = forge.good().unwrap();
    let main = forge.key(Role::Main).unwrap();
    assert!(verifies(&token, &main.key) && !verifies(&token, &forge.impostor));
    assert_eq!(decoded(&token, 0), serde_json::json!({"alg": "RS256", "kid": "main", "typ": "at+jwt"}));
    let claims = decoded(&token, 1);
    for (name, value) in [("iss", "http://127.0.0.1:9000"), ("aud", "orders"), ("scope", "orders:read")] {
        assert_eq!(claims[name], value);
    }
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
}

#[test]
fn every_algorithm_signs_what_its_public_key_verifies() {
    let forge = forge();
    for algorithm in [Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa] {
        let token = forge.signed_by(Role::Other(algorithm), algorithm).unwrap();
        assert!(verifies(&token, &forge.key(Role::Other(algorithm)).unwrap().key), "{algorithm:?}");
    }
    let crossed = forge.signed_by(Role::Main, Algorithm::Ps256).unwrap();
    assert!(verifies(&crossed, &forge.key(Role::Main).unwrap().key), "a good signature, but not the key's");
}

#[test]
fn a_shared_secret_signs_what_it_should() {
    let forge = forge();
    let pem = der::public_pem(&forge.public_der().unwrap());
    let token = forge.hmac(pem.as_bytes());
    let (input, tag) = token.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());
    assert!(hmac::verify(&key, input.as_bytes(), &compact::decode(tag).unwrap()).is_ok());
    assert_eq!(decoded(&token, 0)["alg"], "HS256");
}

#[test]
fn a_public_key_that_was_put_together_from_a_jwk_is_the_one_that_the_library_writes() {
    let mut forge = forge();
    let written = forge.public_der().unwrap();
    let public = forge.public_jwk();
    forge.ring.clear();
    forge.handed = Some(Handed {
        kid: "main".into(),
        algorithm: "RS256".into(),
        public,
        fresh: Box::new(|| Some("handed".into())),
    });
    assert_eq!(forge.public_der().unwrap(), written);
    assert_eq!((forge.kid(), forge.good().as_deref()), ("main", Some("handed")));
    assert!(forge.with_claims(|claims| claims).is_none(), "nothing can be signed without the key");
}

#[test]
fn a_certificate_for_nobody_holds_the_key_and_its_signature() {
    let forge = forge();
    let certificate = forge.impostor.certificate().unwrap();
    let public = forge.impostor.public_der().unwrap();
    assert!(certificate.windows(public.len()).any(|bytes| bytes == public));
    // The outer sequence has a four-byte head, and so has what is signed inside of it.
    let length = usize::from(u16::from_be_bytes([certificate[6], certificate[7]]));
    let (signed, signature) = (&certificate[4..8 + length], &certificate[certificate.len() - 256..]);
    let jwk = forge.impostor.public_jwk();
    let member = |name: &str| compact::decode(jwk[name].as_str().unwrap()).unwrap();
    let key = RsaPublicKeyComponents { n: member("n"), e: member("e") };
    assert!(key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok());
}
