//! Buckets: namespaces of consumers.

use mintgate_types::{BucketName, KeyPrefix, Revision, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{patch::present, schema};

/// The bucket that every installation has from its first start.
pub const DEFAULT_BUCKET: &str = "production";
/// What the keys of a bucket begin with where nobody says otherwise.
pub const DEFAULT_PREFIX: &str = "mgk";

/// A namespace of consumers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Bucket {
    /// Unique.
    #[schema(value_type = schema::BucketName)]
    pub name: BucketName,
    /// What its new keys begin with.
    #[schema(value_type = schema::KeyPrefix)]
    pub prefix: KeyPrefix,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Its last change.
    #[schema(value_type = schema::Revision)]
    pub revision: Revision,
}

/// All buckets, by name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BucketList {
    /// The buckets.
    pub data: Vec<Bucket>,
}

/// A bucket to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBucket {
    /// Unique.
    #[schema(value_type = schema::BucketName)]
    pub name: BucketName,
    /// What its keys begin with; `mgk` if left out.
    #[schema(value_type = Option<schema::KeyPrefix>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<KeyPrefix>,
}

/// What changes about a bucket, as a JSON merge patch (RFC 7396): what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateBucket {
    /// What its new keys begin with.
    #[schema(value_type = Option<schema::KeyPrefix>, nullable = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub prefix: Option<KeyPrefix>,
}
