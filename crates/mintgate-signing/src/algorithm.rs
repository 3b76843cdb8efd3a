//! What we sign with: fewer algorithms than verifiers accept, one per kind of key.

use std::{fmt, str::FromStr};

use aws_lc_rs::rsa::KeySize;
use mintgate_jwt::Algorithm;
use serde::{Deserialize, Serialize};

/// An algorithm that signing keys are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "std::borrow::Cow<'_, str>", into = "&'static str")]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every verifier knows.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256: short tokens, quick to sign.
    Es256,
    /// Ed25519: the quickest, where the verifiers know it.
    EdDsa,
}

/// A name that is none of the algorithms that we sign with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a signing algorithm must be one of RS256, PS256, ES256 and EdDSA")]
pub struct UnsupportedAlgorithm;

impl SigningAlgorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// The name in token headers and key sets.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.as_jwt().as_str()
    }

    /// What a verifier calls it.
    #[must_use]
    pub const fn as_jwt(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::Rs256,
            Self::Ps256 => Algorithm::Ps256,
            Self::Es256 => Algorithm::Es256,
            Self::EdDsa => Algorithm::EdDsa,
        }
    }
}

impl FromStr for SigningAlgorithm {
    type Err = UnsupportedAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnsupportedAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or(UnsupportedAlgorithm)
    }
}

impl TryFrom<std::borrow::Cow<'_, str>> for SigningAlgorithm {
    type Error = UnsupportedAlgorithm;

    fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self, UnsupportedAlgorithm> {
        text.parse()
    }
}

impl From<SigningAlgorithm> for &'static str {
    fn from(algorithm: SigningAlgorithm) -> Self {
        algorithm.as_str()
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// How long new RSA keys are. Longer ones sign more slowly, about five times so at each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RsaKeySize {
    /// 2048 bits: enough for tokens that live minutes.
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    Bits4096,
}

impl RsaKeySize {
    pub(crate) fn as_aws_lc(self) -> KeySize {
        match self {
            Self::Bits2048 => KeySize::Rsa2048,
            Self::Bits3072 => KeySize::Rsa3072,
            Self::Bits4096 => KeySize::Rsa4096,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_reads_back_from_its_name_and_others_are_refused() {
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        for other in ["none", "HS256", "rs256", "RS512", "ES384", ""] {
            assert_eq!(other.parse::<SigningAlgorithm>(), Err(UnsupportedAlgorithm), "{other}");
        }
    }
}
