//! Keys that another system issued, taken in without reissuing them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{KeyHash, KeyText, schema};

/// The most keys that one import may hold, and the most consumers.
pub const MOST_IMPORTED: usize = 50_000;

/// A batch of keys and of their consumers: all of them are taken in, or none.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportKeys {
    /// What is known of consumers that may not exist yet. Those that do stay as they are; the others are made, with or
    /// without a key, if `create_consumers` says so.
    #[schema(max_items = 50_000)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consumers: Vec<ImportConsumer>,
    /// The keys.
    #[schema(max_items = 50_000)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<ImportRow>,
    /// Whether consumers that do not exist are made; otherwise they are errors.
    #[serde(default)]
    pub create_consumers: bool,
    /// Whether keys that their consumer has already are passed over, so that an import that was interrupted can be
    /// repeated; otherwise they are errors, as the keys of other consumers always are.
    #[serde(default)]
    pub skip_existing: bool,
    /// Whether everything is checked and nothing is kept.
    #[serde(default)]
    pub dry_run: bool,
}

/// A consumer of an import. Its fields are read one by one, so that every bad one is reported.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportConsumer {
    /// Unique in the bucket.
    #[schema(value_type = schema::ConsumerName)]
    pub name: String,
    /// The `sub` of its tokens; its name if left out.
    #[schema(value_type = Option<schema::Subject>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Facts about it.
    #[schema(value_type = Option<Object>, nullable = false)]
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// For finding it again.
    #[schema(value_type = Option<Object>, nullable = false)]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Who may look after its keys: e-mail addresses, or subjects of sign-ins.
    #[schema(value_type = Option<Vec<schema::Manager>>, max_items = 32, nullable = false)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub managers: Vec<String>,
}

/// One key of an import. Its fields are read row by row, so that every bad row is reported and not the first alone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRow {
    /// Whose it is.
    #[schema(value_type = schema::ConsumerName)]
    pub consumer: String,
    /// The key itself; exactly one of `key` and `sha256` must be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyText>,
    /// The SHA-256 hash of the key, in hexadecimal or base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<KeyHash>,
    /// What it is for; empty if left out.
    #[schema(value_type = Option<schema::Label>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it may be used for.
    #[schema(value_type = Option<Vec<schema::Scope>>, max_items = 64, nullable = false)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// When it stops to work by itself; in the future. Never if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// What an import did, or what it would have done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedKeys {
    /// How many keys were taken in.
    pub imported: usize,
    /// How many were there already and were passed over.
    pub existing: usize,
    /// How many consumers were made for them.
    pub consumers_created: usize,
    /// Whether it was a dry run: then nothing was kept.
    pub dry_run: bool,
}
