//! What there is to say about a file: one report, by line, whoever found it.

use mintgate_import::{Import as Found, NotCarried, Remark};
use serde::{Serialize, Serializer, ser::SerializeSeq};

use crate::{
    failure::{Failure, Outcome},
    screen::{Screen, counted},
};

/// The report; with `--json`, all of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// How many keys were taken in, or would be.
    pub(super) imported: usize,
    /// How many were there already.
    pub(super) existing: usize,
    /// How many consumers were made, or would be.
    pub(super) consumers_created: usize,
    /// Whether nothing was kept because that was asked for.
    pub(super) dry_run: bool,
    #[serde(serialize_with = "remarks")]
    rejected: Vec<Remark>,
    #[serde(serialize_with = "remarks")]
    left_out: Vec<Remark>,
    #[serde(serialize_with = "kinds")]
    not_carried: Vec<NotCarried>,
}

impl Report {
    /// Takes out of `found` what is wrong with it.
    pub(super) fn of(found: &mut Found) -> Self {
        Self {
            imported: 0,
            existing: 0,
            consumers_created: 0,
            dry_run: true,
            rejected: std::mem::take(&mut found.rejected),
            left_out: std::mem::take(&mut found.left_out),
            not_carried: std::mem::take(&mut found.not_carried),
        }
    }

    pub(super) fn has_rejected(&self) -> bool {
        !self.rejected.is_empty()
    }

    /// Adds what the gateway refuses.
    pub(super) fn reject(&mut self, remark: Remark) {
        self.rejected.push(remark);
    }

    /// Tells people everything but the counts.
    pub(super) fn show(&mut self, screen: &mut Screen) {
        self.rejected.sort_by_key(|remark| remark.line);
        for remark in &self.rejected {
            screen.say(format_args!("line {}: {}", remark.line, remark.message));
        }
        for remark in self.left_out.iter().take(MOST_SHOWN) {
            screen.say(format_args!("line {}: left out: {}", remark.line, remark.message));
        }
        if let Some(more) = self.left_out.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
            screen.say(format_args!("{} more are left out; --json names them all", counted(more, "line")));
        }
        for kind in &self.not_carried {
            let NotCarried { what, count, first_line } = kind;
            screen.say(format_args!("not carried over: {what} ({count}, first in line {first_line})"));
        }
        if self.existing > 0 {
            screen.say(format_args!("there already: {}", counted(self.existing, "key")));
        }
    }

    /// Tells everything, and that nothing came of it.
    pub(super) fn refuse(&mut self, json: bool, screen: &mut Screen) -> Outcome {
        self.show(screen);
        let imported = std::mem::take(&mut self.imported);
        (self.existing, self.consumers_created, self.dry_run) = (0, 0, true);
        if json {
            screen.json(self)?;
        }
        if imported > 0 {
            let keys = counted(imported, "key");
            screen.say(format_args!("--skip-rejected takes the rest: {keys}"));
        }
        Err(Failure::refused(format_args!(
            "{}; nothing was imported",
            counted(self.rejected.len(), "problem")
        )))
    }
}

fn remarks<S: Serializer>(remarks: &[Remark], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(remarks.len()))?;
    for Remark { line, message } in remarks {
        list.serialize_element(&serde_json::json!({ "line": line, "message": message }))?;
    }
    list.end()
}

fn kinds<S: Serializer>(kinds: &[NotCarried], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(kinds.len()))?;
    for NotCarried { what, count, first_line } in kinds {
        list.serialize_element(
            &serde_json::json!({ "what": what, "count": count, "first_line": first_line }),
        )?;
    }
    list.end()
}

/// Rejected lines are all told, because each wants something done; of the others, people want an idea.
const MOST_SHOWN: usize = 20;
