//! An entry, from its draft to its text.

use std::net::IpAddr;

use mintgate_types::{RequestId, Revision, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AuditAction, AuditHash, AuditTarget};
use crate::{Actor, Author, kept_time};

/// What an entry will say, before it has its place in the chain.
#[derive(Debug, Clone)]
pub struct AuditDraft {
    /// Who, from where, and when.
    pub by: Author,
    /// The revision of the change; of a refusal, that of the store.
    pub revision: Revision,
    /// What.
    pub action: &'static str,
    /// To what.
    pub target: AuditTarget,
    /// Why not, where it was refused.
    pub refused: Option<String>,
    /// How it was. No secret, no fingerprint.
    pub before: Option<Value>,
    /// How it is since. No secret, no fingerprint.
    pub after: Option<Value>,
}

/// What an entry says. The order of the members is the order in its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Counts entries from one, without gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Which change; of a refusal, the change before it. Every revision has an entry.
    pub revision: Revision,
    /// Who.
    pub actor: Actor,
    /// From where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// By which request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// What.
    pub action: String,
    /// To what.
    pub target: AuditTarget,
    /// Whether it was done.
    pub outcome: AuditOutcome,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// How it is since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// The hash of the entry before.
    pub previous: AuditHash,
}

/// Whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was.
    Done,
    /// It was not.
    Refused,
}

impl AuditOutcome {
    /// Its name in entries.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    record: AuditRecord,
    text: String,
    hash: AuditHash,
}

/// Text that is no entry.
#[derive(Debug, thiserror::Error)]
#[error("not the text of an audit entry")]
pub struct UnreadableEntry(#[source] serde_json::Error);

impl AuditDraft {
    /// Of a change.
    #[must_use]
    pub fn done(by: Author, revision: Revision, action: AuditAction, target: AuditTarget) -> Self {
        Self { by, revision, action: action.name(), target, refused: None, before: None, after: None }
    }

    /// With how it was.
    #[must_use]
    pub fn with_before(self, before: Value) -> Self {
        Self { before: Some(before), ..self }
    }

    /// With how it is since.
    #[must_use]
    pub fn with_after(self, after: Value) -> Self {
        Self { after: Some(after), ..self }
    }

    /// Gives the draft its place after the entry with this hash.
    #[must_use]
    pub fn placed(self, seq: u64, previous: AuditHash) -> AuditEntry {
        let Self { by, revision, action, target, refused, before, after } = self;
        let record = AuditRecord {
            seq,
            at: kept_time(by.at),
            revision,
            actor: by.actor,
            address: by.address,
            request_id: by.request,
            action: action.to_owned(),
            target,
            outcome: if refused.is_some() { AuditOutcome::Refused } else { AuditOutcome::Done },
            code: refused,
            before,
            after,
            previous,
        };
        let text = serde_json::to_string(&record).expect("an entry has nothing that JSON cannot hold");
        let hash = AuditHash::of(&text);
        AuditEntry { record, text, hash }
    }
}

impl AuditEntry {
    /// From its stored text. The hash is computed, not believed.
    pub fn from_text(text: String) -> Result<Self, UnreadableEntry> {
        let record = serde_json::from_str(&text).map_err(UnreadableEntry)?;
        let hash = AuditHash::of(&text);
        Ok(Self { record, text, hash })
    }

    /// What it says.
    #[must_use]
    pub fn record(&self) -> &AuditRecord {
        &self.record
    }

    /// What is hashed: JSON without white space, members in the order of [`AuditRecord`].
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The hash of the text.
    #[must_use]
    pub fn hash(&self) -> AuditHash {
        self.hash
    }

    /// The line of an export: the text with its hash as one more member at the end.
    #[must_use]
    pub fn line(&self) -> String {
        let open = self.text.strip_suffix('}').expect("the text of an entry is a JSON object");
        format!("{open},\"hash\":\"{}\"}}", self.hash)
    }
}
