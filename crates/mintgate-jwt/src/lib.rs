//! Verifies tokens against a JWKS. Never signs, never does I/O, holds no private key.
//!
//! The accepted algorithm comes from configuration and from the key, never from the token (RFC 8725 §3.1). What a
//! token says before its signature is checked is reachable only through [`UnverifiedHeader`], which offers what is
//! needed to find the key and nothing else; what it says afterwards is a [`Verified`] value that only [`verify`] and
//! its kin can make. Every refusal is a [`Refusal`] with a stable code and without a word of the token.
//!
//! What a token says of its issuer, [`UnverifiedIssuer`], chooses among configured issuers and is then verified.
//!
//! This crate has neither a clock nor a network: time is an argument, and [`cache`] is a state machine that says
//! when to fetch. `mintgate-verify` gives it both.

mod algorithm;
mod base64url;
pub mod cache;
mod claims;
mod header;
mod inspect;
mod issuer;
mod json;
mod jwk;
mod jwks;
mod members;
mod policy;
mod refusal;
mod verified;

pub use algorithm::{Algorithm, AlgorithmSet, UnknownAlgorithm};
pub use claims::Claims;
pub use header::UnverifiedHeader;
pub use inspect::{Unverified, inspect};
pub use issuer::UnverifiedIssuer;
pub use jwk::{InvalidJwk, Jwk};
pub use jwks::{InvalidJwks, Jwks, Skipped};
pub use policy::{Expected, ExpectedType, InvalidPolicy, Leeway, TokenPolicy, TrustedIssuer};
pub use refusal::{CheckedClaim, Part, Refusal};
pub use verified::{Verified, verify, verify_with_set};
