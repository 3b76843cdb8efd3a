//! Consumers: who holds keys.

use std::collections::BTreeMap;

use async_trait::async_trait;
use mintgate_types::{
    BucketName, ConsumerId, ConsumerName, ManagerIdentity, Managers, Revision, Subject, TagName, TagValue,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{Author, Page, PageRequest, StoreError, Within};

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
    /// Who may look after its keys.
    pub managers: Managers,
    /// Whether its keys work.
    pub state: ConsumerState,
    /// When it was made.
    pub created: Timestamp,
    /// When one of its keys was last seen at work; as far behind as theirs. A load and a change set leave it out.
    pub last_used: Option<Timestamp>,
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

/// A JSON object of at most 16 KiB, not too deep, that every store can hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(
    try_from = "serde_json::Map<String, serde_json::Value>",
    into = "serde_json::Map<String, serde_json::Value>"
)]
pub struct Metadata(serde_json::Map<String, serde_json::Value>);

/// An object that is not metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMetadata {
    /// Too large.
    #[error("metadata may have at most {longest} bytes as JSON, not {length}", longest = Metadata::LONGEST)]
    TooLong {
        /// How long it is.
        length: usize,
    },
    /// Objects and arrays within each other.
    #[error("metadata may be at most {deepest} levels deep", deepest = Metadata::DEEPEST)]
    TooDeep,
    /// The character U+0000, which not every store and not every origin can hold.
    #[error("metadata may not contain the character U+0000")]
    Nul,
}

impl Metadata {
    /// The most bytes that it may have as JSON.
    pub const LONGEST: usize = 16 * 1024;

    /// The most objects and arrays that it may have within each other, itself included.
    pub const DEEPEST: usize = 32;

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
        if length > Self::LONGEST {
            return Err(InvalidMetadata::TooLong { length });
        }
        for (name, value) in &object {
            refuse_nul(name)?;
            inspect(value, Self::DEEPEST - 1)?;
        }
        Ok(Self(object))
    }
}

fn inspect(value: &serde_json::Value, levels: usize) -> Result<(), InvalidMetadata> {
    let deeper = || levels.checked_sub(1).ok_or(InvalidMetadata::TooDeep);
    match value {
        serde_json::Value::String(text) => refuse_nul(text),
        serde_json::Value::Array(values) => {
            let levels = deeper()?;
            values.iter().try_for_each(|value| inspect(value, levels))
        }
        serde_json::Value::Object(object) => {
            let levels = deeper()?;
            object.iter().try_for_each(|(name, value)| refuse_nul(name).and(inspect(value, levels)))
        }
        _ => Ok(()),
    }
}

fn refuse_nul(text: &str) -> Result<(), InvalidMetadata> {
    if text.contains('\0') { Err(InvalidMetadata::Nul) } else { Ok(()) }
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
    /// Who may look after its keys.
    pub managers: Managers,
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
    /// All of the new managers.
    pub managers: Option<Managers>,
    /// The new state.
    pub state: Option<ConsumerState>,
}

/// Which consumers are wanted.
#[derive(Debug, Clone, Default)]
pub struct ConsumerFilter {
    /// Of this bucket only.
    pub bucket: Option<BucketName>,
    /// Whose name begins so, to the letter.
    pub name_prefix: Option<String>,
    /// Of these buckets only.
    pub within: Within,
}

/// Consumers in the store.
#[async_trait]
pub trait Consumers: Send + Sync {
    /// Adds a consumer. Conflicts: `ConsumerExists` by name or by id, `NoParent` where the bucket is missing.
    async fn create_consumer(&self, new: NewConsumer, by: &Author) -> Result<Consumer, StoreError>;

    /// One consumer by id.
    async fn consumer(&self, id: ConsumerId) -> Result<Option<Consumer>, StoreError>;

    /// One consumer by name.
    async fn consumer_by_name(
        &self,
        bucket: &BucketName,
        name: &ConsumerName,
    ) -> Result<Option<Consumer>, StoreError>;

    /// For each name the consumer that has it in this bucket, in the order asked.
    async fn find_consumers(
        &self,
        bucket: &BucketName,
        names: &[ConsumerName],
    ) -> Result<Vec<Option<ConsumerId>>, StoreError>;

    /// Consumers in the order of bucket and name.
    async fn consumers(
        &self,
        filter: &ConsumerFilter,
        page: PageRequest<(BucketName, ConsumerName)>,
    ) -> Result<Page<Consumer, (BucketName, ConsumerName)>, StoreError>;

    /// The consumers that name somebody as a manager who is recognised by one of these, of one bucket or of all, in the
    /// order of bucket and name.
    async fn managed_consumers(
        &self,
        managers: &[ManagerIdentity],
        bucket: Option<&BucketName>,
        page: PageRequest<(BucketName, ConsumerName)>,
    ) -> Result<Page<Consumer, (BucketName, ConsumerName)>, StoreError>;

    /// Changes a consumer. With `expected`, only if that is still its revision
    /// ([`Conflict::Stale`](crate::Conflict::Stale) otherwise). `ConsumerExists` where the new name is taken. `None`
    /// where it does not exist. A change that changes nothing takes no revision.
    async fn update_consumer(
        &self,
        id: ConsumerId,
        change: ConsumerChange,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Consumer>, StoreError>;

    /// Removes a consumer and all of its keys in one transaction. `None` where it does not exist.
    async fn delete_consumer(
        &self,
        id: ConsumerId,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Consumer>, StoreError>;
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn metadata(object: &Value) -> Result<Metadata, InvalidMetadata> {
        Metadata::try_from(object.as_object().expect("an object").clone())
    }

    #[test]
    fn metadata_is_small_and_shallow() {
        let nested = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({ "a": inner }));
        assert!(metadata(&nested(Metadata::DEEPEST)).is_ok());
        assert_eq!(metadata(&nested(Metadata::DEEPEST + 1)), Err(InvalidMetadata::TooDeep));
        let listed = (0..Metadata::DEEPEST).fold(json!([]), |inner, _| json!([inner]));
        assert_eq!(metadata(&json!({ "a": listed })), Err(InvalidMetadata::TooDeep));
        let long = json!({"a": "x".repeat(Metadata::LONGEST)});
        assert!(matches!(metadata(&long), Err(InvalidMetadata::TooLong { .. })));
    }

    #[test]
    fn metadata_has_no_nul_character() {
        for bad in [json!({"a": "\0"}), json!({"\0": 1}), json!({"a": [{"\0": 1}]}), json!({"a": [["x\0"]]})]
        {
            assert_eq!(metadata(&bad), Err(InvalidMetadata::Nul), "{bad}");
        }
    }
}
