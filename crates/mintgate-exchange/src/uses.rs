//! When keys were last used, as coarsely as nobody has to pay for it.
//!
//! A key in use needs a new token every half of a token's life, so noting the moments of minting says when a key was
//! last used to within a few minutes, and costs requests nothing.

use std::{collections::HashMap, sync::Mutex};

use mintgate_types::{KeyId, Timestamp};

/// Keys used since somebody last asked. Taken by mint threads and by a job, never by a worker.
#[derive(Default)]
pub(crate) struct Uses(Mutex<HashMap<KeyId, Timestamp>>);

impl Uses {
    pub(crate) fn note(&self, key: KeyId, at: Timestamp) {
        self.0.lock().expect("no holder of this lock panics").insert(key, at);
    }

    pub(crate) fn take(&self) -> Vec<(KeyId, Timestamp)> {
        std::mem::take(&mut *self.0.lock().expect("no holder of this lock panics")).into_iter().collect()
    }
}
