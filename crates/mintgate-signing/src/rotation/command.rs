//! The steps that people ask for.

use mintgate_types::{Kid, SigningKeyState, Timestamp};

use super::{KeyInfo, RotationPolicy, Step};

/// What becomes of a wish for a successor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Successor {
    /// One is published now and signs from `activates` on.
    Publish {
        /// Adds it.
        step: Step,
        /// When it will sign.
        activates: Timestamp,
    },
    /// One is published already.
    Waiting {
        /// Which.
        kid: Kid,
        /// When it will sign.
        activates: Timestamp,
    },
}

/// Why a key may not be retired by command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RetireRefused {
    /// There is no such key.
    #[error("there is no such signing key")]
    Unknown,
    /// It signs; without it nothing would.
    #[error("the signing key is active")]
    Active,
    /// It is retired already.
    #[error("the signing key is retired")]
    Retired,
}

/// Brings the next rotation forward. The successor still waits until verifiers can know it.
#[must_use]
pub fn successor(keys: &[KeyInfo], now: Timestamp, policy: &RotationPolicy) -> Successor {
    let waiting = keys
        .iter()
        .filter(|key| key.algorithm == policy.algorithm())
        .filter_map(|key| match key.state {
            SigningKeyState::Published { since } => Some((since, &key.kid)),
            _ => None,
        })
        .min();
    match waiting {
        Some((since, kid)) => Successor::Waiting { kid: kid.clone(), activates: policy.activation(since) },
        None => Successor::Publish {
            step: Step::Add {
                algorithm: policy.algorithm(),
                state: SigningKeyState::Published { since: now },
            },
            activates: policy.activation(now),
        },
    }
}

/// A new key signs at once and no other key verifies any more: whoever stole the active key may have stolen the others
/// with it. Verifiers refuse all earlier tokens when they next fetch the JWKS, and refuse new ones until then.
#[must_use]
pub fn emergency(keys: &[KeyInfo], now: Timestamp, policy: &RotationPolicy) -> Vec<Step> {
    let dropped = keys
        .iter()
        .filter(|key| key.state.is_in_jwks())
        .map(|key| Step::Move { kid: key.kid.clone(), to: SigningKeyState::Retired { at: now } });
    let added = Step::Add { algorithm: policy.algorithm(), state: SigningKeyState::Active { since: now } };
    std::iter::once(added).chain(dropped).collect()
}

/// Takes a key that does not sign out of the JWKS before its time.
pub fn retire(keys: &[KeyInfo], kid: &Kid, now: Timestamp) -> Result<Step, RetireRefused> {
    let key = keys.iter().find(|key| key.kid == *kid).ok_or(RetireRefused::Unknown)?;
    match key.state {
        SigningKeyState::Active { .. } => Err(RetireRefused::Active),
        SigningKeyState::Retired { .. } => Err(RetireRefused::Retired),
        SigningKeyState::Published { .. } | SigningKeyState::Retiring { .. } => {
            Ok(Step::Move { kid: kid.clone(), to: SigningKeyState::Retired { at: now } })
        }
    }
}
