//! A consumer as a row.

use mintgate_store::{Conflict, Consumer, ConsumerState, StoreError, kept_microseconds};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use crate::{
    check::RowCheck,
    failure::{breaks_unique, damaged_row, failed, lacks_parent},
    like,
    row::{Stored, optional_time, parsed, revision, stored_revision, time},
    writer::Transaction,
};

/// `SELECT` with the columns that [`consumer_from`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, bucket, name, subject, metadata, tags, managers, disabled_since, created, revision, \
             row_check, last_used FROM consumer ",
            $rest
        )
    };
}
pub(crate) use select;

/// The same columns, for statements that are put together.
pub(crate) const COLUMNS: &str = "id, bucket, name, subject, metadata, tags, managers, disabled_since, created, \
                                  revision, row_check, last_used";

/// What a search looks through: a line for the name, one for the subject, and one for each tag.
fn found_by(consumer: &Consumer) -> String {
    let mut text = format!("\n{}\n{}\n", consumer.name, consumer.subject);
    for (name, value) in &consumer.tags {
        text.push_str(name.as_str());
        text.push('=');
        text.push_str(value.as_str());
        text.push('\n');
    }
    like::folded(&text)
}

/// The columns whose text is not the record's own.
struct Json {
    metadata: String,
    tags: String,
    managers: String,
    /// Goes with them, and is none of the columns that the check covers.
    found_by: String,
}

impl Json {
    fn of(consumer: &Consumer) -> Self {
        Self {
            metadata: serde_json::to_string(&consumer.metadata).expect("a JSON object can be written"),
            tags: serde_json::to_string(&consumer.tags).expect("a map of strings can be written"),
            managers: serde_json::to_string(&consumer.managers).expect("a list of strings can be written"),
            found_by: found_by(consumer),
        }
    }
}

impl<'a> Columns<'a> {
    /// With the check that belongs to them.
    fn of(consumer: &'a Consumer, json: &'a Json) -> Self {
        let mut columns = Self {
            id: consumer.id.as_str(),
            bucket: consumer.bucket.as_str(),
            name: consumer.name.as_str(),
            subject: consumer.subject.as_str(),
            metadata: &json.metadata,
            tags: &json.tags,
            managers: &json.managers,
            disabled_since: match consumer.state {
                ConsumerState::Active => None,
                ConsumerState::Disabled { since } => Some(kept_microseconds(since)),
            },
            created: kept_microseconds(consumer.created),
            revision: stored_revision(consumer.revision),
            check: 0,
            last_used: 0,
        };
        columns.check = columns.check_of();
        columns
    }
}

/// Adds rows, many in a statement, and returns their serials in order.
pub(crate) async fn insert_consumers(
    tx: &mut Transaction,
    consumers: &[Consumer],
) -> Result<Vec<i64>, StoreError> {
    let mut serials = Vec::with_capacity(consumers.len());
    for chunk in consumers.chunks(ROWS_PER_STATEMENT) {
        let mut statement = QueryBuilder::<Sqlite>::new(
            "INSERT INTO consumer (id, bucket, name, subject, metadata, tags, managers, disabled_since, created, \
             revision, row_check, found_by) ",
        );
        statement.push_values(chunk, |mut row, consumer| {
            let json = Json::of(consumer);
            let columns = Columns::of(consumer, &json);
            tx.ledger.consumers.add(columns.check);
            row.push_bind(columns.id.to_owned())
                .push_bind(columns.bucket.to_owned())
                .push_bind(columns.name.to_owned())
                .push_bind(columns.subject.to_owned())
                .push_bind(columns.metadata.to_owned())
                .push_bind(columns.tags.to_owned())
                .push_bind(columns.managers.to_owned())
                .push_bind(columns.disabled_since)
                .push_bind(columns.created)
                .push_bind(columns.revision)
                .push_bind(columns.check)
                .push_bind(json.found_by);
        });
        let usual = chunk.len() == 1 || chunk.len() == ROWS_PER_STATEMENT;
        let done = statement.build().persistent(usual).execute(tx.connection()).await;
        let last = done.map_err(|error| conflict("create_consumer", error))?.last_insert_rowid();
        // One statement gives serials in a row: each is one more than the highest.
        let count = i64::try_from(chunk.len()).expect("a chunk is small");
        serials.extend(last + 1 - count..=last);
    }
    Ok(serials)
}

