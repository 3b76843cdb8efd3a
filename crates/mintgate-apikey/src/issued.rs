//! A key at the moment of its birth.

use mintgate_types::{Entropy, KeyId, KeyPrefix, base62};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    fingerprint::KeyDigest,
    format::{CHECK_LENGTH, SECRET_LENGTH, checksum},
};

/// A new key. It is revealed once, to the one who asked for it; what stays behind is its digest.
pub struct IssuedKey {
    id: KeyId,
    text: SecretString,
}

impl IssuedKey {
    /// Makes a key from fresh randomness.
    #[must_use]
    pub fn generate(prefix: &KeyPrefix, entropy: &dyn Entropy) -> Self {
        let id = KeyId::generate(entropy);
        let secret: [u8; SECRET_LENGTH] = base62::random(entropy);
        let secret = std::str::from_utf8(&secret).expect("base62 is ASCII");
        // Sized up front: a growing string would leave copies of the secret behind in freed memory.
        let mut text =
            String::with_capacity(prefix.as_str().len() + KeyId::LENGTH + SECRET_LENGTH + CHECK_LENGTH + 2);
        text.push_str(prefix.as_str());
        text.push('_');
        text.push_str(id.as_str());
        text.push('_');
        text.push_str(secret);
        let check = checksum(text.as_bytes());
        text.push_str(std::str::from_utf8(&check).expect("base62 is ASCII"));
        Self { id, text: text.into() }
    }

    /// The public part.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What is hashed further into the fingerprint that is stored.
    #[must_use]
    pub fn digest(&self) -> KeyDigest {
        KeyDigest::of(self.text.expose_secret().as_bytes())
    }

    /// Gives the key away. Whoever calls this is the one place that shows it.
    #[must_use]
    pub fn reveal(self) -> SecretString {
        self.text
    }
}

impl std::fmt::Debug for IssuedKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("IssuedKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use mintgate_types::SeededEntropy;
    use proptest::prelude::*;

    use super::*;
    use crate::{KeyForm, MalformedKey, Pepper, PresentedKey};

    fn issue(seed: u64) -> IssuedKey {
        IssuedKey::generate(&"mgk".parse().expect("a prefix"), &SeededEntropy::new(seed))
    }

    proptest! {
        #[test]
        fn every_generated_key_parses_back(seed in any::<u64>()) {
            let issued = issue(seed);
            let (id, digest) = (issued.id(), issued.digest());
            let text = issued.reveal();
            let presented = PresentedKey::parse(text.expose_secret()).expect("generated keys are well formed");
            prop_assert_eq!(presented.form(), KeyForm::Native(id));
            let pepper = Pepper::new([7; 32]);
            prop_assert!(pepper.fingerprint(&presented.digest()) == pepper.fingerprint(&digest));
        }

        #[test]
        fn one_changed_character_is_refused_by_the_checksum(seed in any::<u64>(), at in 0_usize..38, to in 0_usize..62) {
            let text = issue(seed).reveal();
            let mut changed = text.expose_secret().as_bytes().to_vec();
            let at = changed.len() - 1 - at;
            let replacement = base62::ALPHABET[to];
            prop_assume!(changed[at] != replacement);
            changed[at] = replacement;
            let changed = String::from_utf8(changed).expect("ASCII");
            prop_assert_eq!(PresentedKey::parse(&changed).expect_err("changed"), MalformedKey::BadChecksum);
        }
    }

    #[test]
    fn r38_a_key_does_not_show_itself_in_debug_output() {
        let issued = issue(3);
        let debug = format!("{issued:?}");
        let id = issued.id();
        let text = issued.reveal();
        let secret = text.expose_secret().rsplit('_').next().expect("a secret").to_owned();
        assert!(debug.contains(id.as_str()), "{debug}");
        assert!(!debug.contains(&secret), "{debug}");
    }
}
