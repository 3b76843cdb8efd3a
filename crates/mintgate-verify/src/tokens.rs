//! Tokens that were verified before, by all of their bytes.
//!
//! Only verified tokens come in, so nobody can fill it with garbage; it is bounded all the same. It decides nothing:
//! whoever takes a token out asks again whether its key is still published and its time not over.

use std::{
    hash::BuildHasher,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use foldhash::quality::RandomState;
use hashbrown::HashTable;
use mintgate_jwt::{Claims, Verified};

pub(crate) struct VerifiedTokens {
    /// Several, so that threads rarely meet; each is held for one look-up only.
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    most_per_generation: usize,
}

/// What is remembered of a token.
#[derive(Clone)]
pub(crate) struct Remembered {
    pub(crate) verified: Arc<Verified<Claims>>,
    /// By which of the verifier's trusted issuers it was judged.
    pub(crate) trusted: usize,
}

/// A token and where it is looked for. The token is gone through once for it.
#[derive(Clone, Copy)]
pub(crate) struct Sought<'token> {
    token: &'token str,
    hash: u64,
}

/// Two generations: when the young one is full it becomes the old one, and what was old is forgotten. What is used
/// moves to the young one. So the least used go first, with no list to keep.
#[derive(Default)]
struct Shard {
    young: HashTable<Entry>,
    old: HashTable<Entry>,
}

struct Entry {
    hash: u64,
    token: Box<str>,
    remembered: Remembered,
}

impl VerifiedTokens {
    /// Keeps at most about `most` tokens; none if that is zero.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::default(),
            most_per_generation: most.div_ceil(SHARDS * 2),
        }
    }

    pub(crate) fn seek<'token>(&self, token: &'token str) -> Sought<'token> {
        Sought { token, hash: self.hasher.hash_one(token) }
    }

    pub(crate) fn find(&self, sought: Sought<'_>) -> Option<Remembered> {
        let mut shard = self.shard(sought);
        if let Some(found) = shard.young.find(sought.hash, |entry| sought.is(entry)) {
            return Some(found.remembered.clone());
        }
        let entry = shard.take_old(sought)?;
        let remembered = entry.remembered.clone();
        shard.insert(entry, self.most_per_generation);
        Some(remembered)
    }

    pub(crate) fn insert(&self, sought: Sought<'_>, remembered: Remembered) {
        if self.most_per_generation > 0 && sought.token.len() <= LONGEST_KEPT {
            let entry = Entry { hash: sought.hash, token: sought.token.into(), remembered };
            let mut shard = self.shard(sought);
            // Two threads may have verified it at the same time.
            if shard.young.find(sought.hash, |known| sought.is(known)).is_none() {
                shard.insert(entry, self.most_per_generation);
            }
        }
    }

    pub(crate) fn forget(&self, sought: Sought<'_>) {
        let mut shard = self.shard(sought);
        if let Ok(found) = shard.young.find_entry(sought.hash, |entry| sought.is(entry)) {
            found.remove();
        }
        shard.take_old(sought);
    }

    /// By other bits than the table uses.
    fn shard(&self, sought: Sought<'_>) -> MutexGuard<'_, Shard> {
        let shard =
            usize::try_from((sought.hash >> 32) % SHARDS as u64).expect("less than the number of shards");
        // A panic while it was held cannot have left a wrong token behind.
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sought<'_> {
    fn is(&self, entry: &Entry) -> bool {
        entry.hash == self.hash && *entry.token == *self.token
    }
}

impl Shard {
    fn insert(&mut self, entry: Entry, most: usize) {
        if self.young.len() >= most {
            mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert_unique(entry.hash, entry, |known| known.hash);
    }

    fn take_old(&mut self, sought: Sought<'_>) -> Option<Entry> {
        let found = self.old.find_entry(sought.hash, |entry| sought.is(entry)).ok()?;
        Some(found.remove().0)
    }
}

const SHARDS: usize = 16;
/// Longer tokens are rare and would make the bound on memory a loose one.
const LONGEST_KEPT: usize = 4096;
