//! The contract of the admin API: paths, request and reply types, problems. The server answers in these types, and
//! the command line speaks in the same ones, so that neither can drift from the other.
//!
//! Names follow Zuplo's key API where the idea is the same (buckets, consumers, keys, tags, metadata): moving a
//! script is renaming. Requests refuse unknown fields; replies may gain fields, so readers must pass over what they
//! do not know. No I/O, and no knowledge of how anything is stored.

mod admin_token;
mod audit;
mod backup;
mod bucket;
mod bulk;
mod consumer;
mod import;
mod key;
mod page;
mod patch;
pub mod paths;
mod problem;
mod running_config;
pub mod schema;
mod search;
mod secret;
mod self_service;
mod session;
mod signing_key;
mod span;
mod status;
mod usage;
mod verify;

pub use admin_token::{
    AdminToken, AdminTokenList, AdminTokenSource, AdminTokenStateName, CallerRole, CreateAdminToken,
    IssuedAdminToken, Role, RollAdminToken, RolledAdminToken, RolledAdminTokens, Via, WhoAmI,
};
pub use audit::{
    AuditActor, AuditActorKind, AuditEntry, AuditMark, AuditOutcome, AuditPage, AuditTarget, AuditVerdict,
    ExportAudit, ListAudit, VerifyAudit,
};
pub use backup::{BackupHead, InvalidBackup};
pub use bucket::{Bucket, BucketList, CreateBucket, DEFAULT_BUCKET, DEFAULT_PREFIX, UpdateBucket};
pub use bulk::{
    CreateConsumers, CreatedConsumers, KeySelection, MOST_CREATED, MOST_SHOWN, RevokeKeys, RevokedKeys,
};
pub use consumer::{
    Consumer, ConsumerPage, ConsumerState, CreateConsumer, CreatedConsumer, TagPatch, UpdateConsumer,
};
pub use import::{ImportConsumer, ImportKeys, ImportRow, ImportedKeys, MOST_IMPORTED};
pub use key::{
    CreateKey, IssuedKey, Key, KeyFormat, KeyOwner, KeyPage, KeyStateName, ListKeys, RevokeKey, RevokedKey,
    RollKey, RollKeys, RolledInto, RolledKeys, UpdateKey,
};
pub use page::{Cursor, InvalidCursor, InvalidNamePrefix, InvalidPageLimit, NamePrefix, PageLimit};
pub use problem::{FieldProblem, Problem, ProblemCode};
pub use running_config::RunningConfig;
pub use search::{
    ConsumerSort, FindConsumers, FindKeys, InvalidSearchText, InvalidTagMatch, ListConsumers, MetadataFilter,
    SearchText, TagMatch,
};
pub use secret::{InvalidKeyHash, KeyHash, KeyText, TokenText};
pub use self_service::{
    ListOwnConsumers, ListOwnKeys, MOST_SUMMED, OwnConsumer, OwnConsumerPage, RollOwnKey,
};
pub use session::{OidcWay, Session, SignIn, SignInWays};
pub use signing_key::{
    RotateSigningKeys, RotationOutcome, SigningKey, SigningKeyList, SigningKeyRotation, SigningKeyStateName,
};
pub use span::{InvalidSpan, Span};
pub use status::{KeyCounts, Node, Status, StoreStatus};
pub use usage::{
    ByStatus, MOST_TOP, RefusalPoint, Refusals, RefusedRequests, Requests, ShowRefusals, ShowTop, ShowUsage,
    TopBy, TopEntry, Usage, UsagePoint, UsageStep, UsageTop,
};
pub use verify::{KeyRefusal, ShownToken, VerifiedKey, VerifyKey};
