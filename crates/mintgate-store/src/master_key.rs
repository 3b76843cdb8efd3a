//! The secret at the root of what rests in the store.

use aws_lc_rs::{constant_time, hkdf, hmac};
use mintgate_types::Revision;
use zeroize::{Zeroize, Zeroizing};

use crate::AuditMark;

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
    /// Vouching for the end of the audit log.
    AuditSeal,
    /// Finding and sealing the replies that are kept under idempotency keys.
    Receipts,
    /// Recognising, without revealing, the master key that a store was made under.
    StoreCheck,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::KeyPepper => b"mintgate v1 key pepper",
            Self::SigningKeySeal => b"mintgate v1 signing key seal",
            Self::AuditSeal => b"mintgate v1 audit seal",
            Self::Receipts => b"mintgate v1 receipts",
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

/// Vouches for the end of the audit log. An entry's hash is plain, so that anybody can verify an export; whoever can
/// write the store could compute new ones. This they cannot, without the master key.
pub struct AuditSeal(hmac::Key);

impl AuditSeal {
    /// The seal of stores under this master key.
    #[must_use]
    pub fn new(master_key: &MasterKey) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &master_key.derive(Purpose::AuditSeal)[..]))
    }

    /// What is stored beside the log: at this revision of the store, this is its last entry.
    #[must_use]
    pub fn of(&self, revision: Revision, head: AuditMark) -> [u8; 32] {
        let tag = hmac::sign(&self.0, &sealed(revision, head));
        tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
    }

    /// Whether `stored` was made of this. In constant time.
    #[must_use]
    pub fn vouches(&self, revision: Revision, head: AuditMark, stored: &[u8]) -> bool {
        hmac::verify(&self.0, &sealed(revision, head), stored).is_ok()
    }
}

fn sealed(revision: Revision, head: AuditMark) -> Vec<u8> {
    [&revision.0.to_be_bytes()[..], &head.seq.to_be_bytes(), head.hash.as_bytes()].concat()
}

impl std::fmt::Debug for AuditSeal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AuditSeal(..)")
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
    fn a_seal_vouches_for_one_end_of_the_log_under_one_master_key() {
        let seal = AuditSeal::new(&MasterKey::from_bytes([9; 32]));
        let head = AuditMark { seq: 7, hash: crate::AuditHash::of("an entry") };
        let stored = seal.of(Revision(5), head);
        assert!(seal.vouches(Revision(5), head, &stored));
        assert!(!seal.vouches(Revision(6), head, &stored));
        assert!(!seal.vouches(Revision(5), AuditMark { seq: 6, ..head }, &stored));
        assert!(!seal.vouches(Revision(5), AuditMark { hash: crate::AuditHash::NONE, ..head }, &stored));
        assert!(!AuditSeal::new(&MasterKey::from_bytes([8; 32])).vouches(Revision(5), head, &stored));
        assert_eq!(format!("{seal:?}"), "AuditSeal(..)");
    }

    #[test]
    fn r38_the_master_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", MasterKey::from_bytes([9; 32])), "MasterKey(..)");
    }
}
