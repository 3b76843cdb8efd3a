//! Keys: queries and changes. The row itself is in [`crate::key_row`].

use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_apikey::KeyFingerprint;
use mintgate_store::{
    Conflict, Key, KeyChange, KeyFilter, KeyRoll, KeyState, Keys, NewConsumer, NewKey, Page, PageRequest,
    Revocation, Rolled, StoreError, kept_microseconds, kept_time,
};
use mintgate_types::{ConsumerId, KeyId, Revision, Timestamp};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::{
    SqliteStore,
    consumer::{create as create_consumer, refuse_stale},
    failure::failed,
    key_row::{self, insert_keys, key_from, last_used_check, update_row},
    ledger::Ledger,
    row::{Stored, page_of, parsed, rows_wanted},
    writer::Transaction,
};

#[async_trait]
impl Keys for SqliteStore {
    async fn create_key(&self, new: NewKey) -> Result<Key, StoreError> {
        self.writer.run("create_key", |tx| create_one(tx, new).boxed()).await
    }

    async fn create_keys(&self, new: Vec<NewKey>) -> Result<Revision, StoreError> {
        self.writer.run_alone("create_keys", |tx| create_many(tx, new).boxed()).await
    }

    async fn import(&self, consumers: Vec<NewConsumer>, keys: Vec<NewKey>) -> Result<Revision, StoreError> {
        self.writer.run_alone("import", |tx| import_all(tx, consumers, keys).boxed()).await
    }

