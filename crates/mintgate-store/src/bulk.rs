//! Many changes at once: all of them, or none.

use async_trait::async_trait;
use mintgate_types::KeyId;

use crate::{Author, Consumer, Key, NewConsumer, NewKey, Revocation, StoreError};

/// A consumer to be made, with its first key if it is to have one.
#[derive(Debug, Clone)]
pub struct NewHolder {
    /// The consumer.
    pub consumer: NewConsumer,
    /// Its key.
    pub key: Option<NewKey>,
}

/// A consumer that was made, with its first key.
#[derive(Debug, Clone, PartialEq)]
pub struct Holder {
    /// The consumer.
    pub consumer: Consumer,
    /// Its key.
    pub key: Option<Key>,
}

/// Many changes in one transaction.
#[async_trait]
pub trait Bulk: Send + Sync {
    /// Adds consumers and their keys under one revision, in the order given: all or none. Conflicts as for one consumer and
    /// for one key. None take no revision.
    async fn create_holders(&self, new: Vec<NewHolder>, by: &Author) -> Result<Vec<Holder>, StoreError>;

    /// Ends these keys for good, under one revision, and returns those that it ended: all but the revoked ones and those that
    /// do not exist.
    async fn revoke_keys(
        &self,
        ids: Vec<KeyId>,
        revocation: Revocation,
        by: &Author,
    ) -> Result<Vec<Key>, StoreError>;
}
