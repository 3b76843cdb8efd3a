//! A private key that somebody hands over so that hostile tokens can be signed with it.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{compact, der, key::SigningKey};

/// The private key of an issuer, given for a test. It is neither printed nor sent.
pub struct PrivateKey(SigningKey);

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PrivateKey(..)")
    }
}

/// The text is no private key that the kit can sign with.
#[derive(Debug, thiserror::Error)]
#[error("expected a private key in PEM (PKCS #8) or as a JWK: RSA from 2048 bits, P-256 or Ed25519")]
pub struct InvalidPrivateKey;

impl PrivateKey {
    /// Reads PEM (PKCS #8, or PKCS #1 for RSA) or a JWK.
    pub fn parse(text: &str) -> Result<Self, InvalidPrivateKey> {
        let key = if text.trim_start().starts_with('{') { from_jwk(text) } else { from_pem(text) };
        key.map(Self).ok_or(InvalidPrivateKey)
    }

    pub(crate) fn into_inner(self) -> SigningKey {
        self.0
    }
}

fn from_pem(text: &str) -> Option<SigningKey> {
    let (label, bytes) = der::read_pem(text)?;
    if label == "RSA PRIVATE KEY" {
        return RsaKeyPair::from_der(&bytes).ok().map(SigningKey::Rsa);
    }
    let rsa = || RsaKeyPair::from_pkcs8(&bytes).ok().map(SigningKey::Rsa);
    let p256 =
        || EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes).ok().map(SigningKey::P256);
    let ed25519 = || Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes).ok().map(SigningKey::Ed25519);
    rsa().or_else(p256).or_else(ed25519)
}

fn from_jwk(text: &str) -> Option<SigningKey> {
    let jwk: Value = serde_json::from_str(text).ok()?;
    let member = |name: &str| Some(Zeroizing::new(compact::decode(jwk[name].as_str()?)?));
    match jwk["kty"].as_str()? {
        "RSA" => {
            // RFC 8017 §A.1.2: the members of a JWK, in this order, behind a version.
            let mut contents = Zeroizing::new(der::positive(&[0]));
            for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
                contents.extend(Zeroizing::new(der::positive(&member(name)?)).iter());
            }
            let document = Zeroizing::new(der::element(0x30, &contents));
            RsaKeyPair::from_der(&document).ok().map(SigningKey::Rsa)
        }
        "EC" => {
            let point = [&[4], member("x")?.as_slice(), member("y")?.as_slice()].concat();
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &member("d")?, &point);
            pair.ok().map(SigningKey::P256)
        }
        "OKP" => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&member("d")?, &member("x")?);
            pair.ok().map(SigningKey::Ed25519)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;
    use crate::key::Algorithm;

    #[test]
    fn a_p256_key_reads_as_pem_and_as_jwk() {
        let made = SigningKey::generate(Algorithm::Es256).unwrap();
        let SigningKey::P256(pair) = &made else { panic!("asked for P-256") };
        let body = STANDARD.encode(pair.to_pkcs8v1().unwrap());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let read = PrivateKey::parse(&pem).unwrap().into_inner();
        assert_eq!(read.public_jwk(), made.public_jwk());

        let private: aws_lc_rs::encoding::EcPrivateKeyBin<'_> =
            aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&pair.private_key()).unwrap();
        let mut jwk = made.public_jwk();
        jwk["d"] = compact::encode(private.as_ref()).into();
        let read = PrivateKey::parse(&jwk.to_string()).unwrap().into_inner();
        assert_eq!(read.public_jwk(), made.public_jwk());
    }

    #[test]
    fn what_is_no_private_key_is_refused_and_not_repeated() {
        let public = SigningKey::generate(Algorithm::EdDsa).unwrap().public_jwk();
        for text in
            ["", "{}", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", &public.to_string()]
        {
            assert!(PrivateKey::parse(text).is_err(), "{text}");
        }
    }
}
