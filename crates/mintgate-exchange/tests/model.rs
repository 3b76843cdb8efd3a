//! Every interleaving of the token table under loom: what began before a change is not seen after it.

#[expect(dead_code, reason = "the model uses a part of it")]
#[path = "../src/token_table.rs"]
mod token_table;

mod sync {
    pub(crate) use loom::sync::{Mutex, MutexGuard};
}

use loom::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};
use mintgate_types::{Audience, KeyId, Revision, SeededEntropy};
use token_table::{Found, Place, Provenance, TokenTable, Use};

/// The revision of the caller, as a request reads it from the snapshot. Zero once the key is revoked.
struct World {
    revision: AtomicU64,
    table: TokenTable<u64, ()>,
    key: KeyId,
    audience: Audience,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            revision: AtomicU64::new(1),
            table: TokenTable::new(1, 8),
            key: KeyId::generate(&SeededEntropy::new(1)),
            audience: "orders".parse().expect("an audience"),
        })
    }

    fn place(&self, revision: u64) -> Place<'_> {
        let provenance = Provenance { key: Revision(revision), consumer: Revision(1) };
        Place { key: self.key, audience: &self.audience, provenance }
    }

    /// A request: authenticates, looks for a token, mints one of its own moment where there is none. Returns what it
    /// authenticated as and the revision that its token was minted from, unless it has to wait for another request.
    fn request(&self) -> Option<(u64, u64)> {
        let revision = self.revision.load(Ordering::Acquire);
        if revision == 0 {
            return None;
        }
        let token = match self.table.find(self.place(revision), |_| Use::Fresh, || ()) {
            Found::Token(token) | Found::Aging(token, ()) => token,
            Found::Wait(()) => return None,
            Found::Lead(()) => {
                // Minting takes long: whatever happens meanwhile, the token says what was true at the beginning.
                thread::yield_now();
                self.table.land(self.place(revision), Some(revision));
                revision
            }
        };
        Some((revision, token))
    }
}

#[test]
fn r32_a_fill_that_began_before_a_change_is_not_seen_after_it() {
    loom::model(|| {
        let world = World::new();
        let filling = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.request())
        };
        world.revision.store(2, Ordering::Release);
        // The change is confirmed here. Every request from now on must get what is true now.
        if let Some((authenticated, minted_from)) = world.request() {
            assert_eq!((authenticated, minted_from), (2, 2));
        }
        filling.join().expect("no panic");
        // Also when the late fill has landed.
        if let Some((_, minted_from)) = world.request() {
            assert_eq!(minted_from, 2);
        }
    });
}

#[test]
fn r32_no_token_is_found_once_the_key_is_revoked() {
    loom::model(|| {
        let world = World::new();
        let filling = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.request())
        };
        world.revision.store(0, Ordering::Release);
        assert_eq!(world.request(), None);
        filling.join().expect("no panic");
        assert_eq!(world.request(), None);
    });
}

#[test]
fn two_requests_at_once_never_both_wait() {
    loom::model(|| {
        let world = World::new();
        let other = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.request())
        };
        let one = world.request();
        let two = other.join().expect("no panic");
        assert!(one.is_some() || two.is_some());
        assert_eq!(world.request(), Some((1, 1)));
    });
}
