//! The life of a signing key. What is true only in one state is held only in that state.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a signing key stands. Transitions consume the state and refuse what cannot follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum SigningKeyState {
    /// In the JWKS, so that verifiers learn it, but not yet signing.
    Published {
        /// When it entered the JWKS.
        since: Timestamp,
    },
    /// The one that signs.
    Active {
        /// When it began to sign.
        since: Timestamp,
    },
    /// Verifies what it signed; signs no more.
    Retiring {
        /// When it stopped signing.
        since: Timestamp,
        /// When the last token that it signed has expired.
        until: Timestamp,
    },
    /// Gone from the JWKS.
    Retired {
        /// When it left.
        at: Timestamp,
    },
}

/// A step that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing key that is {from} cannot {step}")]
pub struct InvalidTransition {
    from: &'static str,
    step: &'static str,
}

impl SigningKeyState {
    /// Published → active.
    pub fn activate(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        match self {
            Self::Published { .. } => Ok(Self::Active { since: now }),
            other => Err(other.cannot("activate")),
        }
    }

    /// Active → retiring, verifying until `until`.
    pub fn retire_gracefully(self, now: Timestamp, until: Timestamp) -> Result<Self, InvalidTransition> {
        match self {
            Self::Active { .. } => Ok(Self::Retiring { since: now, until }),
            other => Err(other.cannot("stop signing")),
        }
    }

    /// Anything but retired → retired at once. Tokens that it signed stop verifying.
    pub fn retire(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        match self {
            Self::Retired { .. } => Err(self.cannot("retire again")),
            _ => Ok(Self::Retired { at: now }),
        }
    }

    /// Whether verifiers are told of the key.
    #[must_use]
    pub fn is_in_jwks(self) -> bool {
        !matches!(self, Self::Retired { .. })
    }

    /// Whether the key signs.
    #[must_use]
    pub fn signs(self) -> bool {
        matches!(self, Self::Active { .. })
    }

    /// The state's name, as the API, the command line and the store write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Published { .. } => "published",
            Self::Active { .. } => "active",
            Self::Retiring { .. } => "retiring",
            Self::Retired { .. } => "retired",
        }
    }

    fn cannot(self, step: &'static str) -> InvalidTransition {
        InvalidTransition { from: self.name(), step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retired_key_never_comes_back() {
        let retired = SigningKeyState::Retired { at: Timestamp::UNIX_EPOCH };
        assert!(retired.activate(Timestamp::UNIX_EPOCH).is_err());
        assert!(retired.retire(Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn only_an_active_key_stops_signing() {
        let published = SigningKeyState::Published { since: Timestamp::UNIX_EPOCH };
        let error = published
            .retire_gracefully(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH)
            .expect_err("not active");
        assert_eq!(error.to_string(), "a signing key that is published cannot stop signing");
    }
}
