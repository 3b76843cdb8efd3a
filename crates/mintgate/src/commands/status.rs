//! `mintgate status`

use clap::Args;
use mintgate_admin_api::{Status, paths};

use crate::{
    args::{FormatArgs, RemoteArgs},
    commands::signing_keys,
    failure::Outcome,
    screen::Screen,
    table::{Rows, time},
};

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(crate) struct ShowStatus {
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl ShowStatus {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let status: Status = self.remote.connect(screen)?.get(paths::STATUS)?;
        if self.format.json {
            return screen.json(&status);
        }
        let working = status.keys.total - status.keys.revoked;
        let mut facts = Rows::under(["VERSION", "STORE", "REVISION", "KEYS", "REVOKED"]);
        facts.row([
            status.version,
            status.store.kind,
            status.store.revision.to_string(),
            working.to_string(),
            status.keys.revoked.to_string(),
        ]);
        facts.show(screen)?;
        screen.line("")?;
        let mut nodes = Rows::under(["NODE", "READY", "REVISION", "STARTED", "UPTIME"]);
        for node in status.nodes {
            let ready = if node.ready { "yes" } else { "no" };
            nodes.row([
                node.name,
                ready.to_owned(),
                node.revision.to_string(),
                time(node.started),
                in_words(node.uptime_seconds),
            ]);
        }
        nodes.show(screen)?;
        screen.line("")?;
        signing_keys::show(&status.signing_keys, screen)
    }
}

/// The two largest units of a length of time.
fn in_words(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m {}s", seconds % 60),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uptime_has_two_units_at_most() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (61, "1m 1s"), (3600, "1h 0m"), (90_061, "1d 1h")] {
            assert_eq!(in_words(seconds), text);
        }
    }
}
