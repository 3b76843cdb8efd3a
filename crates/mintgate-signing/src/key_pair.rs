//! A signing key with its private part.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    signature::{
        self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaEncoding,
        RsaKeyPair,
    },
};
use mintgate_jwt::Jwk;
use mintgate_types::Kid;
use zeroize::Zeroizing;

use crate::{RsaKeySize, SigningAlgorithm, SigningError};

/// A private key for one algorithm and its public part. It can sign and be sealed, and nothing else: there is no way
/// to print, copy or serialize it. The library wipes its memory when it is dropped.
pub struct SigningKeyPair {
    kid: Kid,
    algorithm: SigningAlgorithm,
    public: Jwk,
    private: Private,
}

enum Private {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKeyPair {
    /// Makes a key. For RSA this takes from a tenth of a second to several: never on a thread that serves requests.
    pub fn generate(algorithm: SigningAlgorithm, rsa: RsaKeySize) -> Result<Self, SigningError> {
        let private = Private::generate(algorithm, rsa);
        private
            .ok()
            .and_then(|private| Self::new(algorithm, private))
            .ok_or(SigningError::Generation { algorithm })
    }

    /// Reads a key as [`to_pkcs8`](Self::to_pkcs8) wrote it. `None` when the bytes are no key for that algorithm.
    pub(crate) fn from_pkcs8(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Option<Self> {
        Self::new(algorithm, Private::from_pkcs8(algorithm, pkcs8)?)
    }

    /// The private key, unencrypted (RFC 5208): to be sealed and forgotten.
    pub(crate) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningError> {
        let algorithm = self.algorithm;
        self.private.to_pkcs8().map_err(|_| SigningError::Generation { algorithm })
    }

    fn new(algorithm: SigningAlgorithm, private: Private) -> Option<Self> {
        let public = private.public(algorithm)?;
        let kid = public.kid()?.clone();
        Some(Self { kid, algorithm, public, private })
    }

    /// The thumbprint of its public part (RFC 7638).
    #[must_use]
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// What it signs with.
    #[must_use]
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// What verifiers are told of it.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// A signature over `message` in the form of JOSE: for `ES256` both numbers at their full length
    /// (RFC 7518 §3.4). Takes some 200 µs with 2048-bit RSA, 10 to 20 with the others.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.private.sign(message).map_err(|_| SigningError::Signature { kid: self.kid.clone() })
    }
}

impl fmt::Debug for SigningKeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKeyPair")
            .field("kid", &self.kid.as_str())
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Private {
    fn generate(algorithm: SigningAlgorithm, rsa: RsaKeySize) -> Result<Self, aws_lc_rs::error::Unspecified> {
        Ok(match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
                Self::Rsa(RsaKeyPair::generate(rsa.as_aws_lc())?, rsa_encoding(algorithm))
            }
            SigningAlgorithm::Es256 => Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?),
            SigningAlgorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::generate()?),
        })
    }

    fn from_pkcs8(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Option<Self> {
        Some(match algorithm {
            SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
                Self::Rsa(RsaKeyPair::from_pkcs8(pkcs8).ok()?, rsa_encoding(algorithm))
            }
            SigningAlgorithm::Es256 => {
                Self::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()?)
            }
            SigningAlgorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8).ok()?),
        })
    }

    fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, aws_lc_rs::error::Unspecified> {
        let document = match self {
            Self::Rsa(pair, _) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)?.as_ref().to_vec(),
            Self::P256(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
            Self::Ed25519(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)?.as_ref().to_vec(),
        };
        Ok(Zeroizing::new(document))
    }

    fn public(&self, algorithm: SigningAlgorithm) -> Option<Jwk> {
        match self {
            Self::Rsa(pair, _) => {
                let public = pair.public_key();
                let (n, e) = (public.modulus(), public.exponent());
                let (n, e) = (n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero());
                Jwk::rsa(algorithm.as_jwt(), n, e).ok()
            }
            Self::P256(pair) => {
                // SEC 1 §2.3.3: 4 for "uncompressed", then both coordinates.
                let (x, y) = pair.public_key().as_ref().strip_prefix(&[4])?.split_at_checked(32)?;
                Jwk::p256(x.try_into().ok()?, y.try_into().ok()?).ok()
            }
            Self::Ed25519(pair) => Jwk::ed25519(pair.public_key().as_ref().try_into().ok()?).ok(),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        Ok(match self {
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message, &mut signature)?;
                signature
            }
            Self::P256(pair) => pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec(),
            Self::Ed25519(pair) => pair.try_sign(message)?.as_ref().to_vec(),
        })
    }
}

fn rsa_encoding(algorithm: SigningAlgorithm) -> &'static dyn RsaEncoding {
    match algorithm {
        SigningAlgorithm::Ps256 => &signature::RSA_PSS_SHA256,
        _ => &signature::RSA_PKCS1_SHA256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated(algorithm: SigningAlgorithm) -> SigningKeyPair {
        SigningKeyPair::generate(algorithm, RsaKeySize::Bits2048).expect("a key")
    }

    #[test]
    fn a_key_reads_back_from_its_bytes_as_the_same_key() {
        for algorithm in SigningAlgorithm::ALL {
            let pair = generated(algorithm);
            let bytes = pair.to_pkcs8().expect("bytes");
            let read = SigningKeyPair::from_pkcs8(algorithm, &bytes).expect("its own bytes");
            assert_eq!(read.kid(), pair.kid());
            assert_eq!(read.public().to_json(), pair.public().to_json());
        }
    }

    #[test]
    fn the_bytes_of_one_kind_of_key_are_no_key_of_another() {
        let bytes = generated(SigningAlgorithm::Es256).to_pkcs8().expect("bytes");
        assert!(SigningKeyPair::from_pkcs8(SigningAlgorithm::Rs256, &bytes).is_none());
        assert!(SigningKeyPair::from_pkcs8(SigningAlgorithm::EdDsa, &bytes).is_none());
        assert!(SigningKeyPair::from_pkcs8(SigningAlgorithm::Es256, b"garbage").is_none());
    }

    #[test]
    fn signatures_have_the_fixed_lengths_of_jose() {
        for (algorithm, length) in [
            (SigningAlgorithm::Rs256, 256),
            (SigningAlgorithm::Ps256, 256),
            (SigningAlgorithm::Es256, 64),
            (SigningAlgorithm::EdDsa, 64),
        ] {
            let pair = generated(algorithm);
            for message in [&b""[..], b"one", b"another"] {
                assert_eq!(pair.sign(message).expect("a signature").len(), length, "{algorithm}");
            }
        }
    }

    #[test]
    fn rsa_keys_may_be_longer() {
        let pair = SigningKeyPair::generate(SigningAlgorithm::Rs256, RsaKeySize::Bits3072).expect("a key");
        assert_eq!(pair.sign(b"message").expect("a signature").len(), 384);
    }

    #[test]
    fn r38_debug_of_a_private_key_shows_its_name_and_algorithm_only() {
        for algorithm in SigningAlgorithm::ALL {
            let pair = generated(algorithm);
            let shown = format!("{pair:?}");
            assert_eq!(
                shown,
                format!("SigningKeyPair {{ kid: {:?}, algorithm: {algorithm:?}, .. }}", pair.kid().as_str())
            );
        }
    }
}
