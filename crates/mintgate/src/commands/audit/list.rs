//! `mintgate audit list`

use std::num::NonZeroUsize;

use clap::Args;
use mintgate_admin_api::{AuditEntry, AuditPage, Cursor, paths};

use super::{Wanted, outcome_name};
use crate::{
    args::{FormatArgs, RemoteArgs, at_least_one},
    failure::Outcome,
    screen::Screen,
    table::{Rows, time},
};

/// Arguments of `audit list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    wanted: Wanted,
    /// How many at the most.
    #[arg(long, value_name = "N", default_value = "100", value_parser = at_least_one)]
    limit: NonZeroUsize,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl List {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let limit = self.limit.get();
        let query = self.wanted.query(paths::AUDIT).with("limit", Some(limit.min(1000)));
        let mut found = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let page: AuditPage = client.get(&query.from(cursor.as_ref()))?;
            found.extend(page.data);
            cursor = page.next_cursor;
            if cursor.is_none() || found.len() >= limit {
                break;
            }
        }
        let more = cursor.is_some() || found.len() > limit;
        found.truncate(limit);
        if self.format.json {
            screen.json(&found)?;
        } else {
            show(&found, screen)?;
        }
        if more {
            screen.say(format_args!("the latest {} of more; see --limit and `audit export`", found.len()));
        }
        Ok(())
    }
}

fn show(entries: &[AuditEntry], screen: &mut Screen) -> Outcome {
    let mut rows = Rows::under(["SEQ", "AT", "ACTOR", "ACTION", "TARGET", "BUCKET", "OUTCOME"]);
    for entry in entries {
        let outcome = match &entry.code {
            Some(code) => format!("{}: {code}", outcome_name(entry.outcome)),
            None => outcome_name(entry.outcome).to_owned(),
        };
        rows.row([
            entry.seq.to_string(),
            time(entry.at),
            entry.actor.name.clone(),
            entry.action.clone(),
            entry.target.name.clone().unwrap_or_else(|| entry.target.id.clone()),
            entry.target.bucket.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            outcome,
        ]);
    }
    rows.show(screen)
}
