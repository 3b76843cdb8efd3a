//! An entry as a row. Every column but two repeats what stands in the entry's text, for searching.

use mintgate_store::{AuditEntry, AuditOutcome, StoreError, kept_microseconds};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use crate::{
    check::RowCheck,
    failure::{damaged_row, failed},
    writer::Transaction,
};

/// `SELECT` with the columns that [`Columns::read`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT seq, entry, hash, at, actor, actor_id, action, target, target_name, bucket, refused, row_check \
             FROM audit ",
            $rest
        )
    };
}
pub(super) use select;

/// The columns of a row but the last.
#[derive(PartialEq)]
pub(super) struct Columns<'a> {
    pub(super) seq: i64,
    pub(super) entry: &'a str,
    pub(super) hash: &'a [u8],
    at: i64,
    actor: &'a str,
    actor_id: Option<&'a str>,
    action: &'a str,
    target: &'a str,
    target_name: Option<&'a str>,
    bucket: Option<&'a str>,
    refused: i64,
}

impl<'a> Columns<'a> {
    /// The columns of this entry, with its hash as bytes.
    pub(super) fn of(entry: &'a AuditEntry, hash: &'a [u8]) -> Self {
        let record = entry.record();
        Self {
            seq: i64::try_from(record.seq).unwrap_or(i64::MAX),
            entry: entry.text(),
            hash,
            at: kept_microseconds(record.at),
            actor: record.actor.name.as_str(),
            actor_id: record.actor.id.as_ref().map(mintgate_types::ActorId::as_str),
            action: &record.action,
            target: &record.target.id,
            target_name: record.target.name.as_deref(),
            bucket: record.target.bucket.as_ref().map(mintgate_types::BucketName::as_str),
            refused: i64::from(record.outcome == AuditOutcome::Refused),
        }
    }

    /// The row's columns and its check.
    pub(super) fn read(row: &'a SqliteRow) -> Result<(Self, i64), sqlx::Error> {
        let columns = Self {
            seq: row.try_get(0)?,
            entry: row.try_get(1)?,
            hash: row.try_get(2)?,
            at: row.try_get(3)?,
            actor: row.try_get(4)?,
            actor_id: row.try_get(5)?,
            action: row.try_get(6)?,
            target: row.try_get(7)?,
            target_name: row.try_get(8)?,
            bucket: row.try_get(9)?,
            refused: row.try_get(10)?,
        };
        Ok((columns, row.try_get(11)?))
    }

    pub(super) fn check(&self) -> i64 {
        RowCheck::of(TABLE)
            .integer(self.seq)
            .text(self.entry)
            .bytes(self.hash)
            .integer(self.at)
            .text(self.actor)
            .optional_text(self.actor_id)
            .text(self.action)
            .text(self.target)
            .optional_text(self.target_name)
            .optional_text(self.bucket)
            .integer(self.refused)
            .done()
    }
}

/// Adds entries in their order, at most as many as a statement takes.
pub(super) async fn insert(tx: &mut Transaction, entries: &[AuditEntry]) -> Result<(), StoreError> {
    let mut statement = QueryBuilder::<Sqlite>::new(
        "INSERT INTO audit (seq, entry, hash, at, actor, actor_id, action, target, target_name, bucket, refused, \
         row_check) ",
    );
    statement.push_values(entries, |mut row, entry| {
        let hash = entry.hash();
        let columns = Columns::of(entry, hash.as_bytes());
        row.push_bind(columns.seq)
            .push_bind(columns.entry.to_owned())
            .push_bind(columns.hash.to_vec())
            .push_bind(columns.at)
            .push_bind(columns.actor.to_owned())
            .push_bind(columns.actor_id.map(str::to_owned))
            .push_bind(columns.action.to_owned())
            .push_bind(columns.target.to_owned())
            .push_bind(columns.target_name.map(str::to_owned))
            .push_bind(columns.bucket.map(str::to_owned))
            .push_bind(columns.refused)
            .push_bind(columns.check());
    });
    // One entry is what most transactions bring; other numbers differ too much to be kept prepared.
    let done = statement.build().persistent(entries.len() == 1).execute(tx.connection()).await;
    done.map(drop).map_err(|error| failed("append_audit", error))
}

/// The entry, if the row is as it was written.
pub(super) fn entry_from(row: &SqliteRow) -> Result<AuditEntry, StoreError> {
    let (columns, check) = Columns::read(row).map_err(|error| failed("read_audit", error))?;
    if columns.check() != check {
        return Err(damaged_row(TABLE));
    }
    let entry = AuditEntry::from_text(columns.entry.to_owned()).map_err(|_| damaged_row(TABLE))?;
    if Columns::of(&entry, entry.hash().as_bytes()) == columns { Ok(entry) } else { Err(damaged_row(TABLE)) }
}

const TABLE: &str = "audit";
