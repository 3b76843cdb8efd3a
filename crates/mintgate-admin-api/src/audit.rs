//! The audit log: who did what.

use std::net::IpAddr;

use mintgate_types::{BucketName, RequestId, Revision, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{Cursor, PageLimit, schema};

/// An entry: something that was done, or that somebody wanted and was refused.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Counts entries from one, without gaps.
    pub seq: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Which change of the store it tells of; of a refusal, the last one before it.
    #[schema(value_type = schema::Revision)]
    pub revision: Revision,
    /// Who.
    pub actor: AuditActor,
    /// From where.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// By which request.
    #[schema(value_type = Option<String>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// What: the kind of thing, a dot, and what is done to it.
    #[schema(example = "key.revoke")]
    pub action: String,
    /// To what.
    pub target: AuditTarget,
    /// Whether it was done.
    pub outcome: AuditOutcome,
    /// Why not: the code of the problem that was the reply.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How it was, without secrets; of a change, the members that differ.
    #[schema(value_type = Option<Object>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// How it is since, without secrets; of a change, the members that differ.
    #[schema(value_type = Option<Object>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// The hash of the entry before.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub previous: String,
    /// SHA-256 of this entry.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditActor {
    /// What kind of actor.
    pub kind: AuditActorKind,
    /// What people call them.
    pub name: String,
    /// What programs know them by: of an admin, the id of the token.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What kind of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuditActorKind {
    /// A person or program that may manage.
    Admin,
    /// Mintgate itself.
    System,
    /// Who looks after the keys of some consumers.
    Manager,
}

/// What something was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditTarget {
    /// What kind of thing.
    #[schema(example = "key")]
    pub kind: String,
    /// What it is known by for good. Of a refused attempt, what the request named.
    pub id: String,
    /// What people call it.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it lives, if in a bucket.
    #[schema(value_type = Option<schema::BucketName>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
}

/// Whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuditOutcome {
    /// It was.
    Done,
    /// It was not.
    Refused,
}

/// Some of the entries, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The entries.
    pub data: Vec<AuditEntry>,
    /// Where the next page starts; absent where the list ends.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
}

macro_rules! wanted {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// By whoever has this name or id.
            #[param(max_length = 255, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub actor: Option<String>,
            /// This action, or every action on this kind of thing: `key.create`, or `key`.
            #[param(max_length = 255, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub action: Option<String>,
            /// On what has this id or name.
            #[param(max_length = 255, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub target: Option<String>,
            /// In this bucket.
            #[param(value_type = Option<schema::BucketName>, inline, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub bucket: Option<BucketName>,
            /// With this outcome.
            #[param(inline, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub outcome: Option<AuditOutcome>,
            /// From this moment on.
            #[param(value_type = Option<String>, format = DateTime, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub from: Option<Timestamp>,
            /// Before this moment.
            #[param(value_type = Option<String>, format = DateTime, nullable = false)]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub to: Option<Timestamp>,
            $(
                $(#[$member_doc])*
                #[param(inline, nullable = false)]
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $member: Option<$kind>,
            )*
        }
    };
}

wanted! {
    /// Which entries an export is to have.
    ExportAudit {}
}
wanted! {
    /// Which entries are wanted.
    ListAudit {
        /// Where the page starts.
        cursor: Cursor,
        /// How many items it may have.
        limit: PageLimit,
    }
}

/// How the log is to be verified.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyAudit {
    /// An entry that somebody noted outside of the store, which must be in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<AuditMark>,
}

/// An entry by its number and hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditMark {
    /// Its number.
    #[schema(minimum = 1)]
    pub seq: u64,
    /// Its hash.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

/// What verifying the log came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditVerdict {
    /// Whether every entry is as it was written.
    pub ok: bool,
    /// How many entries were read and found in order.
    pub entries: u64,
    /// The last entry, if all are in order and there is one. Note it somewhere else: then a later look can tell whether
    /// the log was replaced by an older one.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<AuditMark>,
    /// The first entry that is not as it was written, or is not there.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_bad_seq: Option<u64>,
    /// What is wrong with it.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
