//! What consumers are found by to the letter: a number for each tag, and one for each scalar of the metadata with its
//! place.
//!
//! Numbers may collide, and what a search finds by them is compared again with the row. So they need not be secret or
//! strong, only short and always the same.

use std::collections::BTreeSet;

use mintgate_store::{Consumer, MetadataMatch, StoreError};
use mintgate_types::{TagName, TagValue};
use serde_json::Value;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::{
    check::RowCheck,
    consumer_row::{COLUMNS, consumer_from},
    failure::failed,
    writer::Transaction,
};

/// The numbers of one consumer.
pub(crate) type Values = BTreeSet<i64>;

/// A consumer's numbers; of one with very many, the first and [`MORE`].
pub(crate) fn values_of(consumer: &Consumer) -> Values {
    let mut values: Values = consumer.tags.iter().map(|(name, value)| of_tag(name, value)).collect();
    let place = RowCheck::of(MEMBER);
    for (name, value) in consumer.metadata.as_object() {
        collect(&mut values, &place.clone().text(name), value);
    }
    if values.len() > MOST_VALUES {
        values = values.into_iter().take(MOST_VALUES).chain([MORE]).collect();
    }
    values
}

fn collect(values: &mut Values, place: &RowCheck, value: &Value) {
    if values.len() > MOST_VALUES {
        return;
    }
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| collect(values, &place.clone().text(name), value));
        }
        Value::Array(items) => {
            for (position, value) in items.iter().enumerate() {
                collect(values, &place.clone().text(&position.to_string()), value);
            }
        }
        scalar => drop(values.insert(of_scalar(place, &scalar.to_string()))),
    }
}

fn of_scalar(place: &RowCheck, form: &str) -> i64 {
    place.clone().integer(0).text(form).done()
}

fn of_tag(name: &TagName, value: &TagValue) -> i64 {
    RowCheck::of("tag").text(name.as_str()).text(value.as_str()).done()
}

/// A condition on the number of a consumer with this tag, as a JSON list.
pub(crate) fn sought_by_tag(name: &TagName, value: &TagValue) -> String {
    format!("[{},{MORE}]", of_tag(name, value))
}

/// The same for a value in the metadata.
pub(crate) fn sought_by_metadata(wanted: &MetadataMatch) -> String {
    let place = wanted.tokens().iter().fold(RowCheck::of(MEMBER), |place, token| place.text(token));
    let forms: Vec<String> = wanted.forms().iter().map(|form| of_scalar(&place, form).to_string()).collect();
    format!("[{},{MORE}]", forms.join(","))
}

/// Notes the numbers of consumers that are being written, by serial.
pub(crate) async fn note(
    connection: &mut SqliteConnection,
    consumers: impl IntoIterator<Item = (i64, Values)>,
) -> Result<(), StoreError> {
    let pairs = consumers
        .into_iter()
        .flat_map(|(serial, values)| values.into_iter().map(move |value| (value, serial)));
    // In the order of the table, neighbours land on the same page.
    let pairs: Vec<(i64, i64)> = pairs.collect::<BTreeSet<_>>().into_iter().collect();
    for chunk in pairs.chunks(ROWS_PER_STATEMENT) {
        let mut query =
            QueryBuilder::<Sqlite>::new("INSERT OR IGNORE INTO consumer_value (value, consumer) ");
        query.push_values(chunk, |mut row, (value, serial)| {
            row.push_bind(value).push_bind(serial);
        });
        let done =
            query.build().persistent(chunk.len() == ROWS_PER_STATEMENT).execute(&mut *connection).await;
        done.map_err(|error| failed("note_values", error))?;
    }
    Ok(())
}

/// What becomes of the numbers of a consumer that changes, or goes; it must still be there.
pub(crate) async fn replace(
    tx: &mut Transaction,
    before: &Consumer,
    after: Option<&Consumer>,
) -> Result<(), StoreError> {
    let id = before.id;
    let (before, after) = (values_of(before), after.map(values_of).unwrap_or_default());
    if before == after {
        return Ok(());
    }
    let serial: i64 = sqlx::query_scalar("SELECT serial FROM consumer WHERE id = ?")
        .bind(id.as_str())
        .fetch_one(tx.connection())
        .await
        .map_err(|error| failed("find_serial", error))?;
    let gone: Vec<i64> = before.difference(&after).copied().collect();
    if !gone.is_empty() {
        let gone = serde_json::to_string(&gone).expect("a list of numbers can be written");
        sqlx::query(
            "DELETE FROM consumer_value WHERE consumer = ? AND value IN (SELECT value FROM json_each(?))",
        )
        .bind(serial)
        .bind(gone)
        .execute(tx.connection())
        .await
        .map_err(|error| failed("forget_values", error))?;
    }
    let new: Values = after.difference(&before).copied().collect();
    note(tx.connection(), [(serial, new)]).await
}

/// Notes the numbers of all consumers, for a file that is older than the table.
pub(crate) async fn note_all(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let read = |error| failed("note_values", error);
    let mut last = 0_i64;
    loop {
        let mut query =
            QueryBuilder::<Sqlite>::new(format!("SELECT {COLUMNS}, serial FROM consumer WHERE serial > "));
        query.push_bind(last).push(" ORDER BY serial LIMIT 1000");
        let rows = query.build().fetch_all(&mut *connection).await.map_err(read)?;
        let Some(end) = rows.last() else { return Ok(()) };
        last = end.try_get(12).map_err(read)?;
        let mut noted = Vec::with_capacity(rows.len());
        for row in &rows {
            noted.push((row.try_get(12).map_err(read)?, values_of(&consumer_from(row)?.record)));
        }
        note(connection, noted).await?;
    }
}

/// Stands with consumers of which not everything is kept: they may have anything.
const MORE: i64 = -1;
/// How many of one consumer are kept; a document of 16 KiB can hold thousands.
const MOST_VALUES: usize = 64;
const MEMBER: &str = "member";
const ROWS_PER_STATEMENT: usize = 500;
