//! The filling of a snapshot from everything that a store holds.

use std::sync::atomic::Ordering;

use mintgate_store::Loaded;
use mintgate_types::Revision;

use super::{Index, Snapshot, key_table::KeyTableBuilder};

/// Takes in everything that a store holds, then shows it at once. One at a time, and no
/// [`Snapshot::apply`] meanwhile: the [`Replica`](crate::Replica) sees to it.
pub struct Loader<'a> {
    snapshot: &'a Snapshot,
    index: Index,
    /// Consumers known before; those not met again are gone.
    before: Index,
    keys: KeyTableBuilder,
}

impl Snapshot {
    /// Starts to fill the snapshot. Requests go on seeing the keys that it held until [`Loader::finish`].
    pub fn loader(&self) -> Loader<'_> {
        let before = std::mem::take(&mut *self.index.lock().expect("no holder of this lock panics"));
        Loader { snapshot: self, index: Index::default(), before, keys: KeyTableBuilder::new() }
    }
}

impl Loader<'_> {
    /// Takes in one thing.
    pub fn take(&mut self, loaded: Loaded) {
        match loaded {
            Loaded::Consumer(consumer) => {
                if let Some((id, slot)) = self.before.consumers.remove_entry(&consumer.id) {
                    self.index.consumers.insert(id, slot);
                }
                self.snapshot.put_consumer(&mut self.index, consumer);
            }
            Loaded::Key(key) => {
                if let Some(entry) = self.snapshot.entry(&mut self.index, &key) {
                    self.keys.put(&entry);
                }
            }
        }
    }

    /// Shows everything that was taken in. From here on, what is not in the snapshot is unknown, not unready.
    pub fn finish(self, revision: Revision) {
        self.snapshot.keys.replace_all(self.keys.into_shards());
        for slot in self.before.consumers.into_values() {
            self.snapshot.consumers.clear(slot);
        }
        *self.snapshot.index.lock().expect("no holder of this lock panics") = self.index;
        self.snapshot.revision.store(revision.0, Ordering::Release);
        self.snapshot.loaded.store(true, Ordering::Release);
    }
}
