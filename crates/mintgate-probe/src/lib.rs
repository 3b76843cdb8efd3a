//! Attacks an origin's check of tokens, and says what passed.
//!
//! A [`Probe`] sends an origin one request after another: good ones, which must pass, and hostile ones, which must
//! not; it brings an issuer of its own that fails on command. What came of it is a [`Report`] of [`Row`]s.
//!
//! It promises: nothing is sent to anybody but the [`Target`] and the issuer's own sockets; every wait is bounded; one
//! case does not change the outcome of another. It is not a scanner of whatever is found on a network: public addresses
//! are refused unless whoever asks says that they may ([`Reach`]).
//!
//! It shares no code with our verifiers, so that a mistake is not made on both sides.

mod answer;
mod case;
mod cases;
mod compact;
mod der;
mod forge;
mod issuer;
mod junit;
mod key;
mod manners;
mod plan;
mod private_key;
mod probe;
mod report;
mod stages;
mod target;
mod text;
mod verdict;
mod wire;

pub use case::Row;
pub use key::{Algorithm, InvalidAlgorithm};
pub use plan::{HandedTokens, InvalidSelection, OwnIssuer, Plan, Selection, Tokens};
pub use private_key::{InvalidPrivateKey, PrivateKey};
pub use probe::{Probe, ProbeError};
pub use report::{Leniency, Report, Summary};
pub use target::{InvalidTarget, Reach, Target};
pub use text::Paint;
pub use verdict::Verdict;
