//! Reading everything at one moment.
//!
//! A row at a time, a million rows spend most of their time changing threads between the connection and us. So
//! `SQLite` puts some hundred rows into one text, and reads the next while we take that apart.

use std::{collections::HashMap, task::Poll};

use mintgate_apikey::KeyFingerprint;
use mintgate_store::{Audit, Consumer, Key, Loaded, StoreError};
use mintgate_types::{ConsumerId, Revision};
use sqlx::{Row, SqliteConnection};

use crate::{
    SqliteStore, admin_token, bucket, consumer_row,
    failure::{damaged_row, damaged_table, failed},
    file::damaged,
    key_row,
    ledger::{Ledger, Tally},
    removal,
    row::Stored,
    schema, signing_key,
};

/// The same for keys in some states.
macro_rules! keys {
    ($states:literal) => {
        concat!("SELECT max(serial), group_concat(format('%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}\
    %s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}\u{1E}', id, consumer, \
    hex(fingerprint), format, label, scopes, created, expires, state, state_since, grace_until, successor, reason, \
    revision, row_check, last_used, last_used_check, first_used, first_used_check), '') \
    FROM (SELECT * FROM api_key WHERE serial > ? AND ", $states, " ORDER BY serial LIMIT 512)")
    };
}

/// Visits all consumers, then all keys that are not revoked, and makes sure that these are the ones written.
pub(crate) async fn load(
    store: &SqliteStore,
    visit: &mut (dyn FnMut(Loaded) + Send),
) -> Result<Revision, StoreError> {
    let mut moment = store.moment().await?;
    let ledger = Ledger::read(&mut moment).await?;
    let consumers = load_consumers(&mut moment, &ledger, visit).await?;
    load_keys(&mut moment, Which::Live, &consumers, ledger.live_keys, visit).await?;
    ledger.revision()
}

/// Reads every row of every table, those that a load leaves out among them, at one moment.
pub(crate) async fn check(store: &SqliteStore) -> Result<(), StoreError> {
    let mut moment = store.moment().await?;
    schema::check_all_pages(&mut moment).await?;
    let ledger = Ledger::read(&mut moment).await?;
    let consumers = load_consumers(&mut moment, &ledger, &mut |_| {}).await?;
    load_keys(&mut moment, Which::Live, &consumers, ledger.live_keys, &mut |_| {}).await?;
    load_keys(&mut moment, Which::Revoked, &consumers, ledger.revoked_keys, &mut |_| {}).await?;
    bucket::read_all(&mut moment, ledger.buckets).await?;
    admin_token::read_all(&mut moment, ledger.admin_tokens).await?;
    signing_key::read_all(&mut moment, ledger.signing_keys).await?;
    removal::read(&mut moment, i64::MIN, i64::MAX).await?;
    drop(moment);
    match store.verify_audit(None).await?.flaw {
        Some(flaw) => Err(damaged(format!("entry {} of the audit log: {}", flaw.seq, flaw.problem))),
        None => Ok(()),
    }
}

/// Visits the consumers and returns their ids by their serials.
async fn load_consumers(
    moment: &mut SqliteConnection,
    ledger: &Ledger,
    visit: &mut (dyn FnMut(Loaded) + Send),
) -> Result<HashMap<i64, ConsumerId>, StoreError> {
    let mut consumers = HashMap::new();
    let mut tally = Tally::default();
    read_packed(moment, CONSUMERS, |fields| {
        let (serial, stored) = consumer_of(fields)?;
        tally.add(stored.check);
        consumers.insert(serial, stored.record.id);
        visit(Loaded::Consumer(stored.record));
        Ok(())
    })
    .await?;
    if tally == ledger.consumers { Ok(consumers) } else { Err(damaged_table("consumer")) }
}

#[derive(Clone, Copy)]
enum Which {
    Live,
    Revoked,
}

async fn load_keys(
    moment: &mut SqliteConnection,
    which: Which,
    consumers: &HashMap<i64, ConsumerId>,
    expected: Tally,
    visit: &mut (dyn FnMut(Loaded) + Send),
) -> Result<(), StoreError> {
    let mut tally = Tally::default();
    let query = match which {
        Which::Live => keys!("state <> 2"),
        Which::Revoked => keys!("state = 2"),
    };
    read_packed(moment, query, |fields| {
        let stored = key_of(fields, consumers)?;
        tally.add(stored.check);
        visit(Loaded::Key(stored.record));
        Ok(())
    })
    .await?;
    if tally == expected { Ok(()) } else { Err(damaged_table("api_key")) }
}

