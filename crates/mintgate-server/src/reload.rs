//! A changed configuration, put in force while the node runs.
//!
//! What may change is the data plane's: routes, origins, limits of requests, trusted proxies, realm. The rest (where
//! to listen, the store, the issuer, claims, usage, logging) is fixed for the life of the process. A file that is refused, or that
//! changes something fixed, changes nothing at all: the last good configuration stays in force.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use mintgate_proxy::Proxy;
use tokio::signal::unix::Signal;

use crate::{
    config::{self, Config, Style},
    data_plane,
    key_judge::ExchangeJudge,
    running_config::ShownConfig,
};

/// Watches one configuration file.
pub(crate) struct Reloader {
    path: PathBuf,
    /// What is in force.
    current: Config,
    /// What the file looked like when it was last read.
    seen: Option<Look>,
    hangup: Signal,
}

/// Enough to tell that a file was written to or replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    modified: SystemTime,
    length: u64,
}

impl Reloader {
    pub(crate) fn new(path: PathBuf, current: Config, hangup: Signal) -> Self {
        let seen = look(&path);
        Self { path, current, seen, hangup }
    }

    /// What is in force.
    pub(crate) fn current(&self) -> &Config {
        &self.current
    }

    /// Returns when the file should be read again: it changed, or somebody sent SIGHUP.
    pub(crate) async fn wanted(&mut self) {
        loop {
            tokio::select! {
                _ = self.hangup.recv() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let now = look(&self.path);
            // Gone for a moment is how editors replace files.
            if now.is_some() && now != self.seen {
                return;
            }
        }
    }

    /// Reads the file and puts it in force, if it may be.
    pub(crate) async fn reload(&mut self, proxy: &Proxy, judge: &ExchangeJudge, shown: &ShownConfig) {
        self.seen = look(&self.path);
        let config = match config::load(&self.path) {
            Ok((config, _)) => config,
            Err(report) => {
                let report = report.render(Style::Plain);
                tracing::error!(%report, "the changed configuration is refused; the last good one stays in force");
                return;
            }
        };
        if let Some(part) = first_fixed_difference(&self.current, &config) {
            tracing::error!(
                part,
                "the changed configuration needs a restart; the last good one stays in force"
            );
            return;
        }
        proxy.change(data_plane::settings(&config)).await;
        judge.change(&config);
        shown.change(&config);
        self.current = config;
        tracing::info!("the changed configuration is in force");
    }
}

/// The first part that cannot change while the process runs, and did.
fn first_fixed_difference(old: &Config, new: &Config) -> Option<&'static str> {
    let (from, to) = (&old.server, &new.server);
    [
        ("server.listen", from.listen != to.listen),
        ("server.public_url", from.public_url != to.public_url),
        ("server.workers", from.workers != to.workers),
        ("server.limits.connections", from.limits.connections != to.limits.connections),
        ("server.shutdown_grace", from.shutdown_grace != to.shutdown_grace),
        ("admin", old.admin != new.admin),
        ("store", old.store != new.store),
        ("issuer", old.issuer != new.issuer),
        ("claims", old.claims != new.claims),
        ("usage", old.usage != new.usage),
        ("log", old.log != new.log),
    ]
    .into_iter()
    .find_map(|(part, differs)| differs.then_some(part))
}

fn look(path: &Path) -> Option<Look> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Look { modified: metadata.modified().ok()?, length: metadata.len() })
}

const LOOK_EVERY: Duration = Duration::from_secs(1);
