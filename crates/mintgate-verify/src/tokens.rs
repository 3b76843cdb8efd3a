//! Tokens that were verified before, by all of their bytes.
//!
//! Only verified tokens come in, so nobody can fill it with garbage; it is bounded all the same. It decides nothing:
//! whoever takes a token out asks again whether its key is still published and its time not over.

use std::{
    collections::HashMap,
    hash::BuildHasher,
    sync::{Arc, Mutex, PoisonError},
};

use foldhash::quality::RandomState;
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

/// Two generations: when the young one is full it becomes the old one, and what was old is forgotten. What is used
/// moves to the young one. So the least used go first, with no list to keep.
#[derive(Default)]
struct Shard {
    young: HashMap<Box<str>, Remembered, RandomState>,
    old: HashMap<Box<str>, Remembered, RandomState>,
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

    pub(crate) fn find(&self, token: &str) -> Option<Remembered> {
        let mut shard = self.shard(token);
        if let Some(found) = shard.young.get(token) {
            return Some(found.clone());
        }
        let (token, found) = shard.old.remove_entry(token)?;
        shard.insert(token, found.clone(), self.most_per_generation);
        Some(found)
    }

    pub(crate) fn insert(&self, token: &str, remembered: Remembered) {
        if self.most_per_generation > 0 && token.len() <= LONGEST_KEPT {
            self.shard(token).insert(token.into(), remembered, self.most_per_generation);
        }
    }

    pub(crate) fn forget(&self, token: &str) {
        let mut shard = self.shard(token);
        shard.young.remove(token);
        shard.old.remove(token);
    }

    fn shard(&self, token: &str) -> std::sync::MutexGuard<'_, Shard> {
        let hash = self.hasher.hash_one(token);
        let shard = usize::try_from(hash % SHARDS as u64).expect("less than the number of shards");
        // A panic while it was held cannot have left a wrong token behind.
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn insert(&mut self, token: Box<str>, remembered: Remembered, most: usize) {
        if self.young.len() >= most {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(token, remembered);
    }
}

const SHARDS: usize = 16;
/// Longer tokens are rare and would make the bound on memory a loose one.
const LONGEST_KEPT: usize = 4096;
