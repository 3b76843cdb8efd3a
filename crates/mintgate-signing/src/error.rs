//! What can go wrong with signing keys.

use mintgate_store::StoreError;
use mintgate_types::Kid;

use crate::SigningAlgorithm;

/// Why keys could not be made, read, moved or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The store did not do its part.
    #[error("the store of signing keys")]
    Store(#[from] StoreError),
    /// The cryptographic library made no key; its randomness or its memory failed.
    #[error("generating a signing key for {algorithm}")]
    Generation {
        /// What it was to be for.
        algorithm: SigningAlgorithm,
    },
    /// The cryptographic library made no signature.
    #[error("signing with key {kid}")]
    Signature {
        /// Which key.
        kid: Kid,
    },
    /// The sealed private part does not open: another master key, a damaged row, or a part of another row.
    #[error("signing key {kid} does not open: sealed under another master key, or damaged")]
    Sealed {
        /// Which key.
        kid: Kid,
    },
    /// A key in use is for an algorithm that this version does not sign with.
    #[error("signing key {kid} is for {algorithm}, which this version does not know")]
    Algorithm {
        /// Which key.
        kid: Kid,
        /// What its row says.
        algorithm: String,
    },
    /// No signing key of that name.
    #[error("there is no signing key {kid}")]
    NoSuchKey {
        /// Which was asked for.
        kid: Kid,
    },
    /// The key signs; it can only be replaced.
    #[error("signing key {kid} is active: rotate, and it retires by itself; or rotate in emergency")]
    KeyActive {
        /// Which was to be retired.
        kid: Kid,
    },
    /// The key is retired already.
    #[error("signing key {kid} is retired")]
    KeyRetired {
        /// Which was to be retired.
        kid: Kid,
    },
    /// Other nodes changed the keys each time that we were about to.
    #[error("others keep changing the signing keys")]
    Contended,
    /// The process is ending, and with it the thread that was to make a key.
    #[error("shutting down")]
    Interrupted,
}
