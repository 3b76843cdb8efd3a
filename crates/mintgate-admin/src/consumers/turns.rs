//! Who changes the same thing waits for their turn.
//!
//! A merge patch is read, merged and written; of several at once all but the first would find that what they read is gone, and
//! do it all again. In turn, each is done once. It is for speed and for those who sent no `If-Match` alone: whatever comes by
//! another way, or another node, is found by the revision.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use mintgate_types::ConsumerId;
use tokio::sync::{Mutex, MutexGuard};

/// A lock each for some of all consumers; asynchronous, because it is held while the store writes.
pub(crate) struct Turns([Mutex<()>; LOCKS]);

impl Turns {
    /// Returns when it is this consumer's turn, in the order of asking; the turn ends with what it returns.
    pub(crate) async fn wait(&self, consumer: ConsumerId) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        consumer.hash(&mut hasher);
        let at = hasher.finish() % LOCKS as u64;
        self.0[usize::try_from(at).expect("less than a hundred")].lock().await
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

const LOCKS: usize = 64;
