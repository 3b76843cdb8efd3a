//! Tasks that end when the process does: first asked, then waited for.

use std::{future::Future, time::Duration};

use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// Starts background tasks and ends them together. Nothing runs that is not tracked here.
#[derive(Debug)]
pub struct Lifecycle {
    stopping: watch::Sender<bool>,
    tasks: TaskTracker,
}

/// Tells a task when to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Lifecycle {
    /// Nothing is running yet.
    #[must_use]
    pub fn new() -> Self {
        Self { stopping: watch::Sender::new(false), tasks: TaskTracker::new() }
    }

    /// What a task waits on beside its work.
    #[must_use]
    pub fn stop(&self) -> Stop {
        Stop(self.stopping.subscribe())
    }

    /// Starts a task on the current runtime.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that tracks what it spawns")]
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(self.tasks.track_future(task));
    }

    /// Asks every task to stop, and waits for them for as long as `grace`. False if some are still running.
    pub async fn end(self, grace: Duration) -> bool {
        self.stopping.send_replace(true);
        self.tasks.close();
        tokio::time::timeout(grace, self.tasks.wait()).await.is_ok()
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// Returns when it is time to stop.
    pub async fn requested(&mut self) {
        // The sender gone means the same.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }

    /// Waits for `pause`; true if it is time to stop instead.
    pub async fn requested_within(&mut self, pause: Duration) -> bool {
        tokio::time::timeout(pause, self.requested()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_stops_when_asked_is_waited_for() {
        let lifecycle = Lifecycle::new();
        let mut stop = lifecycle.stop();
        lifecycle.spawn(async move { stop.requested().await });
        assert!(lifecycle.end(Duration::from_secs(1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_stop_is_left_after_the_grace() {
        let lifecycle = Lifecycle::new();
        lifecycle.spawn(std::future::pending());
        assert!(!lifecycle.end(Duration::from_secs(1)).await);
    }
}
