//! Which idempotency keys have a request under way on this node.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex},
};

use mintgate_store::{ReceiptId, RequestMark};

use super::seal::Asked;
use crate::reply::Refusal;

/// Those that have. A mutex, because each look takes nanoseconds and nobody waits while holding it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashMap<ReceiptId, RequestMark>>>);

/// The right to be the one under way; given back when it goes.
#[derive(Debug)]
pub(crate) struct Taken {
    running: Running,
    id: ReceiptId,
}

impl Running {
    /// Takes a key, unless a request has it.
    pub(super) fn take(&self, asked: &Asked) -> Result<Taken, Refusal> {
        match self.0.lock().expect("no holder of this lock panics").entry(asked.id()) {
            Entry::Occupied(other) if *other.get() == asked.mark() => Err(Refusal::IdempotencyKeyInUse),
            Entry::Occupied(_) => Err(Refusal::IdempotencyKeyReused),
            Entry::Vacant(free) => {
                free.insert(asked.mark());
                Ok(Taken { running: self.clone(), id: asked.id() })
            }
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.running.0.lock().expect("no holder of this lock panics").remove(&self.id);
    }
}
