//! Buckets: namespaces of consumers, each with the prefix of its keys.

use std::collections::BTreeSet;

use async_trait::async_trait;
use mintgate_types::{BucketName, KeyPrefix, Revision, Timestamp};

use crate::{Author, StoreError};

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

/// Which buckets something may come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Within {
    /// Any.
    #[default]
    Everything,
    /// These.
    Buckets(BTreeSet<BucketName>),
}

impl Within {
    /// Whether what lives in this bucket may come.
    #[must_use]
    pub fn includes(&self, bucket: &BucketName) -> bool {
        match self {
            Self::Everything => true,
            Self::Buckets(buckets) => buckets.contains(bucket),
        }
    }
}

/// Buckets in the store.
#[async_trait]
pub trait Buckets: Send + Sync {
    /// Adds a bucket. [`Conflict::BucketExists`](crate::Conflict::BucketExists) where the name is taken.
    async fn create_bucket(&self, new: NewBucket, by: &Author) -> Result<Bucket, StoreError>;

    /// Gives a bucket's new keys another prefix. With `expected`, only if that is still its revision. `None` where it does not
    /// exist. The prefix that it has takes no revision.
    async fn update_bucket(
        &self,
        name: &BucketName,
        prefix: KeyPrefix,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Bucket>, StoreError>;

    /// Removes a bucket without consumers ([`Conflict::BucketNotEmpty`](crate::Conflict::BucketNotEmpty) otherwise). `None`
    /// where it does not exist.
    async fn delete_bucket(
        &self,
        name: &BucketName,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Bucket>, StoreError>;

    /// One bucket.
    async fn bucket(&self, name: &BucketName) -> Result<Option<Bucket>, StoreError>;

    /// All buckets by name.
    async fn buckets(&self) -> Result<Vec<Bucket>, StoreError>;
}
