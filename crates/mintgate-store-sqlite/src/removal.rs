//! Tombstones: what was removed, and under which revision.

use mintgate_apikey::KeyFingerprint;
use mintgate_store::StoreError;
use mintgate_types::ConsumerId;
use sqlx::{Row, SqliteConnection};

use crate::{
    check::RowCheck,
    failure::{damaged_row, failed},
    row::{parsed, stored_revision},
    writer::Transaction,
};

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removed {
    Consumer,
    Key,
}

impl Removed {
    fn stored(self) -> i64 {
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

/// What was removed after one revision, up to another: consumers, and keys by their fingerprints.
pub(crate) async fn read(
    connection: &mut SqliteConnection,
    since: i64,
    up_to: i64,
) -> Result<(Vec<ConsumerId>, Vec<KeyFingerprint>), StoreError> {
    let query = "SELECT kind, item, revision, row_check FROM removal WHERE revision > ? AND revision <= ?";
    let read = |error| failed("read_removal", error);
    let rows = sqlx::query(query).bind(since).bind(up_to).fetch_all(connection).await.map_err(read)?;
    let (mut consumers, mut keys) = (Vec::new(), Vec::new());
    for row in rows {
        let kind: i64 = row.try_get(0).map_err(read)?;
        let item: &[u8] = row.try_get(1).map_err(read)?;
        let kind = if kind == Removed::Key.stored() { Removed::Key } else { Removed::Consumer };
        let check: i64 = row.try_get(3).map_err(read)?;
        if check_of(kind, item, row.try_get(2).map_err(read)?) != check {
            return Err(damaged_row(TABLE));
        }
        match kind {
            Removed::Key => keys.push(KeyFingerprint::try_from(item).map_err(|_| damaged_row(TABLE))?),
            Removed::Consumer => {
                let id = std::str::from_utf8(item).map_err(|_| damaged_row(TABLE))?;
                consumers.push(parsed(id, TABLE)?);
            }
        }
    }
    Ok((consumers, keys))
}

fn check_of(kind: Removed, item: &[u8], revision: i64) -> i64 {
    RowCheck::of(TABLE).integer(kind.stored()).bytes(item).integer(revision).done()
}

const TABLE: &str = "removal";
