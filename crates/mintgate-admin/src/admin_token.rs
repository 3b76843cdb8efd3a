//! Admin tokens: who may manage. Only their digests are held.

use std::{fmt, str::FromStr};

use aws_lc_rs::{constant_time, digest};
use mintgate_admin_api::Role;
use mintgate_apikey::{KeyDigest, Pepper};
use mintgate_store::TokenMark;
use mintgate_types::{ActorName, InvalidText, Label};
use secrecy::{ExposeSecret, SecretString};

/// What an admin is called in logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminName(Label);

impl AdminName {
    /// As the audit log has it.
    pub(crate) fn actor(&self) -> ActorName {
        self.0.as_str().parse().expect("a label that is not empty is an actor's name")
    }
}

impl FromStr for AdminName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() {
            return Err(InvalidText::Empty { kind: "an admin's name" });
        }
        text.parse().map(Self)
    }
}

impl fmt::Display for AdminName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A token that an admin presents, as its digest.
pub struct AdminToken {
    name: AdminName,
    role: Role,
    digest: TokenDigest,
}

/// A token that could be guessed, or that no request could carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an admin token has {} to {} visible ASCII characters", AdminToken::SHORTEST, AdminToken::LONGEST)]
pub struct WeakAdminToken;

impl AdminToken {
    /// The fewest characters that a token may have.
    pub const SHORTEST: usize = 32;
    /// The most characters that a token may have.
    pub const LONGEST: usize = 512;

    /// The token of an owner, who may do everything.
    pub fn owner(name: AdminName, token: &SecretString) -> Result<Self, WeakAdminToken> {
        let text = token.expose_secret();
        let length = (Self::SHORTEST..=Self::LONGEST).contains(&text.len());
        if !length || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(WeakAdminToken);
        }
        Ok(Self { name, role: Role::Owner, digest: TokenDigest::of(text.as_bytes()) })
    }

    pub(crate) fn name(&self) -> &AdminName {
        &self.name
    }

    /// Which token this is among all that ever had its name.
    pub(crate) fn mark(&self, pepper: &Pepper) -> TokenMark {
        pepper.fingerprint(&KeyDigest::from_sha256(self.digest.0)).into()
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AdminToken").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whose token was presented. Compares every digest to its end, so that the time taken tells nothing about any of them.
pub(crate) fn recognise<'a>(tokens: &'a [AdminToken], presented: &[u8]) -> Option<&'a AdminToken> {
    let presented = TokenDigest::of(presented);
    tokens
        .iter()
        .fold(None, |found, token| if token.digest.matches(&presented) { Some(token) } else { found })
}

struct TokenDigest([u8; 32]);

impl TokenDigest {
    fn of(token: &[u8]) -> Self {
        let digest = digest::digest(&digest::SHA256, token);
        Self(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }

    fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(name: &str, text: &str) -> AdminToken {
        AdminToken::owner(name.parse().expect("a name"), &SecretString::from(text)).expect("a token")
    }

    #[test]
    fn each_admin_is_recognised_by_their_own_token() {
        let tokens = [token("ann", &"a".repeat(32)), token("bob", &"b".repeat(32))];
        assert_eq!(
            recognise(&tokens, "b".repeat(32).as_bytes()).map(|token| token.name().to_string()),
            Some("bob".into())
        );
        assert!(recognise(&tokens, b"").is_none());
        assert!(recognise(&[], "a".repeat(32).as_bytes()).is_none());
    }

    #[test]
    fn r38_a_short_or_empty_admin_token_is_refused() {
        for text in ["", "admin", &"a".repeat(31), &"a b ".repeat(10), &"a".repeat(513)] {
            let refused = AdminToken::owner("ann".parse().expect("a name"), &SecretString::from(text));
            assert_eq!(refused.err(), Some(WeakAdminToken), "{text}");
        }
    }

    #[test]
    fn r38_an_admin_token_does_not_show_itself() {
        let shown = format!("{:?}", token("ann", &"s".repeat(32)));
        assert!(!shown.contains("ssss"), "{shown}");
    }
}
