//! Buckets: namespaces of consumers, each with the prefix of its keys.

use async_trait::async_trait;
use mintgate_types::{BucketName, KeyPrefix, Revision, Timestamp};

use crate::StoreError;

/// A namespace of consumers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Unique in the store.
    pub name: BucketName,
    /// What new keys begin with.
    pub prefix: KeyPrefix,
    /// When it was made.
    pub created: Timestamp,
    /// Its last change.
    pub revision: Revision,
}

/// A bucket to be made.
#[derive(Debug, Clone)]
pub struct NewBucket {
    /// Unique in the store.
    pub name: BucketName,
    /// What new keys begin with.
    pub prefix: KeyPrefix,
    /// When.
    pub created: Timestamp,
}

/// Buckets in the store.
#[async_trait]
pub trait Buckets: Send + Sync {
    /// Adds a bucket. [`Conflict::BucketExists`](crate::Conflict::BucketExists) where the name is taken.
    async fn create_bucket(&self, new: NewBucket) -> Result<Bucket, StoreError>;

    /// One bucket.
    async fn bucket(&self, name: &BucketName) -> Result<Option<Bucket>, StoreError>;

    /// All buckets by name.
    async fn buckets(&self) -> Result<Vec<Bucket>, StoreError>;
}
