//! Who a valid key belongs to.

use std::sync::Arc;

use mintgate_signing::MappedClaims;
use mintgate_types::{BucketName, ConsumerId, ConsumerName, KeyId, Revision, ScopeSet, Subject, Timestamp};

/// The holder of a key that worked when it was looked up. Only a [`Snapshot`](crate::Snapshot) makes one.
#[derive(Clone)]
pub struct Caller {
    pub(crate) key: KeyId,
    pub(crate) key_revision: Revision,
    pub(crate) grace: Option<Grace>,
    pub(crate) ends_ms: i64,
    /// When the key was looked up: the moment that the whole request is judged by.
    pub(crate) seen: Timestamp,
    pub(crate) consumer: Arc<ConsumerView>,
    pub(crate) scopes: Arc<ScopeSet>,
}

/// What a token says of a consumer.
pub(crate) struct ConsumerView {
    pub(crate) id: ConsumerId,
    pub(crate) name: ConsumerName,
    pub(crate) subject: Subject,
    pub(crate) bucket: BucketName,
    pub(crate) claims: MappedClaims,
    pub(crate) standing: ConsumerStanding,
    pub(crate) revision: Revision,
}

/// Whether a consumer's keys work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConsumerStanding {
    Enabled,
    Disabled,
    /// The configured mapping makes no claims of its metadata.
    Unmappable,
}

/// The key was rolled and still works for a while; its holder should be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    /// When its successor was made.
    pub since: Timestamp,
    /// When it stops to work.
    pub until: Timestamp,
}

impl Caller {
    /// The key that was presented.
    #[must_use]
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// Whose key it is.
    #[must_use]
    pub fn consumer(&self) -> ConsumerId {
        self.consumer.id
    }

    /// The consumer's name.
    #[must_use]
    pub fn consumer_name(&self) -> &ConsumerName {
        &self.consumer.name
    }

    /// Where the consumer lives.
    #[must_use]
    pub fn bucket(&self) -> &BucketName {
        &self.consumer.bucket
    }

    /// Set while a rolled key still works.
    #[must_use]
    pub fn grace(&self) -> Option<Grace> {
        self.grace
    }

    /// When the key was looked up.
    #[must_use]
    pub fn seen(&self) -> Timestamp {
        self.seen
    }

    /// When the key stops to work, if something ends it.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.ends_ms).ok()
    }
}

impl mintgate_policy::Caller for Caller {
    fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }
}
