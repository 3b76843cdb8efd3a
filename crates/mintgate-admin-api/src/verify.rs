//! Asking about a key without sending a request through the gateway.

use mintgate_types::{Audience, OriginName, ScopeSet};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{Consumer, Key, KeyText, TokenText, schema};

/// A key that somebody presented, and what for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyKey {
    /// The key, as it was presented. It goes into no log and no reply.
    pub key: KeyText,
    /// The scopes that it must have, all of them.
    #[schema(value_type = Option<Vec<schema::Scope>>, max_items = 64, nullable = false)]
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub scopes: ScopeSet,
    /// An origin of the configuration: then the reply shows the token that would be forwarded to it.
    #[schema(value_type = Option<schema::OriginName>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<OriginName>,
}

/// What the gateway makes of a key at this moment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct VerifiedKey {
    /// Whether it lets the key through.
    pub valid: bool,
    /// Why not. For admins alone: a caller of the gateway never learns it.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<KeyRefusal>,
    /// The key, if it is one of ours; also where it does not work any more.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// Who holds it.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<Consumer>,
    /// What would be forwarded to the origin that was asked about.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<ShownToken>,
}

/// Why a key is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyRefusal {
    /// It cannot be anybody's key: its length, its characters or its checksum are wrong.
    Malformed,
    /// Nobody holds such a key.
    Unknown,
    /// It was revoked.
    Revoked,
    /// Its expiry or its grace period is over.
    Expired,
    /// Its consumer is disabled.
    ConsumerDisabled,
    /// The configured mapping makes no claims of its consumer's metadata.
    NoClaims,
    /// It works, but lacks one of the scopes that were asked for.
    InsufficientScope,
    /// A reason that this version does not know.
    #[serde(other, skip_serializing)]
    #[schema(ignore)]
    Other,
}

impl KeyRefusal {
    /// As it stands in replies.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::ConsumerDisabled => "consumer_disabled",
            Self::NoClaims => "no_claims",
            Self::InsufficientScope => "insufficient_scope",
            Self::Other => "other",
        }
    }
}

/// A token that the gateway would forward.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ShownToken {
    /// For whom it is.
    #[schema(value_type = schema::Audience)]
    pub audience: Audience,
    /// Its header.
    #[schema(value_type = Object)]
    pub header: Map<String, Value>,
    /// What it claims.
    #[schema(value_type = Object)]
    pub claims: Map<String, Value>,
    /// The token itself, which opens the origin until it expires; shown to owners alone.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<TokenText>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_called_the_same_in_code_and_in_replies() {
        for reason in [
            KeyRefusal::Malformed,
            KeyRefusal::Unknown,
            KeyRefusal::Revoked,
            KeyRefusal::Expired,
            KeyRefusal::ConsumerDisabled,
            KeyRefusal::NoClaims,
            KeyRefusal::InsufficientScope,
        ] {
            assert_eq!(serde_json::to_value(reason).expect("JSON"), reason.name());
        }
        assert_eq!(serde_json::from_str::<KeyRefusal>("\"later\"").ok(), Some(KeyRefusal::Other));
    }

    #[test]
    fn r38_a_question_does_not_show_its_key() {
        let question: VerifyKey = serde_json::from_str(r#"{"key":"mgk_secret"}"#).expect("a question");
        assert!(!format!("{question:?}").contains("secret"));
    }
}
