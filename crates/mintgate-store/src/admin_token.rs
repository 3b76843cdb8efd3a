//! Admin tokens: who may manage. Never their text.

use std::str::FromStr;

use async_trait::async_trait;
use mintgate_apikey::KeyFingerprint;
use mintgate_types::{ActorName, AdminTokenId, Revision, Timestamp};

use crate::{Author, StoreError, Within};

/// An admin token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminTokenRecord {
    /// Its public part.
    pub id: AdminTokenId,
    /// What its holder is called.
    pub name: ActorName,
    /// What a presented token is compared with.
    pub fingerprint: KeyFingerprint,
    /// What its holder may do.
    pub role: AdminRole,
    /// In which buckets. With `Everything` goes what is in no bucket.
    pub within: Within,
    /// When it was made.
    pub created: Timestamp,
    /// When it stops to work by itself.
    pub expires: Option<Timestamp>,
    /// Whether it works.
    pub state: AdminTokenState,
    /// Its last change.
    pub revision: Revision,
}

/// What an admin may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdminRole {
    /// Everything.
    Owner,
    /// Work with consumers and keys.
    Operator,
    /// Read, and change nothing.
    Auditor,
}

/// Text that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is owner, operator or auditor")]
pub struct InvalidRole;

impl AdminRole {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }
}

impl FromStr for AdminRole {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        [Self::Owner, Self::Operator, Self::Auditor]
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or(InvalidRole)
    }
}

/// Whether an admin token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminTokenState {
    /// It does.
    Active,
    /// A successor exists; it works until the grace period ends.
    Rolled {
        /// When its successor was made.
        at: Timestamp,
        /// When it stops to work.
        until: Timestamp,
        /// What its holder should use instead.
        successor: AdminTokenId,
    },
    /// It does not, and never will again.
    Revoked {
        /// Since when.
        at: Timestamp,
    },
}

impl AdminTokenRecord {
    /// The moment from which it does not work, however that came about; `None` if nothing ends it.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        let by_state = match self.state {
            AdminTokenState::Active => None,
            AdminTokenState::Rolled { until, .. } => Some(until),
            AdminTokenState::Revoked { at } => Some(at),
        };
        match (self.expires, by_state) {
            (Some(expires), Some(by_state)) => Some(expires.min(by_state)),
            (either, None) | (None, either) => either,
        }
    }
}

/// An admin token to be stored; it starts active.
#[derive(Debug, Clone)]
pub struct NewAdminToken {
    /// Made by the caller.
    pub id: AdminTokenId,
    /// Unique among the active ones.
    pub name: ActorName,
    /// Unique in the store.
    pub fingerprint: KeyFingerprint,
    /// What its holder may do.
    pub role: AdminRole,
    /// In which buckets.
    pub within: Within,
    /// When.
    pub created: Timestamp,
    /// When it stops to work by itself.
    pub expires: Option<Timestamp>,
}

/// A successor for an admin token, which goes on working for a while.
#[derive(Debug, Clone)]
pub struct AdminTokenRoll {
    /// Which one.
    pub replaces: AdminTokenId,
    /// The successor's id.
    pub id: AdminTokenId,
    /// The successor's fingerprint.
    pub fingerprint: KeyFingerprint,
    /// When the successor stops to work by itself.
    pub expires: Option<Timestamp>,
    /// When the old one stops to work.
    pub until: Timestamp,
}

/// What a roll did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolledAdminToken {
    /// The new one: name, role and buckets are those of the old one.
    pub successor: AdminTokenRecord,
    /// The old one as it is now.
    pub replaced: AdminTokenRecord,
}

/// Admin tokens in the store.
#[async_trait]
pub trait AdminTokens: Send + Sync {
    /// Adds an admin token. [`Conflict::AdminTokenExists`](crate::Conflict::AdminTokenExists) where an active one has the
    /// name, or any has the id or the fingerprint.
    async fn create_admin_token(
        &self,
        new: NewAdminToken,
        by: &Author,
    ) -> Result<AdminTokenRecord, StoreError>;

    /// One by id, whatever its state.
    async fn admin_token(&self, id: AdminTokenId) -> Result<Option<AdminTokenRecord>, StoreError>;

    /// All of them in the order of name and time, whatever their state. They are few.
    async fn admin_tokens(&self) -> Result<Vec<AdminTokenRecord>, StoreError>;

    /// Adds a successor and ends the old one later, in one transaction. `None` where the old one does not exist;
    /// [`Conflict::AdminTokenEnded`](crate::Conflict::AdminTokenEnded) where it is not active.
    async fn roll_admin_token(
        &self,
        roll: AdminTokenRoll,
        by: &Author,
    ) -> Result<Option<RolledAdminToken>, StoreError>;

    /// Ends one for good at its author's time. Revoking a revoked one changes nothing. `None` where it does not exist.
    async fn revoke_admin_token(
        &self,
        id: AdminTokenId,
        by: &Author,
    ) -> Result<Option<AdminTokenRecord>, StoreError>;
}
