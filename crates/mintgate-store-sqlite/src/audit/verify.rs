//! Reads the whole log and compares it with what was written.
//!
//! In this order: every row by itself, its place in the chain, and the end by the seal that the ledger keeps. Whoever
//! altered a row and computed its check, its hash and those of all later rows anew is found at the end, because the
//! seal takes the master key.

use mintgate_store::{
    AuditAction, AuditEntry, AuditFlaw, AuditHash, AuditMark, AuditOutcome, AuditVerdict, StoreError,
};
use mintgate_types::Revision;
use sqlx::sqlite::SqliteRow;

use super::row::{self, Columns};
use crate::{SqliteStore, failure::failed, ledger::Ledger};

pub(super) async fn verify(store: &SqliteStore, mark: Option<AuditMark>) -> Result<AuditVerdict, StoreError> {
    let mut moment = store.moment().await?;
    let ledger = Ledger::read(&mut moment).await?;
    let mut walk = Walk { last: None, entries: 0, mark };
    let mut after = i64::MIN;
    loop {
        let rows = sqlx::query(row::select!("WHERE seq > ? ORDER BY seq LIMIT 1000"))
            .bind(after)
            .fetch_all(&mut *moment)
            .await
            .map_err(|error| failed("verify_audit", error))?;
        for row in &rows {
            match walk.step(row) {
                Ok(seq) => after = seq,
                Err(flaw) => return Ok(walk.verdict(Some(flaw))),
            }
        }
        if rows.is_empty() {
            break;
        }
    }
    let flaw = walk.end(&ledger, ledger.refuse_forged(&store.seal).is_ok());
    Ok(walk.verdict(flaw))
}

/// How far the log was read and found in order.
struct Walk {
    last: Option<AuditEntry>,
    entries: u64,
    mark: Option<AuditMark>,
}

impl Walk {
    fn step(&mut self, row: &SqliteRow) -> Result<i64, AuditFlaw> {
        let expected = self.head().seq + 1;
        let flaw = |problem: &str| AuditFlaw { seq: expected, problem: problem.to_owned() };
        let (columns, check) = Columns::read(row).map_err(|_| flaw("a column of it cannot be read"))?;
        if i64::try_from(expected) != Ok(columns.seq) {
            return Err(flaw("it is missing"));
        }
        let entry = AuditEntry::from_text(columns.entry.to_owned()).map_err(|_| flaw("it is no entry"))?;
        let hash = entry.hash();
        if hash.as_bytes()[..] != *columns.hash {
            return Err(flaw("it was altered: its hash is another one"));
        }
        if Columns::of(&entry, hash.as_bytes()) != columns || columns.check() != check {
            return Err(flaw("a column of it was altered"));
        }
        if entry.record().previous != self.head().hash {
            return Err(flaw("it does not follow the entry before: one of the two was altered or replaced"));
        }
        if !self.follows(&entry) {
            return Err(flaw("changes between it and the entry before have no entry"));
        }
        if self.mark.is_some_and(|mark| mark.seq == expected && mark.hash != hash) {
            return Err(flaw("it is not the entry that was noted: the log was written anew"));
        }
        self.entries += 1;
        self.last = Some(entry);
        Ok(columns.seq)
    }

    /// Whether no revision was passed over.
    fn follows(&self, entry: &AuditEntry) -> bool {
        let Some(last) = &self.last else { return true };
        let (before, now) = (last.record().revision, entry.record().revision);
        let next = Revision(before.0.saturating_add(1));
        let restored = entry.record().action == AuditAction::Restore.name() && now > before;
        now == before || (now == next || restored) && entry.record().outcome == AuditOutcome::Done
    }

    fn head(&self) -> AuditMark {
        self.last.as_ref().map_or(AuditMark { seq: 0, hash: AuditHash::NONE }, |entry| AuditMark {
            seq: entry.record().seq,
            hash: entry.hash(),
        })
    }

    /// What is wrong with the end.
    fn end(&self, ledger: &Ledger, sealed: bool) -> Option<AuditFlaw> {
        let (head, written) = (self.head(), ledger.audit);
        let flaw = |seq, problem: &str| Some(AuditFlaw { seq, problem: problem.to_owned() });
        if head.seq < written.seq {
            return flaw(head.seq + 1, "it is missing: the log was cut");
        }
        if !sealed {
            return flaw(
                head.seq,
                "the end of the log is not under its seal: entries were added, altered or cut off",
            );
        }
        if head.seq > written.seq {
            return flaw(written.seq + 1, "it was added by somebody else");
        }
        if head.hash != written.hash {
            return flaw(head.seq, "it is not the last entry that was written: the log was written anew");
        }
        let told = self.last.as_ref().map_or(0, |entry| entry.record().revision.0);
        if self.last.is_some() && i64::try_from(told) != Ok(ledger.revision) {
            return flaw(head.seq + 1, "the last changes have no entry");
        }
        match self.mark {
            Some(mark) if mark.seq > head.seq => {
                flaw(head.seq + 1, "it is missing: an entry that was noted came after it")
            }
            _ => None,
        }
    }

    fn verdict(self, flaw: Option<AuditFlaw>) -> AuditVerdict {
        let head = if flaw.is_none() && self.last.is_some() { Some(self.head()) } else { None };
        AuditVerdict { entries: self.entries, head, flaw }
    }
}
