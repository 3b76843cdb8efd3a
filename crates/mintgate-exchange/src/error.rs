//! Why a key did not become a token. The caller learns none of this; the log learns all of it.

use mintgate_types::{ConsumerId, KeyId};

/// Why a presented key does not work. It names a key only where the key was found, that is, proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRefused {
    /// The node has not read its keys yet, so it cannot say.
    #[error("the keys are not loaded yet")]
    NotReady,
    /// No such key, or it was revoked before this node started.
    #[error("no such key")]
    Unknown,
    /// Revoked.
    #[error("key {key} is revoked")]
    Revoked {
        /// Which.
        key: KeyId,
    },
    /// Past its expiry or its grace period.
    #[error("key {key} has expired")]
    Expired {
        /// Which.
        key: KeyId,
    },
    /// Its consumer was removed.
    #[error("key {key} has no consumer")]
    NoConsumer {
        /// Which.
        key: KeyId,
    },
    /// The configured mapping makes no claims of the consumer's metadata, so no token can be minted.
    #[error("the metadata of consumer {consumer} of key {key} gives no claims")]
    Unmappable {
        /// Which.
        key: KeyId,
        /// Whose.
        consumer: ConsumerId,
    },
    /// Its consumer is disabled.
    #[error("consumer {consumer} of key {key} is disabled")]
    ConsumerDisabled {
        /// Which.
        key: KeyId,
        /// Whose.
        consumer: ConsumerId,
    },
}

/// Why a valid key got no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MintFailed {
    /// More tokens are asked for than can be signed; trying again soon helps.
    #[error("too many tokens wait to be signed")]
    Overloaded,
    /// No key is there to sign with, or signing failed.
    #[error("signing failed")]
    Signing,
}
