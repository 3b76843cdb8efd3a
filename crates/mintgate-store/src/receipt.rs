//! Receipts: what is kept of something that was made, so that it is made once, however often it is asked for.
//!
//! A store neither makes nor reads them: what they are known by are keyed hashes, what they hold is sealed.

use std::fmt;

use async_trait::async_trait;
use mintgate_types::Timestamp;

use crate::{Author, Conflict, Created, Creation, StoreError};

/// What a receipt is found by: a keyed hash of who asked for what under which idempotency key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReceiptId([u8; 32]);

/// A keyed hash of the request. Two requests of one idempotency key that differ have different ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestMark([u8; 32]);

macro_rules! hashes {
    ($($name:ident)+) => {$(
        impl $name {
            /// The hash.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The stored form.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

hashes! { ReceiptId RequestMark }

/// A reply under authenticated encryption, bound to its receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedReply(pub Vec<u8>);

impl fmt::Debug for SealedReply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SealedReply({} bytes)", self.0.len())
    }
}

/// What is kept of something that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What it is found by.
    pub id: ReceiptId,
    /// What was asked for.
    pub request: RequestMark,
    /// What was answered.
    pub reply: SealedReply,
    /// When it is no longer honoured.
    pub expires: Timestamp,
}

/// Makes the receipt, once it is known what came of a creation. What it refuses is not made.
pub type Keep = Box<dyn FnOnce(&Created) -> Result<Receipt, Conflict> + Send>;

/// Receipts in the store. They take no revision: nothing is served by them.
#[async_trait]
pub trait Receipts: Send + Sync {
    /// Makes something as the method of its kind does; and keeps its receipt, if one is wanted, in the same transaction.
    /// [`Conflict::ReceiptExists`] where there is one of that id which has not expired at the author's time; then nothing
    /// is made.
    async fn create(
        &self,
        creation: Creation,
        keep: Option<Keep>,
        by: &Author,
    ) -> Result<Created, StoreError>;

    /// One receipt, also one that has expired.
    async fn receipt(&self, id: ReceiptId) -> Result<Option<Receipt>, StoreError>;

    /// Forgets receipts that have expired at `now`, `most` at once, and says how many they were.
    async fn forget_receipts(&self, now: Timestamp, most: u32) -> Result<u64, StoreError>;
}