    async fn find_keys(&self, fingerprints: &[KeyFingerprint]) -> Result<Vec<Option<KeyId>>, StoreError> {
        let mut reader = self.reader().await?;
        let mut known = HashMap::new();
        for chunk in fingerprints.chunks(FINGERPRINTS_PER_QUERY) {
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT fingerprint, id FROM api_key WHERE fingerprint IN (");
            let mut values = query.separated(", ");
            for fingerprint in chunk {
                values.push_bind(fingerprint.as_bytes().to_vec());
            }
            query.push(")");
            let rows = query.build().fetch_all(&mut *reader).await;
            for row in rows.map_err(|error| failed("find_keys", error))? {
                let read = |error| failed("find_keys", error);
                let fingerprint: Vec<u8> = row.try_get(0).map_err(read)?;
                known.insert(fingerprint, parsed::<KeyId>(row.try_get(1).map_err(read)?, "api_key")?);
            }
        }
        Ok(fingerprints.iter().map(|fingerprint| known.get(&fingerprint.as_bytes()[..]).copied()).collect())
    }

    async fn key(&self, id: KeyId) -> Result<Option<Key>, StoreError> {
        let stored = read(&mut *self.reader().await?, id).await?;
        Ok(stored.map(|stored| stored.record))
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        page: PageRequest<KeyId>,
    ) -> Result<Page<Key, KeyId>, StoreError> {
        let after = page.after.as_ref().map_or("", KeyId::as_str);
        let query = match &filter.consumer {
            Some(consumer) => {
                sqlx::query(key_row::select!("WHERE k.consumer = (SELECT serial FROM consumer WHERE id = ?) AND k.id > ? ORDER BY k.id LIMIT ?"))
                    .bind(consumer.as_str())
            }
            None => sqlx::query(key_row::select!("WHERE k.id > ? ORDER BY k.id LIMIT ?")),
        };
        let rows = query
            .bind(after)
            .bind(rows_wanted(page.limit))
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(|error| failed("keys", error))?;
        let items = rows.iter().map(|row| Ok(key_from(row)?.record)).collect::<Result<_, StoreError>>()?;
        Ok(page_of(items, page.limit, |key: &Key| key.id))
    }

    async fn update_key(
        &self,
        id: KeyId,
        change: KeyChange,
        expected: Option<Revision>,
    ) -> Result<Option<Key>, StoreError> {
        self.writer.run("update_key", move |tx| update(tx, id, change, expected).boxed()).await
    }

    async fn roll_keys(&self, roll: KeyRoll) -> Result<Rolled, StoreError> {
        self.writer.run("roll_keys", |tx| roll_all(tx, roll).boxed()).await
    }

    async fn revoke_key(&self, id: KeyId, revocation: Revocation) -> Result<Option<Key>, StoreError> {
        self.writer.run("revoke_key", move |tx| revoke(tx, id, revocation).boxed()).await
    }

    async fn note_key_use(&self, uses: &[(KeyId, Timestamp)]) -> Result<(), StoreError> {
        let uses = uses.to_vec();
        self.writer.run("note_key_use", |tx| note_use(tx, uses).boxed()).await
    }

    async fn count_keys(&self) -> Result<(u64, u64), StoreError> {
        let ledger = Ledger::read(&mut *self.reader().await?).await?;
        let count = |rows: i64| u64::try_from(rows).unwrap_or(0);
        let live = count(ledger.live_keys.rows);
        Ok((live + count(ledger.revoked_keys.rows), live))
    }
}

/// Removes all keys of a consumer and returns their fingerprints.
pub(crate) async fn delete_of_consumer(
    tx: &mut Transaction,
    consumer: ConsumerId,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = sqlx::query(
        "DELETE FROM api_key WHERE consumer = (SELECT serial FROM consumer WHERE id = ?) \
             RETURNING fingerprint, state, row_check",
    )
    .bind(consumer.as_str())
    .fetch_all(tx.connection())
    .await
    .map_err(|error| failed("delete_consumer", error))?;
    let mut fingerprints = Vec::with_capacity(rows.len());
    for row in rows {
        let read = |error| failed("delete_consumer", error);
        let state: i64 = row.try_get(1).map_err(read)?;
        let tally = if state == 2 { &mut tx.ledger.revoked_keys } else { &mut tx.ledger.live_keys };
        tally.remove(row.try_get(2).map_err(read)?);
        fingerprints.push(row.try_get(0).map_err(read)?);
    }
    Ok(fingerprints)
}

async fn read(connection: &mut SqliteConnection, id: KeyId) -> Result<Option<Stored<Key>>, StoreError> {
    let row = sqlx::query(key_row::select!("WHERE k.id = ?"))
        .bind(id.as_str())
        .fetch_optional(connection)
        .await
        .map_err(|error| failed("key", error))?;
    row.map(|row| key_from(&row)).transpose()
}

fn active(new: NewKey, revision: Revision) -> Key {
    Key {
        id: new.id,
        consumer: new.consumer,
        fingerprint: new.fingerprint,
        format: new.format,
        label: new.label,
        scopes: new.scopes,
        created: kept_time(new.created),
        expires: new.expires.map(kept_time),
        last_used: None,
        state: KeyState::Active,
        revision,
    }
}

async fn create_one(tx: &mut Transaction, new: NewKey) -> Result<Key, StoreError> {
    let key = active(new, tx.revision()?);
    insert_keys(tx, std::slice::from_ref(&key)).await?;
    Ok(key)
}

async fn create_many(tx: &mut Transaction, new: Vec<NewKey>) -> Result<Revision, StoreError> {
    if new.is_empty() {
        return tx.ledger.revision();
    }
    let revision = tx.revision()?;
    let keys: Vec<Key> = new.into_iter().map(|new| active(new, revision)).collect();
    insert_keys(tx, &keys).await?;
    Ok(revision)
}

async fn import_all(
    tx: &mut Transaction,
    consumers: Vec<NewConsumer>,
    keys: Vec<NewKey>,
) -> Result<Revision, StoreError> {
    for new in consumers {
        create_consumer(tx, new).await?;
    }
    create_many(tx, keys).await
}

async fn update(
    tx: &mut Transaction,
    id: KeyId,
    change: KeyChange,
    expected: Option<Revision>,
) -> Result<Option<Key>, StoreError> {
    let Some(stored) = read(tx.connection(), id).await? else {
        return Ok(None);
    };
    if matches!(stored.record.state, KeyState::Revoked { .. }) {
        return Err(Conflict::KeyRevoked.into());
    }
    refuse_stale(expected, stored.record.revision)?;
    let mut changed = stored.record.clone();
    changed.label = change.label.unwrap_or(changed.label);
    changed.scopes = change.scopes.unwrap_or(changed.scopes);
    changed.expires = change.expires.map_or(changed.expires, |expires| expires.map(kept_time));
    store_change(tx, &stored, changed).await.map(Some)
}

/// Writes a changed key under a new revision; one that did not change stays as it is.
async fn store_change(
    tx: &mut Transaction,
    stored: &Stored<Key>,
    mut changed: Key,
) -> Result<Key, StoreError> {
    if changed != stored.record {
        changed.revision = tx.revision()?;
        update_row(tx, stored, &changed).await?;
    }
    Ok(changed)
}

async fn roll_all(tx: &mut Transaction, mut roll: KeyRoll) -> Result<Rolled, StoreError> {
    let mut seen = std::collections::HashSet::new();
    roll.replaces.retain(|id| seen.insert(*id));
    let (at, until, successor) =
        (kept_time(roll.successor.created), kept_time(roll.until), roll.successor.id);
    let mut replaced = Vec::with_capacity(roll.replaces.len());
    for id in &roll.replaces {
        let stored = read(tx.connection(), *id).await?.ok_or(Conflict::NoParent)?;
        if stored.record.consumer != roll.successor.consumer {
            return Err(Conflict::NoParent.into());
        }
        let state = match &stored.record.state {
            KeyState::Revoked { .. } => return Err(Conflict::KeyRevoked.into()),
            earlier @ KeyState::Rolled { until: earlier_end, .. } if *earlier_end <= until => earlier.clone(),
            KeyState::Active | KeyState::Rolled { .. } => KeyState::Rolled { at, until, successor },
        };
        let changed = Key { state, ..stored.record.clone() };
        replaced.push(store_change(tx, &stored, changed).await?);
    }
    Ok(Rolled { successor: create_one(tx, roll.successor).await?, replaced })
}

async fn revoke(tx: &mut Transaction, id: KeyId, revocation: Revocation) -> Result<Option<Key>, StoreError> {
    let Some(stored) = read(tx.connection(), id).await? else {
        return Ok(None);
    };
    if matches!(stored.record.state, KeyState::Revoked { .. }) {
        return Ok(Some(stored.record));
    }
    let state = KeyState::Revoked { at: kept_time(revocation.at), reason: revocation.reason };
    let changed = Key { state, ..stored.record.clone() };
    store_change(tx, &stored, changed).await.map(Some)
}

async fn note_use(tx: &mut Transaction, uses: Vec<(KeyId, Timestamp)>) -> Result<(), StoreError> {
    for (id, at) in uses {
        let at = kept_microseconds(at);
        sqlx::query(
            "UPDATE api_key SET last_used = ?1, last_used_check = ?2 \
             WHERE id = ?3 AND (last_used IS NULL OR last_used < ?1)",
        )
        .bind(at)
        .bind(last_used_check(id.as_str(), at))
        .bind(id.as_str())
        .execute(tx.connection())
        .await
        .map_err(|error| failed("note_key_use", error))?;
    }
    Ok(())
}

/// How many values a look-up of many keys carries at a time.
const FINGERPRINTS_PER_QUERY: usize = 500;
