//! What is stored of a key: `HMAC-SHA-256(pepper, SHA-256(key))`.
//!
//! A plain SHA-256 in the middle lets keys that another system exported as such hashes be imported without
//! reissuing them, on the same look-up path. The pepper makes a stolen database useless for guessing.

use aws_lc_rs::{constant_time, digest, hmac};
use zeroize::Zeroize;

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
pub struct Pepper(hmac::Key);

impl Pepper {
    /// Takes 32 secret bytes.
    #[must_use]
    pub fn new(mut secret: [u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        secret.zeroize();
        Self(key)
    }

    /// The fingerprint under which a key with this digest is stored.
    #[must_use]
    pub fn fingerprint(&self, digest: &KeyDigest) -> KeyFingerprint {
        let tag = hmac::sign(&self.0, &digest.0);
        KeyFingerprint(tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes"))
    }
}

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
