//! A key as a row.

use std::collections::{HashMap, HashSet};

use mintgate_apikey::KeyFingerprint;
use mintgate_store::{Conflict, Key, KeyFormat, KeyState, StoreError, kept_microseconds};
use mintgate_types::{BucketName, ConsumerId};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use crate::{
    check::RowCheck,
    failure::{breaks_unique, damaged_row, failed, lacks_value},
    label,
    row::{Stored, optional_time, parsed, revision, stored_revision, time},
    writer::Transaction,
};

/// `SELECT` with the columns that [`key_from`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT k.id, c.id, k.fingerprint, k.format, k.label, k.scopes, k.created, k.expires, k.state, \
             k.state_since, k.grace_until, k.successor, k.reason, k.revision, k.row_check, k.last_used, \
             k.last_used_check, c.bucket, k.first_used, k.first_used_check, u.last_used, u.last_used_check \
             FROM api_key k JOIN consumer c ON c.serial = k.consumer LEFT JOIN key_usage u ON u.step = 0 \
             AND u.period = k.last_used / 3600000000 AND u.bucket = c.bucket AND u.key = k.id ",
            $rest
        )
    };
}
pub(crate) use select;

/// The columns of a state.
pub(crate) struct StateColumns<'a> {
    pub(crate) state: i64,
    pub(crate) since: Option<i64>,
    pub(crate) grace_until: Option<i64>,
    pub(crate) successor: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
}

impl<'a> StateColumns<'a> {
    fn of(state: &'a KeyState) -> Self {
        let active = Self { state: 0, since: None, grace_until: None, successor: None, reason: None };
        match state {
            KeyState::Active => active,
            KeyState::Rolled { at, until, successor } => Self {
                state: 1,
                since: Some(kept_microseconds(*at)),
                grace_until: Some(kept_microseconds(*until)),
                successor: Some(successor.as_str()),
                ..active
            },
            KeyState::Revoked { at, reason } => Self {
                state: 2,
                since: Some(kept_microseconds(*at)),
                reason: reason.as_ref().map(mintgate_types::Reason::as_str),
                ..active
            },
        }
    }

    fn read(&self) -> Result<KeyState, StoreError> {
        let since = optional_time(self.since, TABLE)?;
        let until = optional_time(self.grace_until, TABLE)?;
        match (self.state, since, until, self.successor, self.reason) {
            (0, None, None, None, None) => Ok(KeyState::Active),
            (1, Some(at), Some(until), Some(successor), None) => {
                Ok(KeyState::Rolled { at, until, successor: parsed(successor, TABLE)? })
            }
            (2, Some(at), None, None, reason) => {
                let reason = reason.map(|reason| parsed(reason, TABLE)).transpose()?;
                Ok(KeyState::Revoked { at, reason })
            }
            _ => Err(damaged_row(TABLE)),
        }
    }
}

/// Adds one active key and returns the bucket of its consumer.
pub(crate) async fn insert_key(tx: &mut Transaction, key: &Key) -> Result<BucketName, StoreError> {
    let read = |error| failed("create_key", error);
    let consumer = sqlx::query("SELECT serial, bucket FROM consumer WHERE id = ?")
        .bind(key.consumer.as_str())
        .fetch_optional(tx.connection())
        .await
        .map_err(read)?
        .ok_or(Conflict::NoParent)?;
    let consumers = HashMap::from([(key.consumer, consumer.try_get(0).map_err(read)?)]);
    insert_chunk(tx, &[key], &consumers).await?;
    parsed(consumer.try_get(1).map_err(read)?, "consumer")
}

/// Adds active keys, many in a statement. Returns the bucket of their consumers, if it is one.
pub(crate) async fn insert_keys(
    tx: &mut Transaction,
    keys: &[Key],
) -> Result<Option<BucketName>, StoreError> {
    // In the order of their ids, neighbours land on the same page of the index.
    let mut sorted: Vec<&Key> = keys.iter().collect();
    sorted.sort_unstable_by_key(|key| key.id);
    let (consumers, bucket) = serials_of(tx, keys).await?;
    label::note(tx, keys.iter().map(|key| key.label.as_str())).await?;
    for chunk in sorted.chunks(KEYS_PER_STATEMENT) {
        insert_chunk(tx, chunk, &consumers).await?;
    }
    bucket.map(|bucket| parsed(&bucket, "consumer")).transpose()
}

