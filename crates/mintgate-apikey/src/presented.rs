//! A key as a request carried it.

use mintgate_types::KeyId;

use crate::{
    fingerprint::KeyDigest,
    format::{Shape, classify},
};

/// A key as a caller sent it. Lives for one request, and cannot be printed.
///
/// It borrows the bytes of the request: the text is copied nowhere, so there is nothing to wipe afterwards.
pub struct PresentedKey<'a> {
    text: &'a str,
    form: KeyForm,
}

/// Whose format a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// Ours; the id is what the text claims, and proves nothing until the fingerprint is found.
    Native(KeyId),
    /// Another system's; it may have been imported.
    Foreign,
}

/// Text that cannot be anybody's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedKey {
    /// Shorter or longer than any key.
    #[error("a key has {} to {} characters", PresentedKey::SHORTEST, PresentedKey::LONGEST)]
    Length,
    /// A character that no key has.
    #[error("a key has only visible ASCII characters")]
    Character,
    /// Our format, mistyped or made up.
    #[error("the key's checksum does not match")]
    BadChecksum,
}

impl<'a> PresentedKey<'a> {
    /// The fewest characters that an imported key may have.
    pub const SHORTEST: usize = 8;
    /// The most characters that a key may have.
    pub const LONGEST: usize = 512;

    /// Reads a key. Costs a checksum and no look-up; what it refuses exists nowhere.
    pub fn parse(text: &'a str) -> Result<Self, MalformedKey> {
        if !(Self::SHORTEST..=Self::LONGEST).contains(&text.len()) {
            return Err(MalformedKey::Length);
        }
        // No early end: without one the compiler makes it a few vector instructions.
        if !text.bytes().fold(true, |holds, byte| holds & byte.is_ascii_graphic()) {
            return Err(MalformedKey::Character);
        }
        let form = match classify(text) {
            Shape::Native { id } => KeyForm::Native(id),
            Shape::BadChecksum => return Err(MalformedKey::BadChecksum),
            Shape::Foreign => KeyForm::Foreign,
        };
        Ok(Self { text, form })
    }

    /// Whose format it has.
    #[must_use]
    pub fn form(&self) -> KeyForm {
        self.form
    }

    /// What is hashed further into the fingerprint that is looked up.
    #[must_use]
    pub fn digest(&self) -> KeyDigest {
        KeyDigest::of(self.text.as_bytes())
    }
}

impl std::fmt::Debug for PresentedKey<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PresentedKey").field("form", &self.form).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_system_is_taken_as_it_is() {
        let key = PresentedKey::parse("sk_live_51NcM2dLkQ").expect("a foreign key");
        assert_eq!(key.form(), KeyForm::Foreign);
    }

    #[test]
    fn what_cannot_be_a_key_is_refused_with_the_reason() {
        assert_eq!(PresentedKey::parse("short").expect_err("short"), MalformedKey::Length);
        assert_eq!(PresentedKey::parse(&"x".repeat(513)).expect_err("long"), MalformedKey::Length);
        assert_eq!(PresentedKey::parse("with a space").expect_err("space"), MalformedKey::Character);
        assert_eq!(PresentedKey::parse("schlüssel-1").expect_err("umlaut"), MalformedKey::Character);
    }

    #[test]
    fn r38_a_presented_key_does_not_show_itself_in_debug_output() {
        let key = PresentedKey::parse("sk_live_51NcM2dLkQ").expect("a foreign key");
        assert!(!format!("{key:?}").contains("51NcM"));
    }
}
