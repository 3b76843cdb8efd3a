//! What is stored of a key: `HMAC-SHA-256(pepper, SHA-256(key))`.
//!
//! A plain SHA-256 in the middle lets keys that another system exported as such hashes be imported without
//! reissuing them, on the same look-up path. The pepper makes a stolen database useless for guessing.

use aws_lc_rs::{constant_time, digest};
use zeroize::{Zeroize, Zeroizing};

/// `SHA-256(key)`. Enough to become a fingerprint, so it is guarded like a secret.
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// Hashes the text of a key.
    #[must_use]
    pub fn of(key: &[u8]) -> Self {
        let hash = digest::digest(&digest::SHA256, key);
        Self(hash.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }

    /// A digest that another system computed.
    #[must_use]
    pub fn from_sha256(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl Drop for KeyDigest {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for KeyDigest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyDigest(..)")
    }
}

/// What we keep of a key. Without the pepper it says nothing about the key.
#[derive(Clone, Copy)]
pub struct KeyFingerprint([u8; 32]);

/// Bytes of another length than a fingerprint's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 32 bytes, not {0}")]
pub struct InvalidFingerprint(usize);

impl KeyFingerprint {
    /// The stored form, for the store alone.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for KeyFingerprint {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for KeyFingerprint {
    type Error = InvalidFingerprint;

    fn try_from(bytes: &[u8]) -> Result<Self, InvalidFingerprint> {
        bytes.try_into().map(Self).map_err(|_| InvalidFingerprint(bytes.len()))
    }
}

impl PartialEq for KeyFingerprint {
    /// In constant time, whatever the look-up around it takes.
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for KeyFingerprint {}

impl std::fmt::Debug for KeyFingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyFingerprint(..)")
    }
}

/// The secret that turns digests into fingerprints. Derived from the master key; the same for the life of a store.
///
/// HMAC (RFC 2104 §2) is written out over the library's SHA-256, with the padded key kept: the library's own HMAC
/// copies and wipes contexts at every use, which costs three times the hashing. A test holds the two together.
pub struct Pepper {
    inner: Zeroizing<[u8; BLOCK]>,
    outer: Zeroizing<[u8; BLOCK]>,
}

impl Pepper {
    /// Takes 32 secret bytes.
    #[must_use]
    pub fn new(mut secret: [u8; 32]) -> Self {
        let padded = |pad: u8| {
            let mut block = Zeroizing::new([pad; BLOCK]);
            block.iter_mut().zip(secret.iter()).for_each(|(byte, key)| *byte ^= key);
            block
        };
        let pepper = Self { inner: padded(0x36), outer: padded(0x5c) };
        secret.zeroize();
        pepper
    }

    /// The fingerprint under which a key with this digest is stored.
    #[must_use]
    pub fn fingerprint(&self, digest: &KeyDigest) -> KeyFingerprint {
        KeyFingerprint(hash_of_both(&self.outer, &hash_of_both(&self.inner, &digest.0)))
    }
}

fn hash_of_both(block: &[u8; BLOCK], rest: &[u8; 32]) -> [u8; 32] {
    let mut text = Zeroizing::new([0; BLOCK + 32]);
    text[..BLOCK].copy_from_slice(block);
    text[BLOCK..].copy_from_slice(rest);
    let hash = digest::digest(&digest::SHA256, &text[..]);
    hash.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// The block length of SHA-256.
const BLOCK: usize = 64;

impl std::fmt::Debug for Pepper {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Pepper(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_imported_as_its_sha256_has_the_fingerprint_of_the_key_itself() {
        let pepper = Pepper::new([1; 32]);
        let hash = digest::digest(&digest::SHA256, b"sk_live_51NcM2dLkQ");
        let imported = KeyDigest::from_sha256(hash.as_ref().try_into().expect("32 bytes"));
        assert!(pepper.fingerprint(&imported) == pepper.fingerprint(&KeyDigest::of(b"sk_live_51NcM2dLkQ")));
    }

    proptest::proptest! {
        #[test]
        fn a_fingerprint_is_the_hmac_of_the_digest(secret: [u8; 32], digest: [u8; 32]) {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
            let expected = aws_lc_rs::hmac::sign(&key, &digest);
            let fingerprint = Pepper::new(secret).fingerprint(&KeyDigest::from_sha256(digest));
            proptest::prop_assert_eq!(&fingerprint.as_bytes()[..], expected.as_ref());
        }
    }

    #[test]
    fn another_pepper_gives_another_fingerprint() {
        let digest = KeyDigest::of(b"sk_live_51NcM2dLkQ");
        assert!(Pepper::new([1; 32]).fingerprint(&digest) != Pepper::new([2; 32]).fingerprint(&digest));
    }

    #[test]
    fn r38_neither_pepper_nor_digest_nor_fingerprint_shows_its_bytes() {
        let digest = KeyDigest::from_sha256([0xAB; 32]);
        let pepper = Pepper::new([0xAB; 32]);
        let fingerprint = KeyFingerprint::from([0xAB; 32]);
        assert_eq!(
            format!("{digest:?} {pepper:?} {fingerprint:?}"),
            "KeyDigest(..) Pepper(..) KeyFingerprint(..)"
        );
    }
}
