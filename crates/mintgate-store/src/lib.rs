//! The port to storage: what Mintgate asks of a store, and the suite that every backend must pass.
//!
//! One trait per aggregate, [`Store`] for all of them. What is absent is `Ok(None)`. Identifiers and times come in
//! as arguments: a store invents nothing but revisions. Every change takes the next [`Revision`](mintgate_types::Revision) in its own
//! transaction, and is on disk before the call returns; what is refused takes none. Times are kept to the microsecond
//! ([`kept_time`]). Whoever changes something says who asks for it ([`Author`]), and the change's transaction writes
//! that into the [audit log](Audit). No SQL here, and no knowledge of any backend.

mod admin_token;
mod audit;
mod author;
mod backup;
mod bucket;
mod bulk;
mod change;
#[cfg(feature = "conformance")]
#[expect(missing_docs, reason = "the name of each promise is the promise")]
pub mod conformance;
mod consumer;
mod creation;
mod error;
mod key;
mod master_key;
mod page;
mod receipt;
mod search;
mod session;
mod signing_key;
mod time;
mod usage;

pub use admin_token::{
    AdminRole, AdminTokenRecord, AdminTokenRoll, AdminTokenState, AdminTokens, InvalidRole, NewAdminToken,
    RolledAdminToken,
};
pub use audit::{
    Audit, AuditAction, AuditDraft, AuditEntry, AuditFilter, AuditFlaw, AuditHash, AuditMark, AuditOrder,
    AuditOutcome, AuditRecord, AuditTarget, AuditVerdict, InvalidAuditHash, RefusedAttempt, TargetKind, Told,
    UnreadableEntry, differences, of_admin_token, of_bucket, of_consumer, of_key, of_session, of_signing_key,
};
pub use author::{Actor, ActorKind, Author, SystemPart};
pub use backup::{Backup, Backups};
pub use bucket::{Bucket, Buckets, NewBucket, Within};
pub use bulk::{Bulk, Holder, NewHolder};
pub use change::{ChangeSet, Changes, Loaded};
pub use consumer::{
    Consumer, ConsumerChange, ConsumerFilter, ConsumerState, Consumers, InvalidMetadata, Metadata,
    NewConsumer, Tags,
};
pub use creation::{Created, Creation, Makes, NewImport};
pub use error::{Conflict, StoreError};
pub use key::{
    Key, KeyChange, KeyFilter, KeyFormat, KeyRoll, KeyStanding, KeyState, Keys, NewKey, Revocation, Rolled,
};
pub use master_key::{AuditSeal, MasterKey, Purpose, StoreCheck};
pub use page::{Page, PageRequest};
pub use receipt::{Keep, Receipt, ReceiptId, Receipts, RequestMark, SealedReply};
pub use search::{
    ConsumerOrder, ConsumerPosition, ConsumerSearch, InvalidMetadataMatch, MetadataMatch, Search,
};
pub use session::{Session, SessionFingerprint, SessionHolder, Sessions, SignedIn, TokenMark};
pub use signing_key::{SealedPrivateKey, SigningKeyRecord, SigningKeys};
pub use time::{kept_microseconds, kept_time};
pub use usage::{
    KeyUse, RefusalCount, RefusalPoint, TopBy, TopEntry, TopRequest, Usage, UsageBatch, UsageOf, UsagePoint,
    UsageSpan,
};

/// Everything that a backend offers.
pub trait Store:
    Buckets
    + Bulk
    + Consumers
    + Keys
    + Search
    + SigningKeys
    + AdminTokens
    + Changes
    + Audit
    + Sessions
    + Backups
    + Receipts
    + Usage
{
}

impl<T> Store for T where
    T: Buckets
        + Bulk
        + Consumers
        + Keys
        + Search
        + SigningKeys
        + AdminTokens
        + Changes
        + Audit
        + Sessions
        + Backups
        + Receipts
        + Usage
{
}