async fn insert_chunk(
    tx: &mut Transaction,
    keys: &[&Key],
    consumers: &HashMap<ConsumerId, i64>,
) -> Result<(), StoreError> {
    let mut statement = QueryBuilder::<Sqlite>::new(
        "INSERT INTO api_key (id, consumer, fingerprint, format, label, scopes, created, expires, state, \
         revision, row_check) ",
    );
    statement.push_values(keys, |mut row, key| {
        let check = check_of(key);
        tx.ledger.live_keys.add(check);
        row.push_bind(key.id.to_string())
            .push_bind(consumers.get(&key.consumer).copied())
            .push_bind(key.fingerprint.as_bytes().to_vec())
            .push_bind(stored_format(key.format))
            .push_bind(key.label.to_string())
            .push_bind(key.scopes.to_string())
            .push_bind(kept_microseconds(key.created))
            .push_bind(key.expires.map(kept_microseconds))
            .push_bind(StateColumns::of(&key.state).state)
            .push_bind(stored_revision(key.revision))
            .push_bind(check);
    });
    let done = statement.build().persistent(is_usual(keys.len())).execute(tx.connection()).await;
    done.map(drop).map_err(|error| {
        if breaks_unique(&error, "api_key.id") || breaks_unique(&error, "api_key.fingerprint") {
            Conflict::KeyExists.into()
        } else if lacks_value(&error, "api_key.consumer") {
            Conflict::NoParent.into()
        } else {
            failed("create_keys", error)
        }
    })
}

/// The serials of the keys' consumers, those that do not exist left out; and their bucket, if all are in one.
async fn serials_of(
    tx: &mut Transaction,
    keys: &[Key],
) -> Result<(HashMap<ConsumerId, i64>, Option<String>), StoreError> {
    let wanted: HashSet<ConsumerId> = keys.iter().map(|key| key.consumer).collect();
    let wanted: Vec<ConsumerId> = wanted.into_iter().collect();
    let mut found = HashMap::with_capacity(wanted.len());
    let mut buckets = HashSet::new();
    for chunk in wanted.chunks(KEYS_PER_STATEMENT) {
        // All in one text: a row each would cost more than finding it.
        let mut statement = QueryBuilder::<Sqlite>::new(
            "SELECT group_concat(id || serial, ' '), min(bucket), max(bucket) \
                FROM consumer WHERE id IN (",
        );
        let mut list = statement.separated(", ");
        for consumer in chunk {
            list.push_bind(consumer.to_string());
        }
        statement.push(")");
        let (pairs, lowest, highest): (Option<String>, Option<String>, Option<String>) = statement
            .build_query_as()
            .persistent(is_usual(chunk.len()))
            .fetch_one(tx.connection())
            .await
            .map_err(|error| failed("create_keys", error))?;
        buckets.extend(lowest.into_iter().chain(highest));
        for pair in pairs.as_deref().unwrap_or_default().split_terminator(' ') {
            let (id, serial) =
                pair.split_at_checked(ConsumerId::LENGTH).ok_or_else(|| damaged_row("consumer"))?;
            found.insert(parsed(id, "consumer")?, parsed(serial, "consumer")?);
        }
    }
    let only = if buckets.len() == 1 { buckets.into_iter().next() } else { None };
    Ok((found, only))
}

/// Whether a statement for so many keys is worth keeping prepared.
fn is_usual(keys: usize) -> bool {
    keys == 1 || keys == KEYS_PER_STATEMENT
}

/// Writes what changed about a key under its new revision.
pub(crate) async fn update_row(tx: &mut Transaction, old: &Stored<Key>, new: &Key) -> Result<(), StoreError> {
    let state = StateColumns::of(&new.state);
    let check = check_of(new);
    let done = sqlx::query(
        "UPDATE api_key SET label = ?, scopes = ?, expires = ?, state = ?, state_since = ?, grace_until = ?, \
         successor = ?, reason = ?, revision = ?, row_check = ? WHERE id = ?",
    )
    .bind(new.label.as_str())
    .bind(new.scopes.to_string())
    .bind(new.expires.map(kept_microseconds))
    .bind(state.state)
    .bind(state.since)
    .bind(state.grace_until)
    .bind(state.successor)
    .bind(state.reason)
    .bind(stored_revision(new.revision))
    .bind(check)
    .bind(new.id.as_str())
    .execute(tx.connection())
    .await
    .map_err(|error| failed("update_key", error))?;
    if done.rows_affected() != 1 {
        return Err(damaged_row(TABLE));
    }
    tx.ledger.keys_of(&old.record.state).remove(old.check);
    tx.ledger.keys_of(&new.state).add(check);
    Ok(())
}

pub(crate) fn key_from(row: &SqliteRow) -> Result<Stored<Key>, StoreError> {
    columns_of(row).map_err(|error| failed("read_key", error))?.into_key()
}

/// Where the key's consumer lives.
pub(crate) fn bucket_from(row: &SqliteRow) -> Result<BucketName, StoreError> {
    parsed(row.try_get(17).map_err(|error| failed("read_key", error))?, TABLE)
}

fn columns_of(row: &SqliteRow) -> Result<Columns<'_>, sqlx::Error> {
    Ok(Columns {
        id: row.try_get(0)?,
        consumer: row.try_get(1)?,
        fingerprint: KeyFingerprint::try_from(row.try_get::<&[u8], _>(2)?).ok(),
        format: row.try_get(3)?,
        label: row.try_get(4)?,
        scopes: row.try_get(5)?,
        created: row.try_get(6)?,
        expires: row.try_get(7)?,
        state: StateColumns {
            state: row.try_get(8)?,
            since: row.try_get(9)?,
            grace_until: row.try_get(10)?,
            successor: row.try_get(11)?,
            reason: row.try_get(12)?,
        },
        revision: row.try_get(13)?,
        check: row.try_get(14)?,
        last_used: row.try_get(15)?,
        last_used_check: row.try_get(16)?,
        first_used: row.try_get(18)?,
        first_used_check: row.try_get(19)?,
        last_in_hour: row.try_get(20)?,
        last_in_hour_check: row.try_get(21)?,
    })
}

