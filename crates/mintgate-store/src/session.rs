//! Sessions: browsers that have signed in.

use std::fmt;

use async_trait::async_trait;
use mintgate_apikey::KeyFingerprint;
use mintgate_types::{ActorName, AdminTokenId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Author, StoreError};

/// What a session is known by: the hash of a secret that only the browser has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionFingerprint([u8; 32]);

impl SessionFingerprint {
    /// The hash.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionFingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionFingerprint(..)")
    }
}

/// A browser that has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What it is known by.
    pub fingerprint: SessionFingerprint,
    /// Who signed in. What they may do is decided anew with each request.
    pub holder: SessionHolder,
    /// When.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionHolder {
    /// The holder of an admin token that the configuration names.
    ConfiguredToken {
        /// What that admin is called.
        name: ActorName,
        /// Which token it was. None where an earlier version wrote the row: nobody knows any more, so nobody holds it.
        #[serde(default)]
        token: Option<TokenMark>,
    },
    /// The holder of an admin token that the store knows.
    Token {
        /// Which.
        id: AdminTokenId,
    },
    /// Somebody whom an identity provider vouched for.
    Identity(SignedIn),
}

/// Tells a token of the configuration from the one that takes its place under the same name. It is the fingerprint that a
/// key of this text would have, so it says nothing about the token to those who have not got the master key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenMark([u8; 32]);

impl From<KeyFingerprint> for TokenMark {
    fn from(fingerprint: KeyFingerprint) -> Self {
        Self(*fingerprint.as_bytes())
    }
}

impl fmt::Debug for TokenMark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenMark(..)")
    }
}

/// Somebody whom an identity provider vouched for, as it did then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The provider.
    pub issuer: String,
    /// Who, there.
    pub subject: String,
    /// What people call them.
    pub name: ActorName,
    /// An address that is theirs beyond doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What they belonged to.
    pub groups: Vec<String>,
}

/// Sessions in the store. They take no revision: nothing is served by them.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Keeps a session. Its fingerprint comes from 256 random bits, so it is new.
    async fn create_session(&self, new: Session, by: &Author) -> Result<(), StoreError>;

    /// One session, also one whose time is over.
    async fn session(&self, fingerprint: SessionFingerprint) -> Result<Option<Session>, StoreError>;

    /// Ends a session. `None` where there is none.
    async fn end_session(
        &self,
        fingerprint: SessionFingerprint,
        by: &Author,
    ) -> Result<Option<Session>, StoreError>;

    /// Forgets the sessions whose time is over at `now`, and says how many they were. Nobody did it, so it is not
    /// written down.
    async fn forget_sessions(&self, now: Timestamp) -> Result<u64, StoreError>;
}
