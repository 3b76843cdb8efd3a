//! Keys of the kit's own, and what can be signed with them. They live for one run and guard nothing.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    error::Unspecified,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
    },
};
use serde_json::{Value, json};

use crate::{compact, der};

/// What a token can be signed with (RFC 7518 §3, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSA with PKCS #1 v1.5 and SHA-256.
    Rs256,
    /// The same with SHA-384.
    Rs384,
    /// RSA with PSS and SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Those that a gateway of ours may sign with.
    pub const OURS: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// Its name in tokens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// Not the name of an algorithm that the kit can sign with.
#[derive(Debug, thiserror::Error)]
#[error("expected RS256, PS256, ES256 or EdDSA")]
pub struct InvalidAlgorithm;

impl std::str::FromStr for Algorithm {
    type Err = InvalidAlgorithm;

    fn from_str(text: &str) -> Result<Self, InvalidAlgorithm> {
        Self::OURS.into_iter().find(|algorithm| algorithm.name() == text).ok_or(InvalidAlgorithm)
    }
}

/// A private key and its public part.
pub(crate) enum SigningKey {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// A new key for an algorithm. RSA has 2048 bits, and takes a tenth of a second.
    pub(crate) fn generate(algorithm: Algorithm) -> Result<Self, Unspecified> {
        Ok(match algorithm {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Ps256 => {
                Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048)?)
            }
            Algorithm::Es256 => Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?),
            Algorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::generate()?),
        })
    }

    /// What it signs with where nothing else is wanted.
    pub(crate) fn usual_algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// A signature in the form of JOSE; `None` where the key is of another kind.
    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let rsa = |pair: &RsaKeyPair, encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &SystemRandom::new(), message, &mut signature).ok()?;
            Some(signature)
        };
        match (self, algorithm) {
            (Self::Rsa(pair), Algorithm::Rs256) => rsa(pair, &RSA_PKCS1_SHA256),
            (Self::Rsa(pair), Algorithm::Rs384) => rsa(pair, &RSA_PKCS1_SHA384),
            (Self::Rsa(pair), Algorithm::Ps256) => rsa(pair, &RSA_PSS_SHA256),
            (Self::P256(pair), Algorithm::Es256) => {
                Some(pair.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec())
            }
            (Self::Ed25519(pair), Algorithm::EdDsa) => Some(pair.try_sign(message).ok()?.as_ref().to_vec()),
            _ => None,
        }
    }

    /// An ES256 signature in the form of X.509, which JOSE does not know.
    pub(crate) fn sign_as_der(&self, message: &[u8]) -> Option<Vec<u8>> {
        let Self::P256(pair) = self else { return None };
        let document = pair.to_pkcs8v1().ok()?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref()).ok()?;
        Some(pair.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec())
    }

    /// Its public part as a JWK, without a name.
    pub(crate) fn public_jwk(&self) -> Value {
        match self {
            Self::Rsa(pair) => {
                let public = pair.public_key();
                let n = compact::encode(public.modulus().big_endian_without_leading_zero());
                let e = compact::encode(public.exponent().big_endian_without_leading_zero());
                json!({"kty": "RSA", "n": n, "e": e})
            }
            Self::P256(pair) => {
                // SEC 1 §2.3.3: 4 for "uncompressed", then both coordinates.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": compact::encode(x), "y": compact::encode(y)})
            }
            Self::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": compact::encode(pair.public_key().as_ref())})
            }
        }
    }

    /// Its public part as X.509 has it (`SubjectPublicKeyInfo`).
    pub(crate) fn public_der(&self) -> Option<Vec<u8>> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Rsa(pair) => pair.public_key().as_der().ok()?,
            Self::P256(pair) => pair.public_key().as_der().ok()?,
            Self::Ed25519(pair) => pair.public_key().as_der().ok()?,
        };
        Some(der.as_ref().to_vec())
    }

    /// A certificate that it signed itself; RSA only.
    pub(crate) fn certificate(&self) -> Option<Vec<u8>> {
        let public = self.public_der()?;
        let Self::Rsa(_) = self else { return None };
        let sign = |message: &[u8]| self.sign(Algorithm::Rs256, message).unwrap_or_default();
        Some(der::self_signed(&public, sign))
    }
}
