//! The configuration in force.

use mintgate_types::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The configuration that this node serves by. Secrets are not in it: only where they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunningConfig {
    /// The file that it was read from, as the server names it.
    #[schema(example = "mintgate.toml")]
    pub file: String,
    /// When what is in force was read.
    #[schema(value_type = String, format = DateTime)]
    pub loaded: Timestamp,
    /// The sections of `mintgate.toml` with all their settings, those that were left out included.
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
}
