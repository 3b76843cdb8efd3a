//! `mintgate audit …`

mod export;
mod list;
mod verify;

use clap::Args;
use mintgate_admin_api::AuditOutcome;
use mintgate_types::{BucketName, Timestamp};

use crate::{args::word, failure::Outcome, query::Query, screen::Screen};

/// What can be done with the audit log.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Audit {
    /// List who did what, newest first.
    List(list::List),
    /// Print the log as JSON Lines, oldest first.
    Export(export::Export),
    /// Find out whether the log is as it was written.
    Verify(verify::Verify),
}

impl Audit {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        match self {
            Self::List(command) => command.run(screen),
            Self::Export(command) => command.run(screen),
            Self::Verify(command) => command.run(screen),
        }
    }
}

/// Which entries are wanted.
#[derive(Debug, Args)]
struct Wanted {
    /// Only by whoever has this name or id.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Only this action, or every action on this kind of thing: key.create, or key.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only on what has this id or name.
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// Only in this bucket.
    #[arg(long, value_name = "NAME")]
    bucket: Option<BucketName>,
    /// Only what was done, or only what was refused.
    #[arg(long, value_parser = word::<AuditOutcome>)]
    outcome: Option<AuditOutcome>,
    /// From this moment on.
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Before this moment.
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
}

impl Wanted {
    fn query(self, path: &str) -> Query {
        let outcome = self.outcome.map(outcome_name);
        Query::of(path)
            .with("actor", self.actor)
            .with("action", self.action)
            .with("target", self.target)
            .with("bucket", self.bucket)
            .with("outcome", outcome)
            .with("from", self.from)
            .with("to", self.to)
    }
}

fn outcome_name(outcome: AuditOutcome) -> &'static str {
    match outcome {
        AuditOutcome::Done => "done",
        AuditOutcome::Refused => "refused",
    }
}
