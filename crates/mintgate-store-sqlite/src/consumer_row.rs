//! A consumer as a row.

use mintgate_store::{Conflict, Consumer, ConsumerState, StoreError, kept_microseconds};
use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    check::RowCheck,
    failure::{breaks_unique, damaged_row, failed, lacks_parent},
    row::{Stored, optional_time, parsed, revision, stored_revision, time},
    writer::Transaction,
};

/// `SELECT` with the columns that [`consumer_from`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, bucket, name, subject, metadata, tags, disabled_since, created, revision, row_check \
             FROM consumer ",
            $rest
        )
    };
}
pub(crate) use select;

/// The columns that are not as the record has them.
struct Columns {
    metadata: String,
    tags: String,
    disabled_since: Option<i64>,
}

impl Columns {
    fn of(consumer: &Consumer) -> Self {
        Self {
            metadata: serde_json::to_string(&consumer.metadata).expect("a JSON object can be written"),
            tags: serde_json::to_string(&consumer.tags).expect("a map of strings can be written"),
            disabled_since: match consumer.state {
                ConsumerState::Active => None,
                ConsumerState::Disabled { since } => Some(kept_microseconds(since)),
            },
        }
    }
}

pub(crate) async fn insert_consumer(tx: &mut Transaction, consumer: &Consumer) -> Result<(), StoreError> {
    let columns = Columns::of(consumer);
    let check = check_of(consumer, &columns.metadata, &columns.tags);
    sqlx::query(
        "INSERT INTO consumer (id, bucket, name, subject, metadata, tags, disabled_since, created, revision, \
         row_check) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(consumer.id.as_str())
    .bind(consumer.bucket.as_str())
    .bind(consumer.name.as_str())
    .bind(consumer.subject.as_str())
    .bind(columns.metadata)
    .bind(columns.tags)
    .bind(columns.disabled_since)
    .bind(kept_microseconds(consumer.created))
    .bind(stored_revision(consumer.revision))
    .bind(check)
    .execute(tx.connection())
    .await
    .map_err(|error| conflict("create_consumer", error))?;
    tx.ledger.consumers.add(check);
    Ok(())
}

pub(crate) async fn update_row(
    tx: &mut Transaction,
    old: &Stored<Consumer>,
    new: &Consumer,
) -> Result<(), StoreError> {
    let columns = Columns::of(new);
    let check = check_of(new, &columns.metadata, &columns.tags);
    let done = sqlx::query(
        "UPDATE consumer SET name = ?, subject = ?, metadata = ?, tags = ?, disabled_since = ?, revision = ?, \
         row_check = ? WHERE id = ?",
    )
    .bind(new.name.as_str())
    .bind(new.subject.as_str())
    .bind(columns.metadata)
    .bind(columns.tags)
    .bind(columns.disabled_since)
    .bind(stored_revision(new.revision))
    .bind(check)
    .bind(new.id.as_str())
    .execute(tx.connection())
    .await
    .map_err(|error| conflict("update_consumer", error))?;
    if done.rows_affected() != 1 {
        return Err(damaged_row(TABLE));
    }
    tx.ledger.consumers.replace(old.check, check);
    Ok(())
}

pub(crate) fn consumer_from(row: &SqliteRow) -> Result<Stored<Consumer>, StoreError> {
    let read = |error| failed("read_consumer", error);
    let metadata: &str = row.try_get(4).map_err(read)?;
    let tags: &str = row.try_get(5).map_err(read)?;
    let consumer = Consumer {
        id: parsed(row.try_get(0).map_err(read)?, TABLE)?,
        bucket: parsed(row.try_get(1).map_err(read)?, TABLE)?,
        name: parsed(row.try_get(2).map_err(read)?, TABLE)?,
        subject: parsed(row.try_get(3).map_err(read)?, TABLE)?,
        metadata: serde_json::from_str(metadata).map_err(|_| damaged_row(TABLE))?,
        tags: serde_json::from_str(tags).map_err(|_| damaged_row(TABLE))?,
        state: match optional_time(row.try_get(6).map_err(read)?, TABLE)? {
            None => ConsumerState::Active,
            Some(since) => ConsumerState::Disabled { since },
        },
        created: time(row.try_get(7).map_err(read)?, TABLE)?,
        revision: revision(row.try_get(8).map_err(read)?, TABLE)?,
    };
    let check = row.try_get(9).map_err(read)?;
    if check_of(&consumer, metadata, tags) == check {
        Ok(Stored { record: consumer, check })
    } else {
        Err(damaged_row(TABLE))
    }
}

/// Over the JSON as it is stored: reading and writing it again need not give the same text.
fn check_of(consumer: &Consumer, metadata: &str, tags: &str) -> i64 {
    let disabled_since = match consumer.state {
        ConsumerState::Active => None,
        ConsumerState::Disabled { since } => Some(kept_microseconds(since)),
    };
    RowCheck::of(TABLE)
        .text(consumer.id.as_str())
        .text(consumer.bucket.as_str())
        .text(consumer.name.as_str())
        .text(consumer.subject.as_str())
        .text(metadata)
        .text(tags)
        .optional(disabled_since)
        .integer(kept_microseconds(consumer.created))
        .integer(stored_revision(consumer.revision))
        .done()
}

fn conflict(transaction: &'static str, error: sqlx::Error) -> StoreError {
    if breaks_unique(&error, "consumer.bucket, consumer.name") || breaks_unique(&error, "consumer.id") {
        Conflict::ConsumerExists.into()
    } else if lacks_parent(&error) {
        Conflict::NoParent.into()
    } else {
        failed(transaction, error)
    }
}

const TABLE: &str = "consumer";
