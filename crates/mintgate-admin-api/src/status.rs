//! How the installation is.

use mintgate_types::{Revision, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{SigningKey, schema};

/// How the installation is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Of the node that answers.
    pub version: String,
    /// The nodes that serve.
    pub nodes: Vec<Node>,
    /// Where everything is kept.
    pub store: StoreStatus,
    /// How many keys there are.
    pub keys: KeyCounts,
    /// The keys that sign tokens, oldest first; those that left the JWKS are left out.
    pub signing_keys: Vec<SigningKey>,
}

/// A process that serves.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// What it is called.
    pub name: String,
    /// Since when it runs.
    #[schema(value_type = String, format = DateTime)]
    pub started: Timestamp,
    /// For how long it runs.
    pub uptime_seconds: u64,
    /// Which change of the store it has seen last.
    #[schema(value_type = schema::Revision)]
    pub revision: Revision,
    /// Whether it can serve.
    pub ready: bool,
}

/// Where everything is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StoreStatus {
    /// Which backend.
    #[schema(example = "sqlite")]
    pub kind: String,
    /// The last change.
    #[schema(value_type = schema::Revision)]
    pub revision: Revision,
}

/// How many keys there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyCounts {
    /// All.
    pub total: u64,
    /// Those that were revoked.
    pub revoked: u64,
}
