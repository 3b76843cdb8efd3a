//! Brings what workers counted into the store.
//!
//! One task takes what workers hand over, sums it up, and writes the sums, a few hundred keys at a time, so that no
//! confirmed change waits for long. It goes on taking while it writes, so workers never wait for the store. What cannot
//! be written is kept and tried again. Memory is bounded (`pending.rs`): what would exceed it is not counted, and the
//! log says how much.

mod pending;

use std::{sync::Arc, time::Duration};

use mintgate_proxy::Counted;
use mintgate_store::{StoreError, Usage, UsageBatch};
use mintgate_types::{Clock, UsageStep};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use self::pending::Pending;
use crate::lifecycle::{Lifecycle, Stop};

/// Counts on their way from the workers to the store.
pub(crate) struct Recorder {
    task: Lifecycle,
}

impl Recorder {
    /// Starts the task. Workers hand over to what comes second.
    pub(crate) fn start(store: Arc<dyn Usage>) -> (Self, mpsc::Sender<Counted>) {
        let (collector, counted) = mpsc::channel(MOST_TABLES);
        let task = Lifecycle::new();
        task.spawn(record(store, counted, task.stop()));
        (Self { task }, collector)
    }

    /// Writes everything that was handed over. Call it when the workers have ended, and before the store is closed.
    pub(crate) async fn finish(self) {
        if !self.task.end(LAST_GRACE).await {
            tracing::warn!("some usage was not written: the store does not answer, or not in time");
        }
    }
}

async fn record(store: Arc<dyn Usage>, mut counted: mpsc::Receiver<Counted>, mut stop: Stop) {
    let mut pending = Pending::new(MOST_KEYS);
    let mut open = true;
    let mut stopping = false;
    // Until then more is taken before the next batch is written.
    let mut wait_until = Instant::now();
    loop {
        if stopping && pending.is_empty() {
            return;
        }
        tokio::select! {
            // First what workers hand over, then what takes time.
            biased;
            taken = counted.recv(), if open => match taken {
                Some(taken) => {
                    if pending.is_empty() {
                        wait_until = Instant::now() + SETTLE;
                    }
                    take(&mut pending, &taken);
                }
                None => open = false,
            },
            () = stop.requested(), if !stopping => {
                stopping = true;
                wait_until = Instant::now();
                while let Ok(taken) = counted.try_recv() {
                    take(&mut pending, &taken);
                }
            }
            () = sleep_until(wait_until), if !pending.is_empty() => {
                if !write(&*store, &mut pending, &mut counted).await {
                    wait_until = Instant::now() + AFTER_FAILURE;
                }
            }
        }
    }
}

/// Writes one batch, and takes what comes meanwhile. False if it was not written; then it is pending again.
async fn write(store: &dyn Usage, pending: &mut Pending, counted: &mut mpsc::Receiver<Counted>) -> bool {
    let batch = pending.next_batch(KEYS_A_BATCH);
    let outcome = {
        let writing = store.add_usage(&batch);
        tokio::pin!(writing);
        loop {
            tokio::select! {
                outcome = &mut writing => break outcome,
                Some(taken) = counted.recv() => take(pending, &taken),
            }
        }
    };
    outcome.map_err(|error| keep(&error, pending, &batch)).is_ok()
}

fn keep(error: &StoreError, pending: &mut Pending, batch: &UsageBatch) {
    pending.put_back(batch);
    tracing::warn!(
        error = error as &dyn std::error::Error,
        keys = pending.len(),
        "usage was not written; it is kept and tried again"
    );
}

fn take(pending: &mut Pending, counted: &Counted) {
    let lost = pending.take(counted) + counted.uncounted();
    if lost > 0 {
        tracing::error!(requests = lost, "requests were not counted: too many keys wait to be written");
    }
}

/// Forgets usage that is too old to keep, a little at a time.
pub(crate) async fn forget_old_usage(store: Arc<dyn Usage>, clock: Arc<dyn Clock>, mut stop: Stop) {
    loop {
        for (step, kept) in [(UsageStep::Hour, HOURS_KEPT), (UsageStep::Day, DAYS_KEPT)] {
            let before = step.period_of(clock.now()).saturating_sub(kept);
            loop {
                match store.trim_usage(step, before, ROWS_A_TRIM).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "old usage was not removed; tried again in an hour");
                        break;
                    }
                }
                if stop.requested_within(BETWEEN_TRIMS).await {
                    return;
                }
            }
        }
        if stop.requested_within(TRIM_EVERY).await {
            return;
        }
    }
}

/// Usage by the hour is kept for 35 days.
const HOURS_KEPT: u32 = 35 * 24;
/// Usage by the day is kept for 400 days.
const DAYS_KEPT: u32 = 400;
const TRIM_EVERY: Duration = Duration::from_hours(1);
/// So many take some 10 ms, in which no change is confirmed.
const ROWS_A_TRIM: u32 = 2000;
const BETWEEN_TRIMS: Duration = Duration::from_millis(50);
/// Workers hand over at about the same time: their counts are written together.
const SETTLE: Duration = Duration::from_millis(100);
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long writing may take at the end.
const LAST_GRACE: Duration = Duration::from_secs(10);
/// Each is taken within milliseconds; they are 1.8 MB at the most.
const MOST_TABLES: usize = 32;
/// So many take some 5 ms, in which no change is confirmed.
const KEYS_A_BATCH: usize = 250;
/// Keys and hours that wait to be written: some 130 MB. A million keys fit while the store does not answer.
const MOST_KEYS: usize = 1_500_000;

#[cfg(test)]
mod tests;
