//! Admin tokens: who may manage, and what.

use mintgate_types::{ActorName, AdminTokenId, BucketName, Revision, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{KeyText, Span, schema};

/// What an admin may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Owner,
    /// Work with consumers and keys.
    Operator,
    /// Read everything but secrets, and change nothing.
    Auditor,
}

/// An admin token. Its text is not here: nobody has it but its holder.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminToken {
    /// Its public part; a token of the configuration has none.
    #[schema(value_type = Option<schema::AdminTokenId>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<AdminTokenId>,
    /// What its holder is called in logs.
    #[schema(value_type = schema::ActorName)]
    pub name: ActorName,
    /// What its holder may do.
    pub role: Role,
    /// In which buckets; absent for all, and for what is in none.
    #[schema(value_type = Option<Vec<schema::BucketName>>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Vec<BucketName>>,
    /// Where it comes from.
    pub source: AdminTokenSource,
    /// Whether it works, as of this reply.
    pub state: AdminTokenStateName,
    /// When it was made.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it stops to work by itself.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What replaced it, if something did.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled: Option<RolledAdminToken>,
    /// Since when it is revoked, if it is.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// Its last change; a token of the configuration has none.
    #[schema(value_type = Option<schema::Revision>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
}

/// Where an admin token comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AdminTokenSource {
    /// The configuration names its file. It cannot be changed through this API.
    Config,
    /// It was made through this API.
    Store,
}

/// Whether an admin token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AdminTokenStateName {
    /// It does.
    Active,
    /// It does, until its grace period ends: a successor exists.
    Rolled,
    /// It does not: its expiry or its grace period is over.
    Expired,
    /// It does not, and never will again.
    Revoked,
}

/// What replaced an admin token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RolledAdminToken {
    /// When its successor was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When the old one stops to work.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// What its holder should use instead.
    #[schema(value_type = schema::AdminTokenId)]
    pub successor: AdminTokenId,
}

/// All admin tokens: those of the configuration, then the others by name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminTokenList {
    /// The tokens.
    pub data: Vec<AdminToken>,
}

/// An admin token to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAdminToken {
    /// What its holder is called in logs; no other active token may have it.
    #[schema(value_type = schema::ActorName)]
    pub name: ActorName,
    /// What its holder may do.
    pub role: Role,
    /// In which buckets, which must exist; everywhere if left out.
    #[schema(value_type = Option<Vec<schema::BucketName>>, min_items = 1, max_items = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Vec<BucketName>>,
    /// When it stops to work by itself; in the future. Never if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A new admin token, with its text. The text is in this reply and in no other, ever.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct IssuedAdminToken {
    /// What its holder presents. Keep it now: it cannot be shown again.
    pub token: KeyText,
    /// What is known of it.
    pub admin_token: AdminToken,
}

/// A successor for an admin token.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollAdminToken {
    /// How long the old one goes on working; a day if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Span>,
    /// When the new one stops to work by itself; if left out, after as long a life as the old one was given.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// What a roll did.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RolledAdminTokens {
    /// The new one, with its text.
    pub issued: IssuedAdminToken,
    /// The old one as it is now.
    pub replaced: AdminToken,
}

/// Whose the credential is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhoAmI {
    /// What they are called in logs.
    pub name: String,
    /// What they may do.
    pub role: CallerRole,
    /// In which buckets; absent for all, and for what is in none.
    #[schema(value_type = Option<Vec<schema::BucketName>>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Vec<BucketName>>,
    /// When the credential stops to work by itself.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// How they came.
    pub via: Via,
}

/// What somebody may do who asks: a [`Role`], or to look after the keys of some consumers, which no token and no group can
/// give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CallerRole {
    /// Everything.
    Owner,
    /// Work with consumers and keys.
    Operator,
    /// Read everything but secrets, and change nothing.
    Auditor,
    /// See and roll the keys of the consumers that name them as a manager, below `/v1/self`.
    Manager,
}

impl CallerRole {
    /// As replies name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Manager => "manager",
        }
    }
}

impl From<Role> for CallerRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Operator => Self::Operator,
            Role::Auditor => Self::Auditor,
        }
    }
}

/// How somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// With a token in the request.
    Token,
    /// With a sign-in before.
    Session,
}