/// Rows after a serial, packed: fields end in U+001F, rows in U+001E. No text in these tables can contain either.
const CONSUMERS: &str = "SELECT max(serial), group_concat(format('%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\
    \u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}%s\u{1F}\u{1E}', serial, id, bucket, name, subject, metadata, tags, \
    managers, disabled_since, created, revision, row_check), '') \
    FROM (SELECT * FROM consumer WHERE serial > ? ORDER BY serial LIMIT 256)";

/// Some rows, and the serial of the last of them.
struct Chunk {
    last: i64,
    text: String,
}

async fn read_packed(
    connection: &mut SqliteConnection,
    query: &'static str,
    mut each: impl FnMut(&mut Fields<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut current = fetch(connection, query, i64::MIN).await?;
    while let Some(chunk) = current {
        let mut next = Box::pin(fetch(connection, query, chunk.last));
        // Asked for before this one is taken apart, so that the connection's thread has something to do.
        let early = std::future::poll_fn(|context| Poll::Ready(next.as_mut().poll(context))).await;
        for row in chunk.text.split_terminator('\u{1E}') {
            let mut fields = Fields(row);
            each(&mut fields)?;
            if !fields.0.is_empty() {
                return Err(misread());
            }
        }
        current = match early {
            Poll::Ready(next) => next?,
            Poll::Pending => next.await?,
        };
    }
    Ok(())
}

async fn fetch(
    connection: &mut SqliteConnection,
    query: &'static str,
    after: i64,
) -> Result<Option<Chunk>, StoreError> {
    let read = |error| failed("load", error);
    let row = sqlx::query(query).bind(after).fetch_one(connection).await.map_err(read)?;
    let (last, text): (Option<i64>, Option<String>) =
        (row.try_get(0).map_err(read)?, row.try_get(1).map_err(read)?);
    Ok(last.zip(text).map(|(last, text)| Chunk { last, text }))
}

/// The rest of a row. An empty field is NULL: no text that may be NULL may be empty.
struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    fn text(&mut self) -> Result<&'a str, StoreError> {
        let (field, rest) = self.0.split_once('\u{1F}').ok_or_else(misread)?;
        self.0 = rest;
        Ok(field)
    }

    fn optional_text(&mut self) -> Result<Option<&'a str>, StoreError> {
        Ok(Some(self.text()?).filter(|text| !text.is_empty()))
    }

    fn integer(&mut self) -> Result<i64, StoreError> {
        integer(self.text()?)
    }

    fn optional(&mut self) -> Result<Option<i64>, StoreError> {
        self.optional_text()?.map(integer).transpose()
    }
}

fn integer(text: &str) -> Result<i64, StoreError> {
    text.parse().map_err(|_| misread())
}

/// A row that does not fall into its columns.
fn misread() -> StoreError {
    damaged("a row that was read while loading".to_owned())
}

fn consumer_of(fields: &mut Fields<'_>) -> Result<(i64, Stored<Consumer>), StoreError> {
    let serial = fields.integer()?;
    let columns = consumer_row::Columns {
        id: fields.text()?,
        bucket: fields.text()?,
        name: fields.text()?,
        subject: fields.text()?,
        metadata: fields.text()?,
        tags: fields.text()?,
        managers: fields.text()?,
        disabled_since: fields.optional()?,
        created: fields.integer()?,
        revision: fields.integer()?,
        check: fields.integer()?,
        last_used: 0,
    };
    Ok((serial, columns.into_consumer()?))
}

fn key_of(fields: &mut Fields<'_>, consumers: &HashMap<i64, ConsumerId>) -> Result<Stored<Key>, StoreError> {
    let id = fields.text()?;
    let consumer = consumers.get(&fields.integer()?).ok_or_else(|| damaged_row("api_key"))?;
    let columns = key_row::Columns {
        id,
        consumer: consumer.as_str(),
        fingerprint: unhex(fields.text()?),
        format: fields.integer()?,
        label: fields.text()?,
        scopes: fields.text()?,
        created: fields.integer()?,
        expires: fields.optional()?,
        state: key_row::StateColumns {
            state: fields.integer()?,
            since: fields.optional()?,
            grace_until: fields.optional()?,
            successor: fields.optional_text()?,
            reason: fields.optional_text()?,
        },
        revision: fields.integer()?,
        check: fields.integer()?,
        last_used: fields.optional()?,
        last_used_check: fields.optional()?,
        first_used: fields.optional()?,
        first_used_check: fields.optional()?,
        last_in_hour: None,
        last_in_hour_check: None,
    };
    columns.into_key()
}

fn unhex(text: &str) -> Option<KeyFingerprint> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(KeyFingerprint::from(bytes))
}
