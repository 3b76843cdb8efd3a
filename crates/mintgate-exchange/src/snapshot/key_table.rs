//! Fingerprint → key, in shards that are replaced whole.
//!
//! A fingerprint is an HMAC: uniformly distributed, and nobody without the pepper can choose one. Its own bytes
//! serve as the hash. An entry has no pointers, so that copying a shard to change it is one `memcpy`.

use std::sync::Arc;

use arc_swap::ArcSwap;
use hashbrown::HashTable;
use mintgate_apikey::KeyFingerprint;
use mintgate_store::{Key, KeyState};
use mintgate_types::{KeyId, Timestamp};

/// All keys.
pub(super) struct KeyTable {
    shards: Box<[ArcSwap<Shard>]>,
}

type Shard = HashTable<KeyEntry>;

/// With ten million keys a shard has 2,400, and replacing it copies about 330 KB.
const SHARDS: usize = 4096;

/// What is kept of a key in memory.
#[derive(Clone, Copy)]
pub(super) struct KeyEntry {
    pub(super) fingerprint: KeyFingerprint,
    pub(super) revision: u64,
    /// When it stops to work; `i64::MAX` if nothing ends it.
    pub(super) ends_ms: i64,
    /// When it was rolled; meaningless unless it was.
    pub(super) rolled_ms: i64,
    pub(super) consumer: u32,
    pub(super) scopes: u32,
    pub(super) id: KeyId,
    pub(super) standing: Standing,
}

/// A key's state, as small as it can be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Live,
    Rolled,
    Revoked,
}

impl KeyEntry {
    pub(super) fn new(key: &Key, consumer: u32, scopes: u32) -> Self {
        let (standing, rolled_ms) = match &key.state {
            KeyState::Active => (Standing::Live, 0),
            KeyState::Rolled { at, .. } => (Standing::Rolled, at.as_millisecond()),
            KeyState::Revoked { .. } => (Standing::Revoked, 0),
        };
        Self {
            fingerprint: key.fingerprint,
            revision: key.revision.0,
            ends_ms: key.ends().map_or(i64::MAX, Timestamp::as_millisecond),
            rolled_ms,
            consumer,
            scopes,
            id: key.id,
            standing,
        }
    }
}

impl KeyTable {
    pub(super) fn new() -> Self {
        Self { shards: std::iter::repeat_with(ArcSwap::default).take(SHARDS).collect() }
    }

    pub(super) fn find(&self, fingerprint: &KeyFingerprint) -> Option<KeyEntry> {
        let shard = self.shards[shard_of(fingerprint)].load();
        shard.find(hash_of(fingerprint), |entry| entry.fingerprint == *fingerprint).copied()
    }

    /// Puts `entries` in place of older ones with their fingerprints, and takes `removed` out. Each shard changes
    /// at once; a change over several shards is seen shard by shard.
    pub(super) fn change(&self, entries: &[KeyEntry], removed: &[KeyFingerprint]) {
        // Removals first, and the sort keeps the order within a shard: what was removed may have been made again.
        let mut by_shard: Vec<(usize, Change<'_>)> = removed
            .iter()
            .map(|fingerprint| (shard_of(fingerprint), Change::Remove(fingerprint)))
            .chain(entries.iter().map(|entry| (shard_of(&entry.fingerprint), Change::Put(entry))))
            .collect();
        by_shard.sort_by_key(|(shard, _)| *shard);
        for changes in by_shard.chunk_by(|(left, _), (right, _)| left == right) {
            let place = &self.shards[changes[0].0];
            let mut shard = Shard::clone(&place.load());
            for (_, change) in changes {
                change.make(&mut shard);
            }
            place.store(Arc::new(shard));
        }
    }

    /// Replaces everything. For a load, which would otherwise copy each shard once for every batch.
    pub(super) fn replace_all(&self, shards: Vec<HashTable<KeyEntry>>) {
        for (place, shard) in self.shards.iter().zip(shards) {
            place.store(Arc::new(shard));
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.shards.iter().map(|shard| u64::try_from(shard.load().len()).expect("usize fits in u64")).sum()
    }
}

/// Fills shards that nobody reads yet.
pub(super) struct KeyTableBuilder(Vec<Shard>);

impl KeyTableBuilder {
    pub(super) fn new() -> Self {
        Self(std::iter::repeat_with(Shard::new).take(SHARDS).collect())
    }

    pub(super) fn put(&mut self, entry: &KeyEntry) {
        Change::Put(entry).make(&mut self.0[shard_of(&entry.fingerprint)]);
    }

    pub(super) fn into_shards(self) -> Vec<Shard> {
        self.0
    }
}

enum Change<'a> {
    Put(&'a KeyEntry),
    Remove(&'a KeyFingerprint),
}

impl Change<'_> {
    fn make(&self, shard: &mut Shard) {
        match self {
            Self::Put(new) => {
                shard
                    .entry(
                        hash_of(&new.fingerprint),
                        |entry| entry.fingerprint == new.fingerprint,
                        |entry| hash_of(&entry.fingerprint),
                    )
                    .and_modify(|entry| *entry = **new)
                    .or_insert(**new);
            }
            Self::Remove(fingerprint) => {
                if let Ok(found) =
                    shard.find_entry(hash_of(fingerprint), |entry| entry.fingerprint == **fingerprint)
                {
                    found.remove();
                }
            }
        }
    }
}

fn shard_of(fingerprint: &KeyFingerprint) -> usize {
    let bytes = fingerprint.as_bytes();
    usize::from(u16::from_le_bytes([bytes[0], bytes[1]])) % SHARDS
}

/// Other bytes than those that choose the shard: within a shard those are all alike.
fn hash_of(fingerprint: &KeyFingerprint) -> u64 {
    let bytes = fingerprint.as_bytes();
    u64::from_le_bytes(bytes[2..10].try_into().expect("eight bytes"))
}
