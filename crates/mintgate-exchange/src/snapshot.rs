//! A node's in-memory view of all keys: fingerprint in, caller out.
//!
//! Readers take no lock and never wait for the store. Writers (one at a time: the [`Replica`](crate::Replica))
//! replace one small shard at a time, so that a change costs the same with a thousand keys and with ten million.
//! What this is not: a cache. A key that is not here does not exist for this node.

mod key_table;
mod loader;
mod slot_table;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use mintgate_apikey::KeyFingerprint;
use mintgate_signing::{ClaimMapping, MappedClaims};
use mintgate_store::{ChangeSet, Consumer, ConsumerState, Key};
use mintgate_types::{ConsumerId, Revision, ScopeSet, Timestamp};

pub use self::loader::Loader;
use self::{
    key_table::{KeyEntry, KeyTable, Standing},
    slot_table::SlotTable,
};
use crate::{
    caller::{Caller, ConsumerStanding, ConsumerView, Grace},
    error::KeyRefused,
};

/// All keys and consumers that this node knows.
pub struct Snapshot {
    keys: KeyTable,
    /// By the slot that key entries hold. A slot is never used again: an entry read just before its consumer was
    /// removed must find nobody, not somebody else.
    consumers: SlotTable<ConsumerView>,
    scopes: SlotTable<ScopeSet>,
    mapping: ClaimMapping,
    revision: AtomicU64,
    loaded: AtomicBool,
    /// What only writers need. Requests never take this lock.
    index: Mutex<Index>,
}

/// Where things are, for writers.
#[derive(Default)]
struct Index {
    consumers: HashMap<ConsumerId, u32, foldhash::fast::RandomState>,
    scopes: BTreeMap<ScopeSet, u32>,
}

/// How much a snapshot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotSize {
    /// Keys, including those revoked since this node started.
    pub keys: u64,
    /// Consumers.
    pub consumers: u64,
}

impl Snapshot {
    /// An empty snapshot that refuses everything as not ready until it is loaded.
    #[must_use]
    pub fn new(mapping: ClaimMapping) -> Self {
        Self {
            keys: KeyTable::new(),
            consumers: SlotTable::new(),
            scopes: SlotTable::new(),
            mapping,
            revision: AtomicU64::new(0),
            loaded: AtomicBool::new(false),
            index: Mutex::new(Index::default()),
        }
    }

    /// The caller whose key has this fingerprint, if the key works at `now`.
    pub fn find(&self, fingerprint: &KeyFingerprint, now: Timestamp) -> Result<Caller, KeyRefused> {
        let Some(entry) = self.keys.find(fingerprint) else {
            return Err(if self.is_loaded() { KeyRefused::Unknown } else { KeyRefused::NotReady });
        };
        match entry.standing {
            Standing::Revoked => return Err(KeyRefused::Revoked { key: entry.id }),
            Standing::Live | Standing::Rolled if entry.ends_ms <= now.as_millisecond() => {
                return Err(KeyRefused::Expired { key: entry.id });
            }
            Standing::Live | Standing::Rolled => {}
        }
        let consumer = self.consumers.get(entry.consumer).ok_or(KeyRefused::NoConsumer { key: entry.id })?;
        match consumer.standing {
            ConsumerStanding::Enabled => {}
            ConsumerStanding::Disabled => {
                return Err(KeyRefused::ConsumerDisabled { key: entry.id, consumer: consumer.id });
            }
            ConsumerStanding::Unmappable => {
                return Err(KeyRefused::Unmappable { key: entry.id, consumer: consumer.id });
            }
        }
        let scopes = self.scopes.get(entry.scopes).ok_or(KeyRefused::NoConsumer { key: entry.id })?;
        Ok(Caller {
            key: entry.id,
            key_revision: Revision(entry.revision),
            grace: entry.grace(),
            ends_ms: entry.ends_ms,
            seen: now,
            consumer,
            scopes,
        })
    }

    /// Whether the first load is done.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.loaded.load(Ordering::Acquire)
    }

    /// The last change that it has seen.
    #[must_use]
    pub fn revision(&self) -> Revision {
        Revision(self.revision.load(Ordering::Acquire))
    }

    /// How much it holds.
    #[must_use]
    pub fn size(&self) -> SnapshotSize {
        let consumers = self.index.lock().expect("no holder of this lock panics").consumers.len();
        SnapshotSize {
            keys: self.keys.len(),
            consumers: u64::try_from(consumers).expect("usize fits in u64"),
        }
    }

    /// Makes it what the store was when `changes` were read. Once this returns, no request sees what was before.
    pub fn apply(&self, changes: ChangeSet) {
        let mut index = self.index.lock().expect("no holder of this lock panics");
        // What was removed may have been made again since, and is then among the rest.
        for id in changes.removed_consumers {
            if let Some(slot) = index.consumers.remove(&id) {
                self.consumers.clear(slot);
            }
        }
        for consumer in changes.consumers {
            self.put_consumer(&mut index, consumer);
        }
        let entries: Vec<KeyEntry> =
            changes.keys.iter().filter_map(|key| self.entry(&mut index, key)).collect();
        self.keys.change(&entries, &changes.removed_keys);
        self.revision.store(changes.up_to.0, Ordering::Release);
    }

    fn put_consumer(&self, index: &mut Index, consumer: Consumer) {
        let standing = match consumer.state {
            ConsumerState::Active => ConsumerStanding::Enabled,
            ConsumerState::Disabled { .. } => ConsumerStanding::Disabled,
        };
        // Without its claims a token could allow more than it should, so there is none.
        let (standing, claims) = match self.mapping.apply(&consumer.metadata, &consumer.tags) {
            Ok(claims) => (standing, claims),
            Err(error) => {
                tracing::error!(%error, consumer.id = %consumer.id, "a consumer's metadata gives no claims");
                (ConsumerStanding::Unmappable, MappedClaims::none())
            }
        };
        let view = Arc::new(ConsumerView {
            id: consumer.id,
            standing,
            claims,
            name: consumer.name,
            subject: consumer.subject,
            bucket: consumer.bucket,
            revision: consumer.revision,
        });
        if let Some(slot) = index.consumers.get(&view.id) {
            self.consumers.replace(*slot, view);
        } else {
            index.consumers.insert(view.id, self.consumers.push(view));
        }
    }

    /// `None` for a key whose consumer is gone: its removal is in the same or a later change set.
    fn entry(&self, index: &mut Index, key: &Key) -> Option<KeyEntry> {
        let consumer = *index.consumers.get(&key.consumer)?;
        let scopes = if let Some(slot) = index.scopes.get(&key.scopes) {
            *slot
        } else {
            let slot = self.scopes.push(Arc::new(key.scopes.clone()));
            index.scopes.insert(key.scopes.clone(), slot);
            slot
        };
        Some(KeyEntry::new(key, consumer, scopes))
    }
}

impl KeyEntry {
    fn grace(&self) -> Option<Grace> {
        match self.standing {
            Standing::Rolled => Some(Grace {
                since: Timestamp::from_millisecond(self.rolled_ms).ok()?,
                until: Timestamp::from_millisecond(self.ends_ms).ok()?,
            }),
            Standing::Live | Standing::Revoked => None,
        }
    }
}

#[cfg(test)]
mod tests;
