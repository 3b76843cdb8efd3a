//! Minted tokens by what made them, and who is minting what.
//!
//! Requests authenticate before they look here, so nothing in this table lets anybody in. What it promises is that a
//! token is found only under everything that its contents came from: the key, the audience, and the revisions of
//! key and consumer ([`Provenance`]). A fill that began before a change carries the old revisions and is never
//! found under the new ones, whenever it arrives.
//!
//! Each shard's lock is held for a look-up and never across an await or a signature. `tests/model.rs` runs this
//! file under loom; hence `super::sync`.

use hashbrown::{HashTable, hash_table::Entry};
use mintgate_types::{Audience, KeyId, Revision};

use super::sync::{Mutex, MutexGuard};

/// Tokens `V`, and flights `F` that will bring one.
pub(crate) struct TokenTable<V, F> {
    shards: Box<[Mutex<Shard<V, F>>]>,
    hasher: foldhash::fast::FixedState,
    /// How many tokens a shard holds at the most.
    room: usize,
}

type Shard<V, F> = HashTable<Slot<V, F>>;

struct Slot<V, F> {
    key: KeyId,
    audience: Audience,
    provenance: Provenance,
    token: Option<V>,
    flight: Option<F>,
}

/// What a token's contents came from, apart from key and audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Provenance {
    pub(crate) key: Revision,
    pub(crate) consumer: Revision,
}

impl Provenance {
    /// Revisions only grow, so of two moments one is older in no part.
    fn is_at_least(self, other: Self) -> bool {
        self.key >= other.key && self.consumer >= other.consumer
    }
}

/// Where a token stands in the table.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) key: KeyId,
    pub(crate) audience: &'a Audience,
    pub(crate) provenance: Provenance,
}

/// What its holder may do with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Use it.
    Fresh,
    /// Use it, and see that a successor is made.
    Aging,
    /// Wait for another.
    Never,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<V, F> {
    /// A token to use.
    Token(V),
    /// A token to use; whoever gets this must start the flight that brings its successor.
    Aging(V, F),
    /// Somebody has started a flight; wait for it.
    Wait(F),
    /// Nobody has; whoever gets this must start the flight.
    Lead(F),
}

impl<V: Clone, F: Clone> TokenTable<V, F> {
    pub(crate) fn new(shards: usize, capacity: usize) -> Self {
        Self {
            shards: std::iter::repeat_with(|| Mutex::new(HashTable::new())).take(shards).collect(),
            hasher: foldhash::fast::FixedState::with_seed(0x6d69_6e74),
            room: capacity.div_ceil(shards),
        }
    }

    /// Looks for a token. `judge` says what a token at hand is good for; `depart` makes the flight if one is due.
    pub(crate) fn find(
        &self,
        place: Place<'_>,
        judge: impl FnOnce(&V) -> Use,
        depart: impl FnOnce() -> F,
    ) -> Found<V, F> {
        let hash = self.hash(place);
        let mut shard = self.shard(hash);
        if shard.len() >= self.room && shard.find(hash, |slot| slot.is_at(place)).is_none() {
            Self::make_room(&mut shard, self.room);
        }
        let slot = match shard.entry(hash, |slot| slot.is_at(place), |slot| self.hash(slot.place())) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(Slot::empty(place)).into_mut(),
        };
        if slot.provenance != place.provenance {
            if !place.provenance.is_at_least(slot.provenance) {
                // This request authenticated just before a change that another one has already seen. It gets what
                // it was promised then, and leaves nothing behind.
                return Found::Lead(depart());
            }
            *slot = Slot::empty(place);
        }
        let usable = slot.token.as_ref().map_or(Use::Never, judge);
        match (usable, &slot.token, &slot.flight) {
            (Use::Fresh, Some(token), _) | (Use::Aging, Some(token), Some(_)) => Found::Token(token.clone()),
            (Use::Aging, Some(token), None) => {
                let (token, flight) = (token.clone(), depart());
                slot.flight = Some(flight.clone());
                Found::Aging(token, flight)
            }
            (_, _, Some(flight)) => Found::Wait(flight.clone()),
            (_, _, None) => {
                let flight = depart();
                slot.flight = Some(flight.clone());
                Found::Lead(flight)
            }
        }
    }

    /// Ends a flight: with a token, or with none if minting failed. Where the slot has moved on to a later
    /// provenance, or was cleared, the token is dropped.
    pub(crate) fn land(&self, place: Place<'_>, token: Option<V>) {
        let hash = self.hash(place);
        let mut shard = self.shard(hash);
        let Some(slot) = shard.find_mut(hash, |slot| slot.is_at(place)) else { return };
        if slot.provenance != place.provenance {
            return;
        }
        slot.flight = None;
        if token.is_some() {
            slot.token = token;
        }
    }

    /// Drops every token that `keep` does not want and nobody is renewing. Shard by shard: no request waits for
    /// more than one of them.
    pub(crate) fn retain(&self, mut keep: impl FnMut(&V) -> bool) {
        for shard in &self.shards {
            Self::lock(shard)
                .retain(|slot| slot.flight.is_some() || slot.token.as_ref().is_some_and(&mut keep));
        }
    }

    /// Drops every token, and lets no flight that is under way land.
    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            Self::lock(shard).clear();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| Self::lock(shard).len()).sum()
    }

    /// Any token may go: it costs a signature, not an answer.
    fn make_room(shard: &mut Shard<V, F>, room: usize) {
        let mut surplus = (room / 8).max(1);
        shard.retain(|slot| {
            let goes = surplus > 0 && slot.flight.is_none();
            surplus -= usize::from(goes);
            !goes
        });
    }

    fn hash(&self, place: Place<'_>) -> u64 {
        use std::hash::BuildHasher;
        self.hasher.hash_one((place.key, place.audience.as_str()))
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard<V, F>> {
        // Not the bits that the table itself uses to place and tell entries: those are the lowest and the highest.
        let shard = usize::try_from((hash >> 32) & 0xFFFF).expect("16 bits") % self.shards.len();
        Self::lock(&self.shards[shard])
    }

    fn lock(shard: &Mutex<Shard<V, F>>) -> MutexGuard<'_, Shard<V, F>> {
        shard.lock().expect("no holder of this lock panics")
    }
}

impl<V, F> Slot<V, F> {
    fn empty(place: Place<'_>) -> Self {
        Self {
            key: place.key,
            audience: place.audience.clone(),
            provenance: place.provenance,
            token: None,
            flight: None,
        }
    }

    fn is_at(&self, place: Place<'_>) -> bool {
        self.key == place.key && self.audience == *place.audience
    }

    fn place(&self) -> Place<'_> {
        Place { key: self.key, audience: &self.audience, provenance: self.provenance }
    }
}
