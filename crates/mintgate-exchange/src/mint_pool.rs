//! Threads that sign. An RSA signature takes two hundred microseconds: long enough for a worker to forward a dozen
//! requests, so no worker ever makes one.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use crate::error::MintFailed;

/// A bounded queue of signatures to be made.
pub(crate) struct MintPool {
    queue: SyncSender<Job>,
}

pub(crate) type Job = Box<dyn FnOnce() + Send>;

impl MintPool {
    /// Starts `threads` threads, which end when the pool is dropped.
    pub(crate) fn start(threads: usize) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(LONGEST_QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..threads.max(1) {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new().name(format!("mint-{number}")).spawn(move || work(&jobs))?;
        }
        Ok(Self { queue })
    }

    pub(crate) fn submit(&self, job: Job) -> Result<(), MintFailed> {
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => MintFailed::Overloaded,
            TrySendError::Disconnected(_) => MintFailed::Signing,
        })
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    // Behind the workers: a burst of new keys must not slow those that are known. Without the right to be nice the
    // thread works all the same.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "mint threads run at normal priority");
    }
    loop {
        // Held while waiting: whoever waits next waits for the lock instead, which is the same to it.
        let job = jobs.lock().expect("no holder of this lock panics").recv();
        let Ok(job) = job else { return };
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
            tracing::error!("a mint job panicked; its requests were refused");
        }
        // Being nice is not enough: the scheduler lets a thread that was picked finish its slice of some milliseconds,
        // a dozen signatures, before a worker that woke up meanwhile (EEVDF, "run to parity"). This way a worker waits
        // for one signature at the most.
        thread::yield_now();
    }
}

/// About ten seconds of RSA on one core; whoever comes later is better told to try again.
const LONGEST_QUEUE: usize = 50_000;
const NICENESS: i32 = 10;
