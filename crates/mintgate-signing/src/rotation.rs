//! Which step each signing key takes, and when: decided from the stored states, the time and the policy alone.
//!
//! ```text
//! generated ── Published ──(jwks_max_age + propagation_margin)── Active ──(replaced)── Retiring ──(until)── Retired
//!                in the JWKS,                                     signs       verifies, for token_lifetime
//!                not signing                                                  + retire_margin
//! ```
//!
//! Promised, whatever the clock does: a plan leaves exactly one key active; states only move forward; a plan that was
//! carried out is followed by an empty one at the same time. While the clock is right, a key signs only when every
//! copy of the JWKS that may still be in use has it, and leaves only when nothing that it signed is accepted any more.
//! No I/O and no keys here; [`Issuer`](crate::Issuer) carries plans out.

mod command;
mod plan;

mod policy;

use mintgate_types::{Kid, SigningKeyState, Timestamp};

use crate::SigningAlgorithm;

pub use command::{RetireRefused, Successor, emergency, retire, successor};
pub use plan::plan;
pub(crate) use policy::later;
pub use policy::{InvalidPolicy, RotationPolicy, RotationSettings};

/// What a plan needs to know of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name.
    pub kid: Kid,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// Where it stands.
    pub state: SigningKeyState,
}

/// One change to the stored keys. All steps of a plan happen in one transaction, or none does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A new key is generated and stored in this state.
    Add {
        /// What it signs with.
        algorithm: SigningAlgorithm,
        /// Published, or active where there is nothing else to sign with.
        state: SigningKeyState,
    },
    /// A key moves to another state.
    Move {
        /// Which.
        kid: Kid,
        /// Where it stands from now on.
        to: SigningKeyState,
    },
}

/// What is to be done now, and when to ask again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// To be done now; often nothing.
    pub steps: Vec<Step>,
    /// When time alone will bring the next step.
    pub next_check: Timestamp,
}

#[cfg(test)]
mod tests;