/// A row's columns, wherever they were read from.
pub(crate) struct Columns<'a> {
    pub(crate) id: &'a str,
    pub(crate) consumer: &'a str,
    pub(crate) fingerprint: Option<KeyFingerprint>,
    pub(crate) format: i64,
    pub(crate) label: &'a str,
    pub(crate) scopes: &'a str,
    pub(crate) created: i64,
    pub(crate) expires: Option<i64>,
    pub(crate) state: StateColumns<'a>,
    pub(crate) revision: i64,
    pub(crate) check: i64,
    pub(crate) last_used: Option<i64>,
    pub(crate) last_used_check: Option<i64>,
    pub(crate) first_used: Option<i64>,
    pub(crate) first_used_check: Option<i64>,
    /// When it was last used in the hour of `last_used`, where somebody looked.
    pub(crate) last_in_hour: Option<i64>,
    pub(crate) last_in_hour_check: Option<i64>,
}

impl Columns<'_> {
    /// The key, if the row is as it was written.
    pub(crate) fn into_key(self) -> Result<Stored<Key>, StoreError> {
        let use_check = self.last_used.map(|at| last_used_check(self.id, at));
        let first_check = self.first_used.map(|at| first_used_check(self.id, at));
        let hour_check = self.last_in_hour.map(|at| last_used_check(self.id, at));
        let checks = [use_check, first_check, hour_check];
        let stored = [self.last_used_check, self.first_used_check, self.last_in_hour_check];
        if self.check_of() != Some(self.check) || checks != stored {
            return Err(damaged_row(TABLE));
        }
        let key = Key {
            id: parsed(self.id, TABLE)?,
            consumer: parsed(self.consumer, TABLE)?,
            fingerprint: self.fingerprint.ok_or_else(|| damaged_row(TABLE))?,
            format: match self.format {
                0 => KeyFormat::Native,
                1 => KeyFormat::Foreign,
                _ => return Err(damaged_row(TABLE)),
            },
            label: parsed(self.label, TABLE)?,
            scopes: parsed(self.scopes, TABLE)?,
            created: time(self.created, TABLE)?,
            expires: optional_time(self.expires, TABLE)?,
            first_used: optional_time(self.first_used, TABLE)?,
            last_used: optional_time(self.last_used.max(self.last_in_hour), TABLE)?,
            state: self.state.read()?,
            revision: revision(self.revision, TABLE)?,
        };
        Ok(Stored { record: key, check: self.check })
    }

    /// Over every column but when the key was last used, which has a check of its own.
    fn check_of(&self) -> Option<i64> {
        let check = RowCheck::of(TABLE)
            .text(self.id)
            .text(self.consumer)
            .bytes(self.fingerprint?.as_bytes())
            .integer(self.format)
            .text(self.label)
            .text(self.scopes)
            .integer(self.created)
            .optional(self.expires)
            .integer(self.state.state)
            .optional(self.state.since)
            .optional(self.state.grace_until)
            .optional_text(self.state.successor)
            .optional_text(self.state.reason)
            .integer(self.revision);
        Some(check.done())
    }
}

fn check_of(key: &Key) -> i64 {
    let scopes = key.scopes.to_string();
    let columns = Columns {
        id: key.id.as_str(),
        consumer: key.consumer.as_str(),
        fingerprint: Some(key.fingerprint),
        format: stored_format(key.format),
        label: key.label.as_str(),
        scopes: &scopes,
        created: kept_microseconds(key.created),
        expires: key.expires.map(kept_microseconds),
        state: StateColumns::of(&key.state),
        revision: stored_revision(key.revision),
        check: 0,
        last_used: None,
        last_used_check: None,
        first_used: None,
        first_used_check: None,
        last_in_hour: None,
        last_in_hour_check: None,
    };
    columns.check_of().expect("the fingerprint is there")
}

pub(crate) fn last_used_check(id: &str, at: i64) -> i64 {
    RowCheck::of("api_key.last_used").text(id).integer(at).done()
}

pub(crate) fn first_used_check(id: &str, at: i64) -> i64 {
    RowCheck::of("api_key.first_used").text(id).integer(at).done()
}

fn stored_format(format: KeyFormat) -> i64 {
    match format {
        KeyFormat::Native => 0,
        KeyFormat::Foreign => 1,
    }
}

const TABLE: &str = "api_key";

/// Fewer trips to the connection's thread; `SQLite` takes 32,766 values in a statement, and these are eleven a row.
const KEYS_PER_STATEMENT: usize = 500;
