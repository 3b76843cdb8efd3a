//! Letting other threads run during a computation of some microseconds.
//!
//! Whoever finds the interpreter's lock taken sleeps until it is free, and to be woken costs more than a verification.
//! Between two verifications a busy program holds the lock for about two microseconds, so it is worth looking for that
//! long before one asks for the lock. What is looked at is only a hint: nothing depends on it being true.

use std::{
    hint::spin_loop,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::available_parallelism,
};

use pyo3::prelude::*;

/// Does `work` while other threads may have the interpreter.
pub(crate) fn beside_others<T: Send>(py: Python<'_>, work: impl Send + FnOnce() -> T) -> T {
    TAKEN.store(false, Relaxed);
    let done = py.detach(|| {
        let done = work();
        let mut looks = *LOOKS;
        while looks > 0 && TAKEN.load(Relaxed) {
            spin_loop();
            looks -= 1;
        }
        done
    });
    TAKEN.store(true, Relaxed);
    done
}

/// Whether a thread of ours took the lock and has not, as far as we know, given it back.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Some three microseconds; on a single core it would only keep the other thread from its work.
static LOOKS: LazyLock<u32> =
    LazyLock::new(|| if available_parallelism().is_ok_and(|cores| cores.get() > 1) { 100 } else { 0 });
