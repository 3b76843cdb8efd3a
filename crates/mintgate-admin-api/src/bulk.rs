//! Many things at once.

use mintgate_types::{BucketName, ConsumerName, KeyId, Label, Reason, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CreateConsumer, CreatedConsumer, Key, Span, TagMatch, schema};

/// The most consumers that one batch may hold.
pub const MOST_CREATED: usize = 1_000;
/// The most keys that a reply about many keys shows.
pub const MOST_SHOWN: usize = 100;

/// Consumers to be made: all of them, or none.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateConsumers {
    /// The consumers.
    #[schema(min_items = 1, max_items = 1_000)]
    pub consumers: Vec<CreateConsumer>,
}

/// Consumers that were made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedConsumers {
    /// In the order of the request. The texts of their keys are shown here and never again.
    pub consumers: Vec<CreatedConsumer>,
}

/// Keys to be ended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeKeys {
    /// Which keys; what is revoked already is passed over.
    pub filter: KeySelection,
    /// Why, for those who read it later.
    #[schema(value_type = Option<schema::Reason>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Whether nothing is done, and only told what would be.
    #[serde(default)]
    pub dry_run: bool,
}

/// Keys that fit all of what is said; at least one thing must be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySelection {
    /// Of consumers in this bucket.
    #[schema(value_type = Option<schema::BucketName>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// Of this consumer; `bucket` must say where it lives.
    #[schema(value_type = Option<schema::ConsumerName>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<ConsumerName>,
    /// Of consumers with this tag.
    #[schema(value_type = Option<schema::TagMatch>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagMatch>,
    /// With exactly this label.
    #[schema(value_type = Option<schema::Label>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// That were made before then.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// That were not used for so long, or never since they were made so long ago; to the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused_for: Option<Span>,
    /// That another system issued, or that Mintgate did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<bool>,
    /// These only.
    #[schema(value_type = Option<Vec<schema::KeyId>>, min_items = 1, max_items = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<KeyId>>,
}

/// Keys that were ended, or would have been.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RevokedKeys {
    /// How many fit.
    pub matched: usize,
    /// How many of them were ended now.
    pub revoked: usize,
    /// Whether it was a dry run: then nothing was done.
    pub dry_run: bool,
    /// The first of them, by id; at most 100.
    pub keys: Vec<Key>,
}
