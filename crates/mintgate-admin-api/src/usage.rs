//! Usage: how many requests there were.

use std::collections::BTreeMap;

use mintgate_types::{
    BucketName, ConsumerName, KeyId, RefusalReason, RequestCounts, Timestamp, UsageStep as Step,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{KeyOwner, schema};

/// How long a period is over which requests are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UsageStep {
    /// A full hour, UTC. Kept for 35 days.
    Hour,
    /// A day, UTC. Kept for 400 days.
    Day,
}

impl From<UsageStep> for Step {
    fn from(step: UsageStep) -> Self {
        match step {
            UsageStep::Hour => Self::Hour,
            UsageStep::Day => Self::Day,
        }
    }
}

impl From<Step> for UsageStep {
    fn from(step: Step) -> Self {
        match step {
            Step::Hour => Self::Hour,
            Step::Day => Self::Day,
        }
    }
}

/// Whose usage is wanted, and when.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ShowUsage {
    /// Of this bucket only; of all if left out.
    #[param(value_type = Option<schema::BucketName>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// Of this consumer of the bucket only.
    #[param(value_type = Option<schema::ConsumerName>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<ConsumerName>,
    /// Of this key only; then neither bucket nor consumer.
    #[param(value_type = Option<schema::KeyId>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    /// From when on; if left out, a day before `to`, or 30 where days are wanted.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when; now if left out.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// In which steps; if left out, hours for three days and less, and days for more.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<UsageStep>,
}

/// Requests over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// How long each period is.
    pub step: UsageStep,
    /// When the first period begins.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// When the last period ends.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Every period, in order, those without requests among them.
    #[schema(max_items = 900)]
    pub points: Vec<UsagePoint>,
    /// All periods together.
    pub totals: Requests,
}

/// The requests of one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsagePoint {
    /// When the period begins.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How many there were.
    #[serde(flatten)]
    pub counts: Requests,
}

/// How many requests there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Requests {
    /// Those that were let through.
    pub requests: u64,
    /// The same by the class of the reply that the caller got. Who went away before the reply counts as 4xx.
    pub by_status: ByStatus,
    /// Those with a known key that the gate refused; not among `requests`.
    pub refused: u64,
}

/// Requests by the class of the reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ByStatus {
    /// Success.
    #[serde(rename = "2xx")]
    pub success: u64,
    /// Elsewhere, or not modified.
    #[serde(rename = "3xx")]
    pub redirection: u64,
    /// Errors of the caller.
    #[serde(rename = "4xx")]
    pub client_error: u64,
    /// Errors of the origin, or an origin that did not answer.
    #[serde(rename = "5xx")]
    pub server_error: u64,
}

impl From<RequestCounts> for Requests {
    fn from(counts: RequestCounts) -> Self {
        let [success, redirection, client_error, server_error] = counts.by_class;
        let by_status = ByStatus { success, redirection, client_error, server_error };
        Self { requests: counts.served(), by_status, refused: counts.refused }
    }
}

/// Who is ranked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TopBy {
    /// Consumers.
    #[default]
    Consumer,
    /// Keys.
    Key,
}

/// Who of those with the most requests is wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ShowTop {
    /// Who is ranked; consumers if left out.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<TopBy>,
    /// Of this bucket only; of all if left out.
    #[param(value_type = Option<schema::BucketName>, inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// From when on; a day before `to` if left out. To the hour for three hours and less, else whole
    /// days.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when; now if left out.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// How many; 10 if left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Those with the most requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageTop {
    /// When the first period begins.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// When the last period ends.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// When this was counted: now, or a moment ago where counting takes long.
    #[schema(value_type = String, format = DateTime)]
    pub counted_at: Timestamp,
    /// Most requests first.
    pub data: Vec<TopEntry>,
}

/// One of those with the most requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TopEntry {
    /// The consumer.
    pub consumer: KeyOwner,
    /// The key, where keys are ranked.
    #[schema(value_type = Option<schema::KeyId>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    /// How many there were.
    #[serde(flatten)]
    pub counts: Requests,
}

/// When refusals are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ShowRefusals {
    /// From when on; if left out, a day before `to`, or 30 where days are wanted.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when; now if left out.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// In which steps; if left out, hours for three days and less, and days for more.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<UsageStep>,
}

/// What the gate refused over time, with a known key or without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refusals {
    /// How long each period is.
    pub step: UsageStep,
    /// When the first period begins.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// When the last period ends.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Every period, in order, those without refusals among them.
    #[schema(max_items = 900)]
    pub points: Vec<RefusalPoint>,
    /// All periods together.
    pub totals: RefusedRequests,
}

/// What was refused in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusalPoint {
    /// When the period begins.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How much it was.
    #[serde(flatten)]
    pub counts: RefusedRequests,
}

/// How many requests were refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedRequests {
    /// All.
    pub refused: u64,
    /// By reason: `invalid_request`, `too_large`, `too_slow`, `no_route`, `method_not_allowed`, `no_credential`,
    /// `malformed_credential`, `unknown_key`, `expired_key`, `revoked_key`, `disabled_consumer`, `insufficient_scope`,
    /// `not_ready`. Reasons without requests are left out.
    pub by_reason: BTreeMap<String, u64>,
}

impl RefusedRequests {
    /// Adds refusals of one reason.
    pub fn add(&mut self, reason: RefusalReason, count: u64) {
        self.refused = self.refused.saturating_add(count);
        let sum = self.by_reason.entry(reason.code().to_owned()).or_default();
        *sum = sum.saturating_add(count);
    }
}

/// How many of the largest may be asked for.
pub const MOST_TOP: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_has_its_counts_beside_its_time() {
        let counts = RequestCounts { by_class: [1, 2, 3, 4], refused: 5 };
        let point = UsagePoint { at: Timestamp::UNIX_EPOCH, counts: counts.into() };
        let json = serde_json::json!({
            "at": "1970-01-01T00:00:00Z",
            "requests": 10,
            "by_status": { "2xx": 1, "3xx": 2, "4xx": 3, "5xx": 4 },
            "refused": 5,
        });
        assert_eq!(serde_json::to_value(&point).expect("JSON"), json);
        assert_eq!(serde_json::from_value::<UsagePoint>(json).expect("its own"), point);
    }

    #[test]
    fn the_reasons_are_all_told() {
        let document = include_str!("usage.rs");
        let (_, told) = document.split_once("/// By reason:").expect("the field");
        let (told, _) = told.split_once("pub by_reason").expect("the field");
        for reason in RefusalReason::ALL {
            assert!(told.contains(&format!("`{reason}`")), "{reason}");
        }
    }
}
