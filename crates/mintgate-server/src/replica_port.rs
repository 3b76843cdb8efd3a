//! What the admin API asks of the node's snapshot, answered by the replica.

use std::sync::Arc;

use async_trait::async_trait;
use mintgate_admin::CatchUpError;
use mintgate_exchange::{Replica, Snapshot};
use mintgate_types::Revision;

/// The node's snapshot as the admin API sees it.
pub(crate) struct ReplicaPort {
    pub(crate) replica: Arc<Replica>,
    pub(crate) snapshot: Arc<Snapshot>,
}

#[async_trait]
impl mintgate_admin::Replica for ReplicaPort {
    async fn catch_up(&self, to: Revision) -> Result<(), CatchUpError> {
        self.replica.catch_up(to).await.map_err(|source| CatchUpError { source: Box::new(source) })
    }

    fn revision(&self) -> Revision {
        self.snapshot.revision()
    }

    fn is_ready(&self) -> bool {
        self.snapshot.is_loaded()
    }
}
