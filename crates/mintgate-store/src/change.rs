//! What changed since a revision: how a node's snapshot follows the store.

use async_trait::async_trait;
use mintgate_apikey::KeyFingerprint;
use mintgate_types::{ConsumerId, Revision};

use crate::{Consumer, Key, StoreError};

/// Everything that changed after one revision, up to another. To apply it: first what was removed (it may have been
/// made again since), then consumers, then keys. Applying it twice is the same as applying it once.
#[derive(Debug, Clone)]
pub struct ChangeSet {
    /// What a node that applied it has seen.
    pub up_to: Revision,
    /// Whether more changes follow: the set was cut to bound its size.
    pub more: bool,
    /// Consumers made or changed, as they are now.
    pub consumers: Vec<Consumer>,
    /// Keys made or changed, as they are now.
    pub keys: Vec<Key>,
    /// Consumers removed.
    pub removed_consumers: Vec<ConsumerId>,
    /// Keys removed with their consumers, by what a snapshot finds them by: tombstones keep the fingerprint.
    pub removed_keys: Vec<KeyFingerprint>,
    /// Whether any signing key was made or moved.
    pub signing_keys: bool,
}

/// One thing that a full load met.
#[derive(Debug)]
pub enum Loaded {
    /// A consumer; every consumer comes before the first key.
    Consumer(Consumer),
    /// A key of a consumer that came before. Revoked keys are left out.
    Key(Key),
}

/// The store's history.
#[async_trait]
pub trait Changes: Send + Sync {
    /// The last change.
    async fn revision(&self) -> Result<Revision, StoreError>;

    /// Changes after `since`, whole transactions only, `limit` rows at the most unless one transaction alone has
    /// more. What changed again later comes only with its later change. A `since` that the store has not reached (it
    /// was restored from an older copy) gives an empty set whose `up_to` is smaller: then only a load helps.
    async fn changes_since(&self, since: Revision, limit: u32) -> Result<ChangeSet, StoreError>;

    /// Visits all consumers and all keys that are not revoked, at one moment, and returns that moment's revision.
    async fn load(&self, visit: &mut (dyn FnMut(Loaded) + Send)) -> Result<Revision, StoreError>;
}
