//! Text that people write for people: any language, but nothing that could disguise itself on a screen or in a log.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Text that is too long or holds characters that hide or reorder other characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Longer than allowed, in bytes of UTF-8.
    #[error("{kind} may have at most {longest} bytes")]
    TooLong {
        /// Which text.
        kind: &'static str,
        /// The limit.
        longest: usize,
    },
    /// Empty where something must stand.
    #[error("{kind} may not be empty")]
    Empty {
        /// Which text.
        kind: &'static str,
    },
    /// A control, bidirectional or invisible character.
    #[error("{kind} may not contain the character U+{code:04X}")]
    Character {
        /// Which text.
        kind: &'static str,
        /// The character's code point.
        code: u32,
    },
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $shortest:literal..=$longest:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidText;

            fn from_str(text: &str) -> Result<Self, InvalidText> {
                if !($shortest..).contains(&text.len()) {
                    return Err(InvalidText::Empty { kind: $kind });
                }
                if text.len() > $longest {
                    return Err(InvalidText::TooLong { kind: $kind, longest: $longest });
                }
                match text.chars().find(|character| is_deceptive(*character)) {
                    Some(character) => Err(InvalidText::Character { kind: $kind, code: character.into() }),
                    None => Ok(Self(text.into())),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, InvalidText> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }
    };
}

text!(
    /// What a key is for, in its owner's words; may be empty.
    Label, "a label", 0..=128
);
text!(
    /// Why something was done, for those who read it later.
    Reason, "a reason", 1..=256
);
text!(
    /// The `sub` of minted tokens: who the consumer is to origins.
    Subject, "a subject", 1..=255
);
text!(
    /// Who may look after a consumer's keys: an e-mail address, or the subject of a sign-in.
    Manager, "a manager", 1..=255
);
text!(
    /// The value of a tag; may be empty.
    TagValue, "a tag value", 0..=128
);

text!(
    /// Who did something, as people call them: an admin, a part of Mintgate, a manager of consumers.
    ActorName, "an actor's name", 1..=255
);
text!(
    /// Who did something, as programs know them: the id of an admin token, a manager's subject.
    ActorId, "an actor's id", 1..=255
);

/// Control characters, and those that are invisible or change the direction of what follows
/// (Unicode TR36 §2.7; the "Trojan Source" set).
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_may_be_in_any_language() {
        assert!("Rechnungsläufe 請求書 🚀".parse::<Label>().is_ok());
    }

    #[test]
    fn a_character_that_reorders_text_is_named_and_refused() {
        let error = "abc\u{202E}fdp.exe".parse::<Label>().expect_err("right-to-left override");
        assert_eq!(error.to_string(), "a label may not contain the character U+202E");
    }
}
