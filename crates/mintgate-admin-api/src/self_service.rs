//! Self-service: what the managers of consumers see, and the one thing that they can do.

use mintgate_types::{BucketName, ConsumerName, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{ConsumerState, Cursor, PageLimit, Span, schema};

/// A consumer, as its managers see it: not who else manages it, nor what admins keep about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnConsumer {
    /// Where it lives.
    #[schema(value_type = schema::BucketName)]
    pub bucket: BucketName,
    /// Unique in its bucket.
    #[schema(value_type = schema::ConsumerName)]
    pub name: ConsumerName,
    /// Whether its keys work. Those of a disabled one cannot be rolled.
    pub state: ConsumerState,
    /// Since when they do not, if they do not.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_since: Option<Timestamp>,
}

/// Some of one's consumers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnConsumerPage {
    /// The consumers.
    pub data: Vec<OwnConsumer>,
    /// Where the next page starts; absent where the list ends.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
}

/// Which of one's consumers are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListOwnConsumers {
    /// Where the page starts.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// How many items it may have.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<PageLimit>,
}

/// Which keys of one's consumers are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListOwnKeys {
    /// Of consumers in this bucket only.
    #[param(value_type = Option<schema::BucketName>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// Of this consumer of the bucket only.
    #[param(value_type = Option<schema::ConsumerName>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<ConsumerName>,
    /// Where the page starts.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// How many items it may have.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<PageLimit>,
}

/// A successor for one of one's keys. It is like the old one: label, scopes and as long a life are the admins' to change.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollOwnKey {
    /// How long the old key goes on working; a day if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Span>,
}

/// Over how many consumers requests are summed where none is named.
pub const MOST_SUMMED: u32 = 100;
