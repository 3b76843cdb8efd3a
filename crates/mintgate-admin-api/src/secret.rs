//! Secrets that the contract has to carry: a new key, once, and keys that are imported.

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

/// The text of a key on its way to the one who asked for it, or from the one who imports it.
///
/// It can be written into JSON, because that is its purpose, and into nothing else: it cannot be printed.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 8, max_length = 512, pattern = "^[!-~]+$")]
#[serde(transparent)]
pub struct KeyText(SecretString);

impl KeyText {
    /// Gives the text away.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<SecretString> for KeyText {
    fn from(text: SecretString) -> Self {
        Self(text)
    }
}

impl Serialize for KeyText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyText(..)")
    }
}

/// The text of a minted token on its way to an owner who asked for it. Guarded like a key.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct TokenText(SecretString);

impl TokenText {
    /// Gives the text away.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<SecretString> for TokenText {
    fn from(text: SecretString) -> Self {
        Self(text)
    }
}

impl Serialize for TokenText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl std::fmt::Debug for TokenText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TokenText(..)")
    }
}

/// `SHA-256(key)` as another system exported it: 64 hexadecimal digits, or base64 in either alphabet, padded or not.
/// Enough to become a fingerprint, so it is guarded like a key.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 43, max_length = 64, pattern = "^[0-9A-Fa-f]{64}$|^[A-Za-z0-9+/_-]{43}=?$")]
#[serde(transparent)]
pub struct KeyHash(SecretString);

/// Text that is no SHA-256 hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 hash is 64 hexadecimal digits, or 32 bytes in base64")]
pub struct InvalidKeyHash;

impl KeyHash {
    /// The hash itself.
    pub fn bytes(&self) -> Result<Zeroizing<[u8; 32]>, InvalidKeyHash> {
        let text = self.0.expose_secret().trim();
        let mut bytes = Zeroizing::new([0; 32]);
        if text.len() == 64 && read_hex(text.as_bytes(), &mut bytes).is_some() {
            return Ok(bytes);
        }
        let decoded = [&STANDARD, &URL_SAFE]
            .into_iter()
            .find_map(|alphabet| GeneralPurpose::new(alphabet, ANY_PADDING).decode(text).ok())
            .map(Zeroizing::new);
        match decoded {
            Some(decoded) if decoded.len() == 32 => {
                bytes.copy_from_slice(&decoded);
                Ok(bytes)
            }
            _ => Err(InvalidKeyHash),
        }
    }
}

impl From<SecretString> for KeyHash {
    fn from(text: SecretString) -> Self {
        Self(text)
    }
}

impl Serialize for KeyHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}

impl std::fmt::Debug for KeyHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyHash(..)")
    }
}

fn read_hex(digits: &[u8], bytes: &mut [u8; 32]) -> Option<()> {
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).expect("two hexadecimal digits are a byte");
    }
    Some(())
}

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> KeyHash {
        KeyHash::from(SecretString::from(text))
    }

    #[test]
    fn a_hash_reads_in_hex_and_in_every_base64() {
        let expected = [0xFB; 32];
        for text in [
            "fb".repeat(32),
            "FB".repeat(32),
            "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=".to_owned(),
            "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s".to_owned(),
        ] {
            assert_eq!(*hash(&text).bytes().expect("a hash"), expected, "{text}");
        }
    }

    #[test]
    fn other_lengths_and_alphabets_are_no_hash() {
        for text in ["", "fb", &"fb".repeat(31), &"g".repeat(64), &"fb".repeat(33), "YWJj"] {
            assert_eq!(hash(text).bytes().err(), Some(InvalidKeyHash), "{text}");
        }
    }

    #[test]
    fn r38_no_key_token_or_hash_shows_itself_in_debug_output() {
        let key = KeyText::from(SecretString::from("mgk_secret"));
        let token = TokenText::from(SecretString::from("eyJ.secret"));
        assert_eq!(format!("{key:?} {token:?} {:?}", hash("ab")), "KeyText(..) TokenText(..) KeyHash(..)");
    }
}
