//! Keys: what the store knows of them. Never their text.

use async_trait::async_trait;
use mintgate_apikey::KeyFingerprint;
use mintgate_types::{
    BucketName, ConsumerId, KeyId, Label, Reason, Revision, ScopeSet, TagName, TagValue, Timestamp,
};

use crate::{Author, NewConsumer, Page, PageRequest, StoreError, Within};

/// A key as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Its public part.
    pub id: KeyId,
    /// Whose it is.
    pub consumer: ConsumerId,
    /// What a presented key is compared with.
    pub fingerprint: KeyFingerprint,
    /// Who issued it.
    pub format: KeyFormat,
    /// What it is for, in its owner's words.
    pub label: Label,
    /// What it may be used for.
    pub scopes: ScopeSet,
    /// When it was made.
    pub created: Timestamp,
    /// When it stops to work by itself.
    pub expires: Option<Timestamp>,
    /// When a request with it was first let through; seconds behind.
    pub first_used: Option<Timestamp>,
    /// When one was last let through; seconds behind. A key that comes from a load may be an hour behind.
    pub last_used: Option<Timestamp>,
    /// Whether it works.
    pub state: KeyState,
    /// Its last change.
    pub revision: Revision,
}

/// Who issued a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFormat {
    /// We did, in our format.
    Native,
    /// Another system did, and it was imported.
    Foreign,
}

/// Whether a key works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// It does.
    Active,
    /// A successor exists; it works until the grace period ends.
    Rolled {
        /// When its successor was made.
        at: Timestamp,
        /// When it stops to work.
        until: Timestamp,
        /// What its holder should use instead.
        successor: KeyId,
    },
    /// It does not, and never will again.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why, if somebody said.
        reason: Option<Reason>,
    },
}

impl Key {
    /// The moment from which it does not work, however that came about; `None` if nothing ends it.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        let by_state = match &self.state {
            KeyState::Active => None,
            KeyState::Rolled { until, .. } => Some(*until),
            KeyState::Revoked { at, .. } => Some(*at),
        };
        match (self.expires, by_state) {
            (Some(expires), Some(by_state)) => Some(expires.min(by_state)),
            (either, None) | (None, either) => either,
        }
    }
}

/// A key to be stored; it starts active.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Made by the caller.
    pub id: KeyId,
    /// Must exist.
    pub consumer: ConsumerId,
    /// Unique in the store.
    pub fingerprint: KeyFingerprint,
    /// Who issued it.
    pub format: KeyFormat,
    /// What it is for.
    pub label: Label,
    /// What it may be used for.
    pub scopes: ScopeSet,
    /// When.
    pub created: Timestamp,
    /// When it stops to work by itself.
    pub expires: Option<Timestamp>,
}

/// What changes about a key; what is `None` stays. An outer `Some` with an inner `None` removes.
#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    /// The new label.
    pub label: Option<Label>,
    /// The new scopes.
    pub scopes: Option<ScopeSet>,
    /// The new expiry.
    pub expires: Option<Option<Timestamp>>,
}

/// A successor for keys that go on working for a while.
#[derive(Debug, Clone)]
pub struct KeyRoll {
    /// The new key; its consumer is the consumer of all of `replaces`.
    pub successor: NewKey,
    /// The keys to be replaced, each once. Those already rolled keep the earlier end, and do not change if it is the
    /// one that they have; revoked ones are a conflict.
    pub replaces: Vec<KeyId>,
    /// When the replaced keys stop to work.
    pub until: Timestamp,
    /// If said, all of `replaces` must still be of this revision ([`Conflict::Stale`](crate::Conflict::Stale) otherwise).
    pub expected: Option<Revision>,
}

/// What a roll did.
#[derive(Debug, Clone, PartialEq)]
pub struct Rolled {
    /// The new key.
    pub successor: Key,
    /// The old ones as they are now.
    pub replaced: Vec<Key>,
}

/// The end of a key.
#[derive(Debug, Clone)]
pub struct Revocation {
    /// Since when.
    pub at: Timestamp,
    /// Why, if somebody says.
    pub reason: Option<Reason>,
}

