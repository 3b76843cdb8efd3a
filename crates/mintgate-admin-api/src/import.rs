//! Keys that another system issued, taken in without reissuing them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{KeyHash, KeyText, schema};

/// The most keys that one import may hold.
pub const MOST_IMPORTED: usize = 10_000;

/// A batch of keys: all of them are taken in, or none.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportKeys {
    /// The keys.
    #[schema(min_items = 1, max_items = 10_000)]
    pub keys: Vec<ImportRow>,
    /// Whether consumers that do not exist are made; otherwise they are errors.
    #[serde(default)]
    pub create_consumers: bool,
    /// Whether everything is checked and nothing is kept.
    #[serde(default)]
    pub dry_run: bool,
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
    /// How many consumers were made for them.
    pub consumers_created: usize,
    /// Whether it was a dry run: then nothing was kept.
    pub dry_run: bool,
}
