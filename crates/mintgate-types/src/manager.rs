//! Who may look after a consumer's keys without being an admin.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Manager;

/// The managers of one consumer, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Manager>", into = "Vec<Manager>")]
pub struct Managers(BTreeSet<Manager>);

/// What somebody is recognised by as a manager: an e-mail address or a subject, and never one for the other.
///
/// A text with an at sign is an address, and only an address that is proven to be somebody's is one of theirs; any other
/// text is a subject. So somebody who could choose a subject could not choose one that passes for an address. Addresses
/// are compared without regard to the case of ASCII letters, and of no others; subjects to the letter. Nothing is
/// normalised: what merely looks the same is something else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ManagerIdentity(Box<str>);

impl ManagerIdentity {
    /// Of an address that is proven to be somebody's.
    #[must_use]
    pub fn of_address(proven: &str) -> Option<Self> {
        let (local, domain) = proven.rsplit_once('@')?;
        let is_whole = !local.is_empty() && !domain.is_empty() && !proven.contains(char::is_whitespace);
        is_whole.then(|| Self(proven.to_ascii_lowercase().into()))
    }

    /// Of a subject, which must not look like an address.
    #[must_use]
    pub fn of_subject(subject: &str) -> Option<Self> {
        let is_one = !subject.trim().is_empty() && !subject.contains(AT_SIGNS);
        is_one.then(|| Self(subject.into()))
    }

    /// As it is compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Manager {
    /// Who is meant. `None` for a text by which nobody can be recognised, such as `@`.
    #[must_use]
    pub fn identity(&self) -> Option<ManagerIdentity> {
        let text = self.as_str();
        if text.contains('@') { ManagerIdentity::of_address(text) } else { ManagerIdentity::of_subject(text) }
    }
}

/// The one of addresses, and those that people mistake for it.
const AT_SIGNS: [char; 3] = ['@', '\u{FF20}', '\u{FE6B}'];

/// More managers than a consumer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a consumer has at most {} managers", Managers::MOST)]
pub struct TooManyManagers;

impl Managers {
    /// How many a consumer may have.
    pub const MOST: usize = 32;

    /// Nobody.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn contains(&self, manager: &Manager) -> bool {
        self.0.contains(manager)
    }

    /// Whether one of them is meant who is recognised by one of these.
    #[must_use]
    pub fn include(&self, who: &[ManagerIdentity]) -> bool {
        self.0.iter().filter_map(Manager::identity).any(|identity| who.contains(&identity))
    }

    /// All of them, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Manager> {
        self.0.iter()
    }
}

impl TryFrom<Vec<Manager>> for Managers {
    type Error = TooManyManagers;

    fn try_from(managers: Vec<Manager>) -> Result<Self, TooManyManagers> {
        let managers: BTreeSet<Manager> = managers.into_iter().collect();
        if managers.len() > Self::MOST { Err(TooManyManagers) } else { Ok(Self(managers)) }
    }
}

impl From<Managers> for Vec<Manager> {
    fn from(managers: Managers) -> Self {
        managers.0.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn managers(names: &[&str]) -> Managers {
        let all = names.iter().map(|name| name.parse::<Manager>().expect("a manager")).collect::<Vec<_>>();
        Managers::try_from(all).expect("few")
    }

    fn address(text: &str) -> Vec<ManagerIdentity> {
        ManagerIdentity::of_address(text).into_iter().collect()
    }

    fn subject(text: &str) -> Vec<ManagerIdentity> {
        ManagerIdentity::of_subject(text).into_iter().collect()
    }

    #[test]
    fn an_address_is_compared_without_regard_to_the_case_of_ascii_letters_alone() {
        let all = managers(&["Ann@Example.com", "k\u{F6}ln@example.com"]);
        assert!(all.include(&address("aNN@example.COM")) && all.include(&address("K\u{F6}ln@example.com")));
        // The Kelvin sign is a small k to whoever lowers the case of all letters.
        let kim = managers(&["kim@example.com", "stra\u{DF}e@example.com"]);
        assert!(!kim.include(&address("\u{212A}im@example.com")));
        assert!(
            !kim.include(&address("strasse@example.com")) && !kim.include(&address("STRASSE@example.com"))
        );
        // Another script, and a letter that is put together.
        assert!(!all.include(&address("\u{430}nn@example.com")));
        assert!(!all.include(&address("ko\u{308}ln@example.com")));
        assert!(!all.include(&address("k\u{D6}ln@example.com")));
    }

    #[test]
    fn a_subject_that_looks_like_an_address_is_nobodys() {
        let all =
            managers(&["ann@example.com", "user-7", "bob\u{FF20}example.com", "bob\u{FE6B}example.com"]);
        for chosen in ["ann@example.com", "bob\u{FF20}example.com", "bob\u{FE6B}example.com", "", " "] {
            assert_eq!(ManagerIdentity::of_subject(chosen), None, "{chosen}");
        }
        assert!(all.include(&subject("user-7")));
        assert!(!all.include(&subject("User-7")) && !all.include(&subject("user-7 ")));
        // Nor does what some provider calls an address pass for a subject.
        assert_eq!(ManagerIdentity::of_address("user-7"), None);
    }

    #[test]
    fn odd_texts_mean_nobody() {
        for odd in ["@", "@example.com", "ann@", " ", "\u{A0}", "ann @example.com", " ann@example.com"] {
            assert_eq!(odd.parse::<Manager>().expect("text").identity(), None, "{odd}");
        }
        assert!(!managers(&["@", " "]).include(&[]));
    }

    #[test]
    fn managers_are_kept_once_and_bounded() {
        let named = |name: &str| name.parse::<Manager>().expect("a manager");
        let twice =
            Managers::try_from(vec![named("b@example.com"), named("a@example.com"), named("b@example.com")]);
        let twice: Vec<Manager> = twice.expect("few").into();
        assert_eq!(twice, [named("a@example.com"), named("b@example.com")]);
        let many: Vec<Manager> = (0..=Managers::MOST).map(|at| named(&format!("m{at}"))).collect();
        assert_eq!(Managers::try_from(many), Err(TooManyManagers));
    }
}
