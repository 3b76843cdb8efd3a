//! The secret at the root of what rests in the store.

use aws_lc_rs::{constant_time, hkdf, hmac};
use zeroize::{Zeroize, Zeroizing};

/// 32 secret bytes from which every other stored secret's protection is derived. Lives outside the store.
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// What a derived secret is for. Two purposes never share bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// The pepper of key fingerprints.
    KeyPepper,
    /// Encryption of private signing keys.
    SigningKeySeal,
    /// Recognising, without revealing, the master key that a store was made under.
    StoreCheck,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::KeyPepper => b"mintgate v1 key pepper",
            Self::SigningKeySeal => b"mintgate v1 signing key seal",
            Self::StoreCheck => b"mintgate v1 store check",
        }
    }
}

impl MasterKey {
    /// How many bytes it has.
    pub const LENGTH: usize = 32;

    /// Takes secret bytes, all of them random.
    #[must_use]
    pub fn from_bytes(mut bytes: [u8; Self::LENGTH]) -> Self {
        let key = Self(Zeroizing::new(bytes));
        bytes.zeroize();
        key
    }

    /// HKDF-SHA-256 of the master key under the purpose's label (RFC 5869).
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"mintgate")
            .extract(&self.0[..])
            .expand(&[purpose.label()], hkdf::HKDF_SHA256)
            .and_then(|output| output.fill(&mut derived[..]))
            .expect("32 bytes is a length that HKDF-SHA-256 gives");
        derived
    }

    /// What a store keeps to recognise the master key that it was made under; it says nothing about the key.
    #[must_use]
    pub fn store_check(&self) -> StoreCheck {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.derive(Purpose::StoreCheck)[..]);
        let tag = hmac::sign(&key, b"mintgate store");
        StoreCheck(tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes"))
    }
}

/// Recognises a master key without revealing it. See [`MasterKey::store_check`].
#[derive(Debug, Clone, Copy)]
pub struct StoreCheck([u8; 32]);

impl StoreCheck {
    /// The stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `stored` was made under the same master key. In constant time.
    #[must_use]
    pub fn matches(&self, stored: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.0, stored).is_ok()
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MasterKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_has_its_own_secret() {
        let key = MasterKey::from_bytes([9; 32]);
        assert_ne!(key.derive(Purpose::KeyPepper), key.derive(Purpose::SigningKeySeal));
        assert_eq!(key.derive(Purpose::KeyPepper), MasterKey::from_bytes([9; 32]).derive(Purpose::KeyPepper));
    }

    #[test]
    fn a_store_recognises_its_master_key_and_no_other() {
        let stored = *MasterKey::from_bytes([9; 32]).store_check().as_bytes();
        assert!(MasterKey::from_bytes([9; 32]).store_check().matches(&stored));
        assert!(!MasterKey::from_bytes([8; 32]).store_check().matches(&stored));
        assert!(!MasterKey::from_bytes([9; 32]).store_check().matches(&stored[..31]));
    }

    #[test]
    fn r38_the_master_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", MasterKey::from_bytes([9; 32])), "MasterKey(..)");
    }
}
