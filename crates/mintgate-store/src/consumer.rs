//! Consumers: who holds keys.

use std::collections::BTreeMap;

use async_trait::async_trait;
use mintgate_types::{BucketName, ConsumerId, ConsumerName, Revision, Subject, TagName, TagValue, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Page, PageRequest, StoreError};

/// Who holds keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Consumer {
    /// Stays through renames.
    pub id: ConsumerId,
    /// Where it lives.
    pub bucket: BucketName,
    /// Unique in its bucket.
    pub name: ConsumerName,
    /// The `sub` of its tokens.
    pub subject: Subject,
    /// Facts about it that the configuration may map to claims.
    pub metadata: Metadata,
    /// For finding it again.
    pub tags: Tags,
    /// Whether its keys work.
    pub state: ConsumerState,
    /// When it was made.
    pub created: Timestamp,
    /// Its last change.
    pub revision: Revision,
}

/// Whether a consumer's keys work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsumerState {
    /// They do.
    Active,
    /// They do not, until it is enabled again.
    Disabled {
        /// Since when.
        since: Timestamp,
    },
}

/// A JSON object of at most 16 KiB.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(
    try_from = "serde_json::Map<String, serde_json::Value>",
    into = "serde_json::Map<String, serde_json::Value>"
)]
pub struct Metadata(serde_json::Map<String, serde_json::Value>);

/// Metadata that is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("metadata may have at most {longest} bytes as JSON, not {length}", longest = Metadata::LONGEST)]
pub struct InvalidMetadata {
    length: usize,
}

impl Metadata {
    /// The most bytes that it may have as JSON.
    pub const LONGEST: usize = 16 * 1024;

    /// The object itself.
    #[must_use]
    pub fn as_object(&self) -> &serde_json::Map<String, serde_json::Value> {
        &self.0
    }
}

impl TryFrom<serde_json::Map<String, serde_json::Value>> for Metadata {
    type Error = InvalidMetadata;

    fn try_from(object: serde_json::Map<String, serde_json::Value>) -> Result<Self, InvalidMetadata> {
        let length = serde_json::to_vec(&object).expect("a JSON object can be written").len();
        if length > Self::LONGEST { Err(InvalidMetadata { length }) } else { Ok(Self(object)) }
    }
}

impl From<Metadata> for serde_json::Map<String, serde_json::Value> {
    fn from(metadata: Metadata) -> Self {
        metadata.0
    }
}

/// Names and values by which consumers are found.
pub type Tags = BTreeMap<TagName, TagValue>;

/// A consumer to be made; it starts active.
#[derive(Debug, Clone)]
pub struct NewConsumer {
    /// Made by the caller.
    pub id: ConsumerId,
    /// Must exist.
    pub bucket: BucketName,
    /// Unique in the bucket.
    pub name: ConsumerName,
    /// The `sub` of its tokens.
    pub subject: Subject,
    /// Facts about it.
    pub metadata: Metadata,
    /// For finding it again.
    pub tags: Tags,
    /// When.
    pub created: Timestamp,
}

/// What changes about a consumer; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ConsumerChange {
    /// The new name.
    pub name: Option<ConsumerName>,
    /// The new subject.
    pub subject: Option<Subject>,
    /// All of the new metadata.
    pub metadata: Option<Metadata>,
    /// All of the new tags.
    pub tags: Option<Tags>,
    /// The new state.
    pub state: Option<ConsumerState>,
}

/// Which consumers are wanted.
#[derive(Debug, Clone, Default)]
pub struct ConsumerFilter {
    /// Of this bucket only.
    pub bucket: Option<BucketName>,
    /// Whose name begins so.
    pub name_prefix: Option<String>,
}

/// Consumers in the store.
#[async_trait]
pub trait Consumers: Send + Sync {
    /// Adds a consumer. Conflicts: `ConsumerExists`, `NoParent` where the bucket is missing.
    async fn create_consumer(&self, new: NewConsumer) -> Result<Consumer, StoreError>;

    /// One consumer by id.
    async fn consumer(&self, id: ConsumerId) -> Result<Option<Consumer>, StoreError>;

    /// One consumer by name.
    async fn consumer_by_name(
        &self,
        bucket: &BucketName,
        name: &ConsumerName,
    ) -> Result<Option<Consumer>, StoreError>;

    /// Consumers in the order of bucket and name.
    async fn consumers(
        &self,
        filter: &ConsumerFilter,
        page: PageRequest<(BucketName, ConsumerName)>,
    ) -> Result<Page<Consumer, (BucketName, ConsumerName)>, StoreError>;

    /// Changes a consumer. With `expected`, only if that is still its revision
    /// ([`Conflict::Stale`](crate::Conflict::Stale) otherwise). `None` where it does not exist.
    async fn update_consumer(
        &self,
        id: ConsumerId,
        change: ConsumerChange,
        expected: Option<Revision>,
    ) -> Result<Option<Consumer>, StoreError>;

    /// Removes a consumer and all of its keys in one transaction. `None` where it does not exist.
    async fn delete_consumer(
        &self,
        id: ConsumerId,
        expected: Option<Revision>,
    ) -> Result<Option<Consumer>, StoreError>;
}
