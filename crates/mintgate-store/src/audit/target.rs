//! What something was done to.

use mintgate_types::{BucketName, KeyId, Kid, Label};
use serde::{Deserialize, Serialize};

use crate::{AdminTokenRecord, Consumer, Session};

/// What something was done to. Text, because what it names may be gone, or be of a later version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditTarget {
    /// What kind of thing.
    pub kind: String,
    /// What it is known by for good.
    pub id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it lives, if in a bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
}

/// What kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetKind {
    /// A bucket.
    Bucket,
    /// A consumer.
    Consumer,
    /// A key.
    Key,
    /// A signing key.
    SigningKey,
    /// An admin token.
    AdminToken,
    /// A browser that signed in.
    Session,
    /// More than one bucket, or none.
    Store,
}

impl TargetKind {
    /// Its name in entries.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Consumer => "consumer",
            Self::Key => "key",
            Self::SigningKey => "signing_key",
            Self::AdminToken => "admin_token",
            Self::Session => "session",
            Self::Store => "store",
        }
    }
}

impl AuditTarget {
    fn new(kind: TargetKind, id: impl Into<String>) -> Self {
        Self { kind: kind.name().to_owned(), id: id.into(), name: None, bucket: None }
    }

    /// A bucket.
    #[must_use]
    pub fn bucket(name: &BucketName) -> Self {
        Self { bucket: Some(name.clone()), ..Self::new(TargetKind::Bucket, name.as_str()) }
    }

    /// A consumer.
    #[must_use]
    pub fn consumer(consumer: &Consumer) -> Self {
        Self {
            name: Some(consumer.name.to_string()),
            bucket: Some(consumer.bucket.clone()),
            ..Self::new(TargetKind::Consumer, consumer.id.as_str())
        }
    }

    /// A key, by its label, in the bucket of its consumer.
    #[must_use]
    pub fn key(id: KeyId, label: &Label, bucket: BucketName) -> Self {
        let name = Some(label.to_string()).filter(|label| !label.is_empty());
        Self { name, bucket: Some(bucket), ..Self::new(TargetKind::Key, id.as_str()) }
    }

    /// A session. It is named by the beginning of its fingerprint, enough to tell it from others and no more.
    #[must_use]
    pub fn session(session: &Session) -> Self {
        use std::fmt::Write as _;
        let mut id = String::new();
        for byte in &session.fingerprint.as_bytes()[..8] {
            write!(id, "{byte:02x}").expect("a string takes everything");
        }
        Self::new(TargetKind::Session, id)
    }

    /// A signing key.
    #[must_use]
    pub fn signing_key(kid: &Kid) -> Self {
        Self::new(TargetKind::SigningKey, kid.as_str())
    }

    /// An admin token.
    #[must_use]
    pub fn admin_token(token: &AdminTokenRecord) -> Self {
        Self { name: Some(token.name.to_string()), ..Self::new(TargetKind::AdminToken, token.id.as_str()) }
    }

    /// Many things of one bucket; of several or of none, the store.
    #[must_use]
    pub fn many(bucket: Option<&BucketName>) -> Self {
        bucket.map_or_else(Self::store, Self::bucket)
    }

    /// The store.
    #[must_use]
    pub fn store() -> Self {
        Self::new(TargetKind::Store, "store")
    }

    /// What a refused request named; nothing says that it exists.
    #[must_use]
    pub fn named(kind: TargetKind, id: String, bucket: Option<BucketName>) -> Self {
        Self { bucket, ..Self::new(kind, id) }
    }
}
