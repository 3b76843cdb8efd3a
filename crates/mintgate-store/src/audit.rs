//! The audit log: what was done, by whom, chained so that a lost or altered entry is found.
//!
//! A backend appends an entry in the transaction of the change that it tells of. The text of an entry, which is what
//! is hashed, stored and exported, is made here, so that every backend has the same one. How somebody who has nothing
//! but an export can verify it stands in `docs/data-model.md`.

mod action;
mod entry;
mod hash;
mod target;
mod told;

use async_trait::async_trait;
use mintgate_types::Timestamp;

pub use action::AuditAction;
pub use entry::{AuditDraft, AuditEntry, AuditOutcome, AuditRecord, UnreadableEntry};
pub use hash::{AuditHash, InvalidAuditHash};
pub use target::{AuditTarget, TargetKind};
pub use told::{
    Told, differences, of_admin_token, of_bucket, of_consumer, of_key, of_session, of_signing_key,
};

use crate::{Author, Page, PageRequest, StoreError, Within};

/// Something that a known admin wanted and was not given.
#[derive(Debug, Clone)]
pub struct RefusedAttempt {
    /// What it would have been: the name of an [`AuditAction`], or of something that only reads.
    pub action: &'static str,
    /// On what.
    pub target: AuditTarget,
    /// Why not, as the reply said.
    pub code: String,
    /// How many attempts of this actor were refused since their last entry, before this one, and were not written down.
    pub passed_over: u64,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By whoever has this name or id.
    pub actor: Option<String>,
    /// This action, or every action on this kind of thing: `key.create`, or `key`.
    pub action: Option<String>,
    /// On what has this id or name.
    pub target: Option<String>,
    /// With this outcome.
    pub outcome: Option<AuditOutcome>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// Of these buckets only; then what concerns no bucket is left out.
    pub within: Within,
}

/// In which order entries come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOrder {
    /// The last one first.
    NewestFirst,
    /// The first one first.
    OldestFirst,
}

/// An entry that somebody noted outside of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditMark {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: AuditHash,
}

/// What verifying the log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerdict {
    /// How many entries were read.
    pub entries: u64,
    /// The last one, if the log is whole and has one.
    pub head: Option<AuditMark>,
    /// The first thing that is wrong.
    pub flaw: Option<AuditFlaw>,
}

/// Something that is wrong with the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFlaw {
    /// The first entry that is not as it was written, or is not there.
    pub seq: u64,
    /// What is wrong with it.
    pub problem: String,
}

/// The audit log in the store. Entries of changes are not appended here: each change brings its own.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Appends an attempt that was refused. It takes no revision.
    async fn note_refused(&self, refused: RefusedAttempt, by: &Author) -> Result<(), StoreError>;

    /// Entries in their order; positions are their numbers. A page may hold fewer than its limit, or none, and still not
    /// be the last: what one page looks at is bounded.
    async fn audit(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        page: PageRequest<u64>,
    ) -> Result<Page<AuditEntry, u64>, StoreError>;

    /// Reads the whole log at one moment and compares it with what was written; `mark` is an entry that must be in it.
    /// A flaw is an answer, not an error.
    async fn verify_audit(&self, mark: Option<AuditMark>) -> Result<AuditVerdict, StoreError>;
}
