//! A key as a row.

use mintgate_apikey::KeyFingerprint;
use mintgate_store::{Conflict, Key, KeyFormat, KeyState, StoreError, kept_microseconds};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use crate::{
    check::RowCheck,
    failure::{breaks_unique, damaged_row, failed, lacks_parent},
    row::{Stored, optional_time, parsed, revision, stored_revision, time},
    writer::Transaction,
};

/// `SELECT` with the columns that [`key_from`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, consumer, fingerprint, format, label, scopes, created, expires, state, state_since, \
             grace_until, successor, reason, revision, row_check, last_used, last_used_check FROM api_key ",
            $rest
        )
    };
}
pub(crate) use select;

/// The columns of a state.
struct StateColumns<'a> {
    state: i64,
    since: Option<i64>,
    grace_until: Option<i64>,
    successor: Option<&'a str>,
    reason: Option<&'a str>,
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
}

/// Adds active keys, many in a statement.
pub(crate) async fn insert_keys(tx: &mut Transaction, keys: &[Key]) -> Result<(), StoreError> {
    // In the order of the primary key, neighbours land on the same page.
    let mut sorted: Vec<&Key> = keys.iter().collect();
    sorted.sort_unstable_by_key(|key| key.id);
    for chunk in sorted.chunks(KEYS_PER_STATEMENT) {
        insert_chunk(tx, chunk).await?;
    }
    Ok(())
}

async fn insert_chunk(tx: &mut Transaction, keys: &[&Key]) -> Result<(), StoreError> {
    let mut statement = QueryBuilder::<Sqlite>::new(
        "INSERT INTO api_key (id, consumer, fingerprint, format, label, scopes, created, expires, state, \
         revision, row_check) ",
    );
    statement.push_values(keys, |mut row, key| {
        let check = check_of(key);
        tx.ledger.live_keys.add(check);
        row.push_bind(key.id.to_string())
            .push_bind(key.consumer.to_string())
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
    let persistent = keys.len() == KEYS_PER_STATEMENT || keys.len() == 1;
    let done = statement.build().persistent(persistent).execute(tx.connection()).await;
    done.map(drop).map_err(|error| {
        if breaks_unique(&error, "api_key.id") || breaks_unique(&error, "api_key.fingerprint") {
            Conflict::KeyExists.into()
        } else if lacks_parent(&error) {
            Conflict::NoParent.into()
        } else {
            failed("create_keys", error)
        }
    })
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
    let read = |error| failed("read_key", error);
    let fingerprint: &[u8] = row.try_get(2).map_err(read)?;
    let key = Key {
        id: parsed(row.try_get(0).map_err(read)?, TABLE)?,
        consumer: parsed(row.try_get(1).map_err(read)?, TABLE)?,
        fingerprint: KeyFingerprint::try_from(fingerprint).map_err(|_| damaged_row(TABLE))?,
        format: match row.try_get(3).map_err(read)? {
            0_i64 => KeyFormat::Native,
            1 => KeyFormat::Foreign,
            _ => return Err(damaged_row(TABLE)),
        },
        label: parsed(row.try_get(4).map_err(read)?, TABLE)?,
        scopes: parsed(row.try_get(5).map_err(read)?, TABLE)?,
        created: time(row.try_get(6).map_err(read)?, TABLE)?,
        expires: optional_time(row.try_get(7).map_err(read)?, TABLE)?,
        last_used: optional_time(row.try_get(15).map_err(read)?, TABLE)?,
        state: state_from(row)?,
        revision: revision(row.try_get(13).map_err(read)?, TABLE)?,
    };
    let check = row.try_get(14).map_err(read)?;
    let use_check: Option<i64> = row.try_get(16).map_err(read)?;
    let whole = check_of(&key) == check
        && key.last_used.map(|at| last_used_check(key.id.as_str(), kept_microseconds(at))) == use_check;
    if whole { Ok(Stored { record: key, check }) } else { Err(damaged_row(TABLE)) }
}

fn state_from(row: &SqliteRow) -> Result<KeyState, StoreError> {
    let read = |error| failed("read_key", error);
    let since = optional_time(row.try_get(9).map_err(read)?, TABLE)?;
    let until = optional_time(row.try_get(10).map_err(read)?, TABLE)?;
    let successor: Option<&str> = row.try_get(11).map_err(read)?;
    let reason: Option<&str> = row.try_get(12).map_err(read)?;
    match (row.try_get(8).map_err(read)?, since, until, successor, reason) {
        (0_i64, None, None, None, None) => Ok(KeyState::Active),
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

/// Over every column but when the key was last used, which has a check of its own.
fn check_of(key: &Key) -> i64 {
    let state = StateColumns::of(&key.state);
    RowCheck::of(TABLE)
        .text(key.id.as_str())
        .text(key.consumer.as_str())
        .bytes(key.fingerprint.as_bytes())
        .integer(stored_format(key.format))
        .text(key.label.as_str())
        .text(&key.scopes.to_string())
        .integer(kept_microseconds(key.created))
        .optional(key.expires.map(kept_microseconds))
        .integer(state.state)
        .optional(state.since)
        .optional(state.grace_until)
        .optional_text(state.successor)
        .optional_text(state.reason)
        .integer(stored_revision(key.revision))
        .done()
}

pub(crate) fn last_used_check(id: &str, at: i64) -> i64 {
    RowCheck::of("api_key.last_used").text(id).integer(at).done()
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
