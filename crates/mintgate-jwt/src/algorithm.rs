//! The signature algorithms that are accepted: asymmetric ones, and of those the ones in use.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A JWS algorithm with a public key. `none` and the `HS` family cannot be expressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "std::borrow::Cow<'_, str>", into = "&'static str")]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519. Written `EdDSA` (RFC 8037); `Ed25519` (RFC 9864) is read as the same.
    EdDsa,
}

/// A name that is none of the accepted algorithms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an algorithm must be one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and EdDSA")]
pub struct UnknownAlgorithm;

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// The name in headers and key sets.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// Names are case-sensitive (RFC 7515 §4.1.1).
    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        if text == "Ed25519" {
            return Ok(Self::EdDsa);
        }
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or(UnknownAlgorithm)
    }
}

impl TryFrom<std::borrow::Cow<'_, str>> for Algorithm {
    type Error = UnknownAlgorithm;

    fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self, UnknownAlgorithm> {
        text.parse()
    }
}

impl From<Algorithm> for &'static str {
    fn from(algorithm: Algorithm) -> Self {
        algorithm.as_str()
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Which algorithms a verifier accepts. Never empty.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AlgorithmSet(u16);

impl AlgorithmSet {
    /// Every algorithm that this crate knows: all are asymmetric, so the key decides among them.
    #[must_use]
    pub fn all() -> Self {
        Self(Algorithm::ALL.into_iter().fold(0, |bits, algorithm| bits | bit(algorithm)))
    }

    /// The algorithms given; `None` when there are none, because a verifier that accepts nothing is a mistake.
    #[must_use]
    pub fn of(algorithms: impl IntoIterator<Item = Algorithm>) -> Option<Self> {
        let bits = algorithms.into_iter().fold(0, |bits, algorithm| bits | bit(algorithm));
        (bits != 0).then_some(Self(bits))
    }

    /// Whether `algorithm` is one of them.
    #[must_use]
    pub fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & bit(algorithm) != 0
    }

    /// The algorithms, in the order of [`Algorithm::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.into_iter().filter(move |algorithm| self.contains(*algorithm))
    }
}

impl fmt::Debug for AlgorithmSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

const fn bit(algorithm: Algorithm) -> u16 {
    1 << (algorithm as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_reads_back_from_its_name() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.to_string().parse::<Algorithm>(), Ok(algorithm));
        }
        assert_eq!("Ed25519".parse::<Algorithm>(), Ok(Algorithm::EdDsa));
    }

    #[test]
    fn r20_r21_neither_none_nor_a_shared_secret_can_be_named() {
        for name in
            ["none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "rs256", "", "ES256K", "Ed448"]
        {
            assert!(name.parse::<Algorithm>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_set_holds_what_it_was_made_of() {
        let set = AlgorithmSet::of([Algorithm::Es256, Algorithm::Rs256]).expect("two");
        assert_eq!(set.iter().collect::<Vec<_>>(), [Algorithm::Rs256, Algorithm::Es256]);
        assert!(AlgorithmSet::of([]).is_none());
    }
}