/// Which keys are wanted.
#[derive(Debug, Clone, Default)]
pub struct KeyFilter {
    /// Of this consumer only.
    pub consumer: Option<ConsumerId>,
    /// Of consumers in these buckets only.
    pub within: Within,
    /// Of consumers in this bucket only.
    pub bucket: Option<BucketName>,
    /// Of consumers with all of these tags.
    pub tags: Vec<(TagName, TagValue)>,
    /// With exactly this label.
    pub label: Option<Label>,
    /// In whose label this stands somewhere, in upper or lower case; or whose id begins so, to the letter.
    pub text: Option<String>,
    /// That stand so at a moment.
    pub standing: Option<(KeyStanding, Timestamp)>,
    /// That another system issued, or that we did.
    pub format: Option<KeyFormat>,
    /// That stop to work by themselves before then, or have.
    pub expires_before: Option<Timestamp>,
    /// That were made before then.
    pub created_before: Option<Timestamp>,
    /// These only.
    pub ids: Option<Vec<KeyId>>,
    /// Only those not used since then, or made before then and never used; revoked ones are left out. To the hour.
    pub unused_since: Option<Timestamp>,
}

/// How a key stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStanding {
    /// It works, and no successor exists.
    Active,
    /// It works until its grace period ends.
    Rolled,
    /// Its expiry or its grace period is over, and it was not revoked.
    Expired,
    /// It was revoked.
    Revoked,
    /// Anything but revoked.
    NotRevoked,
}

/// Keys in the store.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Adds a key. Conflicts: `KeyExists` by id or fingerprint, `NoParent` where the consumer is missing.
    async fn create_key(&self, new: NewKey, by: &Author) -> Result<Key, StoreError>;

    /// Adds many keys in one transaction under one revision: all or none. Conflicts as for one. No keys take no
    /// revision.
    async fn create_keys(&self, new: Vec<NewKey>, by: &Author) -> Result<Revision, StoreError>;

    /// Adds consumers and keys, of these and of other consumers, in one transaction under one revision: all or none.
    /// Conflicts as for one consumer and for one key.
    async fn import(
        &self,
        consumers: Vec<NewConsumer>,
        keys: Vec<NewKey>,
        by: &Author,
    ) -> Result<Revision, StoreError>;

    /// For each fingerprint the key that has it, whatever its state, and whose it is, in the order asked.
    async fn find_keys(
        &self,
        fingerprints: &[KeyFingerprint],
    ) -> Result<Vec<Option<(KeyId, ConsumerId)>>, StoreError>;

    /// One key by id, whatever its state.
    async fn key(&self, id: KeyId) -> Result<Option<Key>, StoreError>;

    /// Keys in the order of their ids.
    async fn keys(
        &self,
        filter: &KeyFilter,
        page: PageRequest<KeyId>,
    ) -> Result<Page<Key, KeyId>, StoreError>;

    /// Changes a key. With `expected`, only if that is still its revision
    /// ([`Conflict::Stale`](crate::Conflict::Stale) otherwise). `None` where it does not exist;
    /// [`Conflict::KeyRevoked`](crate::Conflict::KeyRevoked) where it is revoked, stale or not. A change that changes
    /// nothing takes no revision.
    async fn update_key(
        &self,
        id: KeyId,
        change: KeyChange,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Key>, StoreError>;

    /// Adds the successor and ends the replaced keys later, in one transaction. `NoParent` where one of them does
    /// not exist or is another consumer's.
    async fn roll_keys(&self, roll: KeyRoll, by: &Author) -> Result<Rolled, StoreError>;

    /// Ends a key for good. Revoking a revoked key changes nothing and returns it as it is. `None` where it does
    /// not exist.
    async fn revoke_key(
        &self,
        id: KeyId,
        revocation: Revocation,
        by: &Author,
    ) -> Result<Option<Key>, StoreError>;

    /// How many keys there are: all, and those not revoked.
    async fn count_keys(&self) -> Result<(u64, u64), StoreError>;
}
