//! Scopes: what a key may be used for (RFC 6749 §3.3).

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Text that is not a scope, or too many scopes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScope {
    /// Not a scope-token of RFC 6749.
    #[error("a scope must be 1 to 128 visible ASCII characters other than `\"` and `\\`")]
    Token,
    /// More scopes than a token should carry.
    #[error("at most {} scopes are allowed", ScopeSet::MOST)]
    TooMany,
}

/// One scope, such as `orders:read`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(Box<str>);

impl Scope {
    /// The scope as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        let holds = (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        if holds { Ok(Self(text.into())) } else { Err(InvalidScope::Token) }
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0.into()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// A set of scopes; its text form is sorted and separated by single spaces, as in a token's `scope` claim.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// How many scopes a set may hold.
    pub const MOST: usize = 64;

    /// No scope at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A set of at most [`ScopeSet::MOST`] scopes.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, InvalidScope> {
        let set: BTreeSet<_> = scopes.into_iter().collect();
        if set.len() > Self::MOST { Err(InvalidScope::TooMany) } else { Ok(Self(set)) }
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every scope of `needed` is in this set.
    #[must_use]
    pub fn covers(&self, needed: &Self) -> bool {
        needed.0.is_subset(&self.0)
    }

    /// The scopes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl FromStr for ScopeSet {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Self::new(
            text.split(' ')
                .filter(|token| !token.is_empty())
                .map(str::parse)
                .collect::<Result<Vec<_>, _>>()?,
        )
    }
}

impl TryFrom<Vec<Scope>> for ScopeSet {
    type Error = InvalidScope;

    fn try_from(scopes: Vec<Scope>) -> Result<Self, InvalidScope> {
        Self::new(scopes)
    }
}

impl From<ScopeSet> for Vec<Scope> {
    fn from(set: ScopeSet) -> Self {
        set.0.into_iter().collect()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.0.iter().enumerate() {
            if position > 0 {
                formatter.write_str(" ")?;
            }
            formatter.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_set_is_sorted_and_reads_back() {
        let set: ScopeSet = "orders:write orders:read".parse().expect("two scopes");
        assert_eq!(set.to_string(), "orders:read orders:write");
        assert_eq!(set.to_string().parse::<ScopeSet>().expect("its own text"), set);
    }

    #[test]
    fn a_set_covers_only_what_it_holds() {
        let held: ScopeSet = "a b".parse().expect("two scopes");
        assert!(held.covers(&"a".parse().expect("one scope")));
        assert!(held.covers(&ScopeSet::none()));
        assert!(!held.covers(&"a c".parse().expect("two scopes")));
    }
}
