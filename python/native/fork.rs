//! What becomes of verifiers in a child of `fork`.
//!
//! The child has only the thread that forked. The thread that refreshed keys is gone, and locks that other threads
//! held stay locked for ever. So each verifier's inner part is dropped without a look at it, and made anew when it is
//! next asked. `CPython` forks with its own lock held and runs [`_after_fork`] before anything else, so the list below
//! cannot be locked at that time: it is only ever locked by threads that are attached to the interpreter.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use arc_swap::{ArcSwapOption, Guard};
use mintgate_verify::Verifier;
use pyo3::prelude::*;

use crate::settings::Settings;

/// A verifier that is made when it is needed.
pub(crate) struct Renewable {
    settings: Settings,
    current: ArcSwapOption<Verifier>,
}

impl Renewable {
    /// Must be called by a thread that is attached to the interpreter.
    pub(crate) fn new(settings: Settings) -> Arc<Self> {
        let renewable = Arc::new(Self { settings, current: ArcSwapOption::empty() });
        let mut living = LIVING.lock().unwrap_or_else(PoisonError::into_inner);
        living.retain(|one| one.strong_count() > 0);
        living.push(Arc::downgrade(&renewable));
        renewable
    }

    /// The verifier; made now if there is none. Of two threads that make one at the same time, one wins and the
    /// other's is dropped. Must be called by a thread that is attached to the interpreter.
    ///
    /// What it gives is not counted where all threads count, so threads on several cores do not wait for each other.
    pub(crate) fn current(&self) -> Current {
        loop {
            let current = self.current.load();
            if current.is_some() {
                return Current(current);
            }
            drop(current);
            self.make();
        }
    }

    fn make(&self) {
        let _making = LIVING.lock().unwrap_or_else(PoisonError::into_inner);
        if self.current.load().is_none() {
            self.current.store(Some(Arc::new(self.settings.build())));
        }
    }
}

/// A verifier in use.
pub(crate) struct Current(Guard<Option<Arc<Verifier>>>);

impl Deref for Current {
    type Target = Arc<Verifier>;

    fn deref(&self) -> &Arc<Verifier> {
        self.0.as_ref().expect("only made of some verifier")
    }
}

/// Called in a child of `fork`.
#[pyfunction]
pub(crate) fn _after_fork() {
    for renewable in LIVING.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade) {
        // To drop it would be to take its locks.
        std::mem::forget(renewable.current.swap(None));
    }
}

static LIVING: Mutex<Vec<Weak<Renewable>>> = Mutex::new(Vec::new());