pub(crate) async fn update_row(
    tx: &mut Transaction,
    old: &Stored<Consumer>,
    new: &Consumer,
) -> Result<(), StoreError> {
    let json = Json::of(new);
    let columns = Columns::of(new, &json);
    let done = sqlx::query(
        "UPDATE consumer SET name = ?, subject = ?, metadata = ?, tags = ?, managers = ?, \
         disabled_since = ?, revision = ?, row_check = ?, found_by = ? WHERE id = ?",
    )
    .bind(columns.name)
    .bind(columns.subject)
    .bind(columns.metadata)
    .bind(columns.tags)
    .bind(columns.managers)
    .bind(columns.disabled_since)
    .bind(columns.revision)
    .bind(columns.check)
    .bind(&json.found_by)
    .bind(columns.id)
    .execute(tx.connection())
    .await
    .map_err(|error| conflict("update_consumer", error))?;
    if done.rows_affected() != 1 {
        return Err(damaged_row(TABLE));
    }
    tx.ledger.consumers.replace(old.check, columns.check);
    Ok(())
}

pub(crate) fn consumer_from(row: &SqliteRow) -> Result<Stored<Consumer>, StoreError> {
    columns_of(row).map_err(|error| failed("read_consumer", error))?.into_consumer()
}

fn columns_of(row: &SqliteRow) -> Result<Columns<'_>, sqlx::Error> {
    Ok(Columns {
        id: row.try_get(0)?,
        bucket: row.try_get(1)?,
        name: row.try_get(2)?,
        subject: row.try_get(3)?,
        metadata: row.try_get(4)?,
        tags: row.try_get(5)?,
        managers: row.try_get(6)?,
        disabled_since: row.try_get(7)?,
        created: row.try_get(8)?,
        revision: row.try_get(9)?,
        check: row.try_get(10)?,
        last_used: row.try_get(11)?,
    })
}

/// A row's columns, wherever they were read from.
pub(crate) struct Columns<'a> {
    pub(crate) id: &'a str,
    pub(crate) bucket: &'a str,
    pub(crate) name: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) metadata: &'a str,
    pub(crate) tags: &'a str,
    pub(crate) managers: &'a str,
    pub(crate) disabled_since: Option<i64>,
    pub(crate) created: i64,
    pub(crate) revision: i64,
    pub(crate) check: i64,
    /// 0 for never.
    pub(crate) last_used: i64,
}

impl Columns<'_> {
    /// The consumer, if the row is as it was written.
    pub(crate) fn into_consumer(self) -> Result<Stored<Consumer>, StoreError> {
        if self.check_of() != self.check {
            return Err(damaged_row(TABLE));
        }
        let consumer = Consumer {
            id: parsed(self.id, TABLE)?,
            bucket: parsed(self.bucket, TABLE)?,
            name: parsed(self.name, TABLE)?,
            subject: parsed(self.subject, TABLE)?,
            metadata: serde_json::from_str(self.metadata).map_err(|_| damaged_row(TABLE))?,
            tags: serde_json::from_str(self.tags).map_err(|_| damaged_row(TABLE))?,
            managers: serde_json::from_str(self.managers).map_err(|_| damaged_row(TABLE))?,
            state: match optional_time(self.disabled_since, TABLE)? {
                None => ConsumerState::Active,
                Some(since) => ConsumerState::Disabled { since },
            },
            created: time(self.created, TABLE)?,
            last_used: optional_time(Some(self.last_used).filter(|at| *at != 0), TABLE)?,
            revision: revision(self.revision, TABLE)?,
        };
        Ok(Stored { record: consumer, check: self.check })
    }

    /// Over the JSON as it is stored: reading and writing it again need not give the same text.
    fn check_of(&self) -> i64 {
        let check = RowCheck::of(TABLE)
            .text(self.id)
            .text(self.bucket)
            .text(self.name)
            .text(self.subject)
            .text(self.metadata)
            .text(self.tags)
            .optional(self.disabled_since)
            .integer(self.created)
            .integer(self.revision);
        // Rows that are older than the column were written without it.
        if self.managers == "[]" { check.done() } else { check.text(self.managers).done() }
    }
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

/// Fewer trips to the connection's thread; `SQLite` takes 32,766 values in a statement, and these are twelve a row.
const ROWS_PER_STATEMENT: usize = 200;
