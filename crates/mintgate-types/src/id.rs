//! Identifiers: random, fixed in length, base62, safe to print and to log.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, de::Error as _};

use crate::Entropy;

/// A string that is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be {length} letters and digits")]
pub struct InvalidId {
    kind: &'static str,
    length: usize,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $length:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// How many characters it has.
            pub const LENGTH: usize = $length;

            /// A new random identifier.
            #[must_use]
            pub fn generate(entropy: &dyn Entropy) -> Self {
                Self(base62::random(entropy))
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).expect("base62 is ASCII")
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let invalid = InvalidId { kind: $kind, length: $length };
                let bytes: [u8; $length] = text.as_bytes().try_into().map_err(|_| invalid.clone())?;
                if bytes.iter().all(u8::is_ascii_alphanumeric) { Ok(Self(bytes)) } else { Err(invalid) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}

id!(
    /// The public part of a key, by which logs and admins name it.
    KeyId, 12, "a key id"
);
id!(
    /// The public part of an admin token.
    AdminTokenId, 12, "an admin token's id"
);
id!(
    /// Names a consumer for good, through renames.
    ConsumerId, 16, "a consumer id"
);
id!(
    /// The `jti` of a minted token.
    TokenId, 22, "a token id"
);
id!(
    /// Names one request in replies, in logs and towards the origin.
    RequestId, 22, "a request id"
);

impl From<KeyId> for AdminTokenId {
    /// Admin tokens are made like keys.
    fn from(id: KeyId) -> Self {
        Self(id.0)
    }
}

/// The base62 alphabet and unbiased random text in it.
pub mod base62 {
    use crate::Entropy;

    /// Digits, then capitals, then small letters.
    pub const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// `N` random characters, each equally likely (bytes that would favour some of them are thrown away).
    #[must_use]
    pub fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
        let mut text = [0; N];
        let mut filled = 0;
        while filled < N {
            let mut pool = [0; 64];
            entropy.fill(&mut pool);
            for byte in pool.into_iter().filter(|byte| *byte < FAIR_LIMIT) {
                if filled == N {
                    break;
                }
                text[filled] = ALPHABET[usize::from(byte % 62)];
                filled += 1;
            }
        }
        text
    }

    /// `value` in base62, padded on the left to `N` characters; digits beyond `N` are dropped.
    #[must_use]
    pub fn encode<const N: usize>(mut value: u64) -> [u8; N] {
        let mut text = [ALPHABET[0]; N];
        for slot in text.iter_mut().rev() {
            *slot = ALPHABET[usize::try_from(value % 62).expect("less than 62")];
            value /= 62;
        }
        text
    }

    /// The largest multiple of 62 that a byte can hold: above it, small remainders would come up more often.
    const FAIR_LIMIT: u8 = 248;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = KeyId::generate(&SeededEntropy::new(7));
        assert_eq!(id.to_string().parse::<KeyId>().expect("its own text"), id);
    }

    #[test]
    fn text_of_another_length_or_alphabet_is_no_id() {
        assert!("abc".parse::<KeyId>().is_err());
        assert!("abcdefghijk-".parse::<KeyId>().is_err());
        assert!("abcdefghijké".parse::<KeyId>().is_err());
    }

    #[test]
    fn base62_pads_on_the_left() {
        assert_eq!(&base62::encode::<6>(61), b"00000z");
        assert_eq!(&base62::encode::<6>(62), b"000010");
    }
}
