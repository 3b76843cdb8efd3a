//! What a process says on stderr, as it says it.

use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

/// All lines so far. Clones show the same log.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    ended: bool,
}

impl Log {
    /// Takes in `stream` until it ends, which for a process is when it does.
    pub(crate) fn follow(&self, stream: impl Read + Send + 'static) {
        let log = self.clone();
        log.lock().ended = false;
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n') {
                let Ok(line) = line else { break };
                log.lock().lines.push(String::from_utf8_lossy(&line).into_owned());
                log.0.changed.notify_all();
            }
            log.lock().ended = true;
            log.0.changed.notify_all();
        });
    }

    pub(crate) fn text(&self) -> String {
        self.lock().lines.join("\n")
    }

    /// How many lines there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().lines.len()
    }

    /// The first line from number `from` on that fits; `None` when there is none by the end or within `patience`.
    pub(crate) fn wait_for(
        &self,
        from: usize,
        patience: Duration,
        fits: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let found = |state: &State| state.lines.iter().skip(from).find(|line| fits(line)).cloned();
        let guard = self.lock();
        let (guard, _) = self
            .0
            .changed
            .wait_timeout_while(guard, patience, |state| found(state).is_none() && !state.ended)
            .unwrap_or_else(PoisonError::into_inner);
        found(&guard)
    }

    /// Whether the stream ended within `patience`.
    pub(crate) fn wait_for_end(&self, patience: Duration) -> bool {
        let guard = self.lock();
        let (guard, _) = self
            .0
            .changed
            .wait_timeout_while(guard, patience, |state| !state.ended)
            .unwrap_or_else(PoisonError::into_inner);
        guard.ended
    }

    /// A failed test is no reason to lose its log.
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
