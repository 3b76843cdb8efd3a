//! What can go wrong in a store, by whose fault it is.

use mintgate_types::Revision;

/// Why a store did not do what it was asked. Absence is not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What was asked contradicts what is there: the caller's to resolve.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The store cannot be reached, is full, or is busy beyond patience. Trying again may help.
    #[error("the store is unavailable")]
    Unavailable {
        /// What the backend said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What is stored cannot be read back: a damaged file, a foreign schema, a row that no version wrote.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// Which part, without its contents.
        what: String,
        /// What the backend said, if it said something.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The store was made under another master key.
    #[error("the store was made under another master key")]
    WrongMasterKey,
    /// Another process holds the store.
    #[error("another process is using the store")]
    InUse {
        /// Where the store is; not in the message, because whoever opens a store says which.
        store: String,
    },
    /// A later version of Mintgate has been here, and what it wrote may mean more than this one can read.
    #[error("the store has schema version {found}; this version of mintgate knows {known} at the most")]
    NewerSchema {
        /// What the store has.
        found: i64,
        /// What this program knows.
        known: i64,
    },
}

/// A contradiction between a request and what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// The bucket's name is taken.
    #[error("a bucket of this name exists")]
    BucketExists,
    /// The consumer's name is taken in its bucket.
    #[error("a consumer of this name exists in the bucket")]
    ConsumerExists,
    /// The same key, by fingerprint or by id, is already there.
    #[error("this key exists")]
    KeyExists,
    /// An active admin token has the name, or the same token is already there.
    #[error("an admin token of this name exists")]
    AdminTokenExists,
    /// The admin token was rolled or revoked.
    #[error("the admin token is not active")]
    AdminTokenEnded,
    /// The thing that the new one would belong to is not there.
    #[error("its parent does not exist")]
    NoParent,
    /// The key was revoked, and stays so.
    #[error("the key is revoked")]
    KeyRevoked,
    /// Something changed since the caller looked.
    #[error("it is at revision {actual}, not {expected}")]
    Stale {
        /// What the caller had seen.
        expected: Revision,
        /// What is there.
        actual: Revision,
    },
    /// The bucket still has consumers.
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    /// The same was asked for under the same idempotency key, and made.
    #[error("it was made under this idempotency key")]
    ReceiptExists,
    /// The reply is larger than what is kept for an idempotency key.
    #[error("its reply is too large to be kept")]
    ReplyTooLarge,
}
