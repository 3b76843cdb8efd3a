//! Who may look after a consumer's keys without being an admin.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Manager;

/// The managers of one consumer, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Manager>", into = "Vec<Manager>")]
pub struct Managers(BTreeSet<Manager>);

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
