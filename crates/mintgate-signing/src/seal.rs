//! Private keys at rest: AES-256-GCM under a key derived from the master key.
//!
//! A sealed part opens only in its own row: the row's kid and algorithm are authenticated with it, so a part that was
//! moved to another row, or whose row says another algorithm, is refused. What a row says of the public part is not
//! trusted at all: it is computed from the private one.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use mintgate_store::{MasterKey, Purpose, SealedPrivateKey};
use mintgate_types::Kid;
use zeroize::Zeroizing;

use crate::{SigningAlgorithm, SigningError, SigningKeyPair};

/// Seals and opens private keys.
pub struct KeySeal(RandomizedNonceKey);

impl KeySeal {
    /// The seal that belongs to this master key.
    #[must_use]
    pub fn new(master_key: &MasterKey) -> Self {
        let key = master_key.derive(Purpose::SigningKeySeal);
        Self(RandomizedNonceKey::new(&AES_256_GCM, &key[..]).expect("AES-256 takes 32 bytes"))
    }

    /// Version, nonce, ciphertext, tag.
    pub fn seal(&self, pair: &SigningKeyPair) -> Result<SealedPrivateKey, SigningError> {
        let refused = || SigningError::Generation { algorithm: pair.algorithm() };
        let mut in_out = pair.to_pkcs8()?;
        // Room for the tag, so that appending it leaves no copy of the key behind.
        let mut buffer = Zeroizing::new(Vec::with_capacity(in_out.len() + AES_256_GCM.tag_len()));
        buffer.append(&mut in_out);
        let row = Aad::from(row(pair.kid(), pair.algorithm()));
        let nonce = self.0.seal_in_place_append_tag(row, &mut *buffer).map_err(|_| refused())?;
        Ok(SealedPrivateKey([&[VERSION], &nonce.as_ref()[..], &buffer[..]].concat()))
    }

    /// Opens what was sealed as this row's key.
    pub fn open(
        &self,
        kid: &Kid,
        algorithm: SigningAlgorithm,
        sealed: &SealedPrivateKey,
    ) -> Result<SigningKeyPair, SigningError> {
        self.try_open(kid, algorithm, sealed)
            .filter(|pair| pair.kid() == kid)
            .ok_or_else(|| SigningError::Sealed { kid: kid.clone() })
    }

    fn try_open(
        &self,
        kid: &Kid,
        algorithm: SigningAlgorithm,
        sealed: &SealedPrivateKey,
    ) -> Option<SigningKeyPair> {
        let (nonce, ciphertext) = sealed.0.strip_prefix(&[VERSION])?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut in_out = Zeroizing::new(ciphertext.to_vec());
        let row = Aad::from(row(kid, algorithm));
        let pkcs8 = self.0.open_in_place(nonce, row, &mut in_out).ok()?;
        SigningKeyPair::from_pkcs8(algorithm, pkcs8)
    }
}

impl std::fmt::Debug for KeySeal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeySeal(..)")
    }
}

/// What is authenticated with the key. A kid holds no control character, so the zero bytes keep the parts apart.
fn row(kid: &Kid, algorithm: SigningAlgorithm) -> Vec<u8> {
    [&[VERSION], kid.as_str().as_bytes(), &[0], algorithm.as_str().as_bytes()].concat()
}

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RsaKeySize;

    fn seal_under(byte: u8) -> KeySeal {
        KeySeal::new(&MasterKey::from_bytes([byte; 32]))
    }

    fn generated(algorithm: SigningAlgorithm) -> SigningKeyPair {
        SigningKeyPair::generate(algorithm, RsaKeySize::Bits2048).expect("a key")
    }

    #[test]
    fn a_sealed_key_opens_as_itself() {
        for algorithm in SigningAlgorithm::ALL {
            let (seal, pair) = (seal_under(1), generated(algorithm));
            let sealed = seal.seal(&pair).expect("sealed");
            let opened = seal.open(pair.kid(), algorithm, &sealed).expect("opened");
            assert_eq!(opened.kid(), pair.kid());
        }
    }

    #[test]
    fn a_key_sealed_under_another_master_key_does_not_open() {
        let pair = generated(SigningAlgorithm::EdDsa);
        let sealed = seal_under(1).seal(&pair).expect("sealed");
        let refused = seal_under(2).open(pair.kid(), pair.algorithm(), &sealed);
        assert!(matches!(refused, Err(SigningError::Sealed { kid }) if kid == *pair.kid()));
    }

    #[test]
    fn a_private_part_that_was_moved_to_another_row_does_not_open() {
        let (seal, one, other) =
            (seal_under(1), generated(SigningAlgorithm::EdDsa), generated(SigningAlgorithm::EdDsa));
        let sealed = seal.seal(&one).expect("sealed");
        assert!(seal.open(other.kid(), SigningAlgorithm::EdDsa, &sealed).is_err());
    }

    #[test]
    fn a_row_whose_algorithm_was_changed_does_not_open() {
        let (seal, pair) = (seal_under(1), generated(SigningAlgorithm::Rs256));
        let sealed = seal.seal(&pair).expect("sealed");
        assert!(seal.open(pair.kid(), SigningAlgorithm::Ps256, &sealed).is_err());
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let (seal, pair) = (seal_under(1), generated(SigningAlgorithm::EdDsa));
        let sealed = seal.seal(&pair).expect("sealed").0;
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(seal.open(pair.kid(), pair.algorithm(), &SealedPrivateKey(changed)).is_err());
            let cut = SealedPrivateKey(sealed[..position].to_vec());
            assert!(seal.open(pair.kid(), pair.algorithm(), &cut).is_err());
        }
    }

    #[test]
    fn sealing_twice_uses_two_nonces() {
        let (seal, pair) = (seal_under(1), generated(SigningAlgorithm::EdDsa));
        let (one, other) = (seal.seal(&pair).expect("sealed"), seal.seal(&pair).expect("sealed"));
        assert_ne!(one.0[1..=NONCE_LEN], other.0[1..=NONCE_LEN]);
    }

    #[test]
    fn a_sealed_key_does_not_hold_its_private_bytes() {
        let (seal, pair) = (seal_under(1), generated(SigningAlgorithm::EdDsa));
        let (sealed, plain) = (seal.seal(&pair).expect("sealed"), pair.to_pkcs8().expect("bytes"));
        assert!(!sealed.0.windows(16).any(|window| plain.windows(16).any(|part| part == window)));
    }
}
