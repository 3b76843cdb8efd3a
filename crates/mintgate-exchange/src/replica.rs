//! Keeps a snapshot up with the store.

use std::sync::Arc;

use mintgate_store::{Store, StoreError};
use mintgate_types::Revision;
use tokio::sync::Mutex;

use crate::snapshot::Snapshot;

/// The one writer of a snapshot.
pub struct Replica {
    // Dependencies.
    store: Arc<dyn Store>,
    snapshot: Arc<Snapshot>,
    /// One change set at a time, in order. Requests never wait for this: only those who changed something do.
    turn: Mutex<()>,
}

impl Replica {
    /// A replica of `store` in `snapshot`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, snapshot: Arc<Snapshot>) -> Self {
        Self { store, snapshot, turn: Mutex::new(()) }
    }

    /// Reads everything. Requests are refused as not ready until the first load is done.
    pub async fn load(&self) -> Result<Revision, StoreError> {
        let _turn = self.turn.lock().await;
        let mut loader = self.snapshot.loader();
        let revision = self.store.load(&mut |loaded| loader.take(loaded)).await?;
        loader.finish(revision);
        Ok(revision)
    }

    /// Returns once the snapshot has seen everything up to `to`. Whoever changed something and waits for this may
    /// tell others that it is done: no request that starts afterwards sees what was before.
    pub async fn catch_up(&self, to: Revision) -> Result<(), StoreError> {
        while self.snapshot.revision() < to {
            let _turn = self.turn.lock().await;
            let since = self.snapshot.revision();
            if since >= to {
                break;
            }
            let changes = self.store.changes_since(since, BATCH).await?;
            if changes.up_to <= since {
                // A store that is behind what it confirmed, such as one that was restored under us.
                return Err(StoreError::Damaged { what: format!("it has no revision {to}"), source: None });
            }
            self.snapshot.apply(changes);
        }
        Ok(())
    }
}

/// Rows a change set has at most, about: large enough for bulk imports, small enough not to hold workers' caches.
const BATCH: u32 = 10_000;
