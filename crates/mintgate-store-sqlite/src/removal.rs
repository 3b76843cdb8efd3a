//! Tombstones: what was removed, and under which revision.

use mintgate_store::StoreError;

use crate::{check::RowCheck, failure::failed, row::stored_revision, writer::Transaction};

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removed {
    Consumer,
    Key,
}

impl Removed {
    pub(crate) fn stored(self) -> i64 {
        match self {
            Self::Consumer => 0,
            Self::Key => 1,
        }
    }
}

/// Notes removals under this transaction's revision.
pub(crate) async fn note(tx: &mut Transaction, kind: Removed, items: &[Vec<u8>]) -> Result<(), StoreError> {
    let revision = stored_revision(tx.revision()?);
    for item in items {
        sqlx::query("INSERT OR REPLACE INTO removal (kind, item, revision, row_check) VALUES (?, ?, ?, ?)")
            .bind(kind.stored())
            .bind(&item[..])
            .bind(revision)
            .bind(check_of(kind, item, revision))
            .execute(tx.connection())
            .await
            .map_err(|error| failed("note_removal", error))?;
    }
    Ok(())
}

pub(crate) fn check_of(kind: Removed, item: &[u8], revision: i64) -> i64 {
    RowCheck::of("removal").integer(kind.stored()).bytes(item).integer(revision).done()
}
