//! Consumers: who holds keys.

use std::collections::BTreeMap;

use mintgate_types::{
    BucketName, ConsumerId, ConsumerName, Managers, Revision, Subject, TagName, TagValue, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{CreateKey, Cursor, IssuedKey, patch::present, schema};

/// Who holds keys.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Consumer {
    /// Stays through renames.
    #[schema(value_type = schema::ConsumerId)]
    pub id: ConsumerId,
    /// Where it lives.
    #[schema(value_type = schema::BucketName)]
    pub bucket: BucketName,
    /// Unique in its bucket.
    #[schema(value_type = schema::ConsumerName)]
    pub name: ConsumerName,
    /// The `sub` of its tokens.
    #[schema(value_type = schema::Subject)]
    pub subject: Subject,
    /// Facts about it.
    #[schema(value_type = schema::Metadata)]
    pub metadata: Map<String, Value>,
    /// For finding it again.
    #[schema(value_type = schema::Tags)]
    pub tags: BTreeMap<TagName, TagValue>,
    /// Who may look after its keys: e-mail addresses, or subjects of sign-ins.
    #[schema(value_type = Vec<schema::Manager>, max_items = 32)]
    #[serde(default)]
    pub managers: Managers,
    /// Whether its keys work.
    pub state: ConsumerState,
    /// Since when they do not, if they do not.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_since: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When one of its keys was last seen at work; as far behind as theirs.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
    /// Its last change.
    #[schema(value_type = schema::Revision)]
    pub revision: Revision,
}

/// Whether a consumer's keys work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConsumerState {
    /// They do.
    Active,
    /// They do not, until it is enabled again.
    Disabled,
}

/// Some of the consumers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConsumerPage {
    /// The consumers.
    pub data: Vec<Consumer>,
    /// Where the next page starts; absent where the list ends.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
}

/// A consumer to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateConsumer {
    /// Unique in the bucket.
    #[schema(value_type = schema::ConsumerName)]
    pub name: ConsumerName,
    /// The `sub` of its tokens; the name if left out.
    #[schema(value_type = Option<schema::Subject>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Facts about it.
    #[schema(value_type = Option<schema::Metadata>, nullable = false)]
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// For finding it again.
    #[schema(value_type = Option<schema::Tags>, nullable = false)]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<TagName, TagValue>,
    /// Who may look after its keys: e-mail addresses, or subjects of sign-ins.
    #[schema(value_type = Option<Vec<schema::Manager>>, max_items = 32, nullable = false)]
    #[serde(default, skip_serializing_if = "Managers::is_empty")]
    pub managers: Managers,
    /// Its first key; none is made if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<CreateKey>,
}

/// A consumer that was made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedConsumer {
    /// The consumer.
    pub consumer: Consumer,
    /// Its first key, if one was asked for. Its text is shown here and never again.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<IssuedKey>,
}

/// What changes about a consumer, as a JSON merge patch (RFC 7396): what is absent stays, and `null` removes a tag or a
/// member of the metadata.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateConsumer {
    /// The new name.
    #[schema(value_type = Option<schema::ConsumerName>, nullable = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub name: Option<ConsumerName>,
    /// The new subject.
    #[schema(value_type = Option<schema::Subject>, nullable = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// A merge patch to the metadata.
    #[schema(value_type = Option<schema::Metadata>, nullable = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// A merge patch to the tags.
    #[schema(value_type = Option<schema::TagPatch>, nullable = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagPatch>,
    /// All of its new managers; a list is replaced as a whole.
    #[schema(value_type = Option<Vec<schema::Manager>>, max_items = 32, nullable = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub managers: Option<Managers>,
    /// Whether its keys work.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub state: Option<ConsumerState>,
}

/// Tags to set, and tags to remove.
pub type TagPatch = BTreeMap<TagName, Option<TagValue>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_removes_a_tag_but_never_a_name() {
        let patch: UpdateConsumer =
            serde_json::from_str(r#"{"tags":{"plan":null,"team":"a"}}"#).expect("a patch");
        let tags = patch.tags.expect("tags");
        assert_eq!(tags.values().filter(|value| value.is_none()).count(), 1);
        assert!(serde_json::from_str::<UpdateConsumer>(r#"{"name":null}"#).is_err());
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let error =
            serde_json::from_str::<CreateConsumer>(r#"{"name":"a","subjet":"b"}"#).expect_err("a typo");
        assert!(error.to_string().contains("subjet"), "{error}");
    }
}
