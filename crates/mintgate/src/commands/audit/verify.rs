//! `mintgate audit verify`

use std::str::FromStr;

use clap::Args;
use mintgate_admin_api::{AuditMark, AuditVerdict, VerifyAudit, paths};

use crate::{
    args::{FormatArgs, RemoteArgs},
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `audit verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// An entry that an earlier look printed, which must still be there: its number, a colon, its hash.
    #[arg(long, value_name = "SEQ:HASH")]
    mark: Option<Mark>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// An entry as it is written in an argument.
#[derive(Debug, Clone)]
struct Mark(AuditMark);

impl FromStr for Mark {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let expected = "expected SEQ:HASH, as `mintgate audit verify` prints it";
        let (seq, hash) = text.split_once(':').ok_or(expected)?;
        Ok(Self(AuditMark { seq: seq.parse().map_err(|_| expected)?, hash: hash.to_owned() }))
    }
}

impl Verify {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let request = VerifyAudit { mark: self.mark.map(|mark| mark.0) };
        let verdict: AuditVerdict = client.post(paths::AUDIT_VERIFY, &request)?;
        if self.format.json {
            screen.json(&verdict)?;
        }
        if !verdict.ok {
            let seq = verdict.first_bad_seq.unwrap_or_default();
            let problem = verdict.problem.as_deref().unwrap_or("it is not as it was written");
            return Err(Failure::refused(format_args!("entry {seq} of the audit log: {problem}")));
        }
        screen.say(format_args!("the audit log is as it was written; entries: {}", verdict.entries));
        match verdict.head {
            Some(head) if !self.format.json => screen.line(format_args!("{}:{}", head.seq, head.hash)),
            _ => Ok(()),
        }
    }
}
