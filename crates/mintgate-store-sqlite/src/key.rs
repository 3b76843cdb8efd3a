//! Keys: queries and changes. The row itself is in [`crate::key_row`].

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_apikey::KeyFingerprint;
use mintgate_store::{
    AuditAction, AuditDraft, AuditTarget, Author, Conflict, Key, KeyChange, KeyFilter, KeyRoll, KeyState,
    Keys, NewConsumer, NewKey, Page, PageRequest, Revocation, Rolled, StoreError, differences, kept_time,
    of_key,
};
use mintgate_types::{BucketName, ConsumerId, KeyId, Revision};
use sqlx::{Row, SqliteConnection};

use crate::{
    SqliteStore,
    consumer::{create as create_consumers, refuse_stale},
    failure::failed,
    key_row::{self, bucket_from, insert_key, insert_keys, key_from, update_row},
    key_search, label,
    ledger::Ledger,
    lookup,
    row::Stored,
    writer::Transaction,
};

#[async_trait]
impl Keys for SqliteStore {
    async fn create_key(&self, new: NewKey, by: &Author) -> Result<Key, StoreError> {
        let by = by.clone();
        self.writer.run("create_key", |tx| create_one(tx, new, by).boxed()).await
    }

    async fn create_keys(&self, new: Vec<NewKey>, by: &Author) -> Result<Revision, StoreError> {
        let by = by.clone();
        self.writer.run_alone("create_keys", |tx| create_many(tx, new, by).boxed()).await
    }

    async fn import(
        &self,
        consumers: Vec<NewConsumer>,
        keys: Vec<NewKey>,
        by: &Author,
    ) -> Result<Revision, StoreError> {
        let by = by.clone();
        self.writer.run_alone("import", |tx| import_all(tx, consumers, keys, by).boxed()).await
    }

    async fn find_keys(
        &self,
        fingerprints: &[KeyFingerprint],
    ) -> Result<Vec<Option<(KeyId, ConsumerId)>>, StoreError> {
        lookup::keys(self, fingerprints).await
    }

    async fn key(&self, id: KeyId) -> Result<Option<Key>, StoreError> {
        let held = read(&mut *self.reader().await?, id).await?;
        Ok(held.map(|held| held.stored.record))
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        page: PageRequest<KeyId>,
    ) -> Result<Page<Key, KeyId>, StoreError> {
        key_search::page(&mut *self.reader().await?, filter, page).await
    }

    async fn update_key(
        &self,
        id: KeyId,
        change: KeyChange,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Key>, StoreError> {
        let by = by.clone();
        self.writer.run("update_key", move |tx| update(tx, id, (change, expected), by).boxed()).await
    }

    async fn roll_keys(&self, roll: KeyRoll, by: &Author) -> Result<Rolled, StoreError> {
        let by = by.clone();
        self.writer.run("roll_keys", |tx| roll_all(tx, roll, by).boxed()).await
    }

    async fn revoke_key(
        &self,
        id: KeyId,
        revocation: Revocation,
        by: &Author,
    ) -> Result<Option<Key>, StoreError> {
        let by = by.clone();
        self.writer.run("revoke_key", move |tx| revoke(tx, id, revocation, by).boxed()).await
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
             RETURNING fingerprint, state, row_check, label",
    )
    .bind(consumer.as_str())
    .fetch_all(tx.connection())
    .await
    .map_err(|error| failed("delete_consumer", error))?;
    let mut fingerprints = Vec::with_capacity(rows.len());
    let mut labels = BTreeSet::new();
    for row in rows {
        let read = |error| failed("delete_consumer", error);
        let state: i64 = row.try_get(1).map_err(read)?;
        let tally = if state == 2 { &mut tx.ledger.revoked_keys } else { &mut tx.ledger.live_keys };
        tally.remove(row.try_get(2).map_err(read)?);
        fingerprints.push(row.try_get(0).map_err(read)?);
        labels.insert(row.try_get(3).map_err(read)?);
    }
    label::forget(tx, labels).await?;
    Ok(fingerprints)
}

/// A key as it is stored, and where its consumer lives.
struct Held {
    stored: Stored<Key>,
    bucket: BucketName,
}

async fn read(connection: &mut SqliteConnection, id: KeyId) -> Result<Option<Held>, StoreError> {
    let row = sqlx::query(key_row::select!("WHERE k.id = ?"))
        .bind(id.as_str())
        .fetch_optional(connection)
        .await
        .map_err(|error| failed("key", error))?;
    row.map(|row| Ok(Held { stored: key_from(&row)?, bucket: bucket_from(&row)? })).transpose()
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
        first_used: None,
        last_used: None,
        state: KeyState::Active,
        revision,
    }
}

pub(crate) async fn create_one(tx: &mut Transaction, new: NewKey, by: Author) -> Result<Key, StoreError> {
    let key = active(new, tx.revision()?);
    let bucket = insert_key(tx, &key).await?;
    label::note(tx, std::iter::once(key.label.as_str())).await?;
    let target = AuditTarget::key(key.id, &key.label, bucket);
    let after = of_key(&key).into();
    tx.note(AuditDraft::done(by, key.revision, AuditAction::CreateKey, target).with_after(after));
    Ok(key)
}

/// One entry for all: an entry for each would take longer than the keys.
async fn create_many(tx: &mut Transaction, new: Vec<NewKey>, by: Author) -> Result<Revision, StoreError> {
    if new.is_empty() {
        return tx.ledger.revision();
    }
    let revision = tx.revision()?;
    let counts = serde_json::json!({"keys": new.len()});
    let target = AuditTarget::many(insert_many(tx, new).await?.as_ref());
    tx.note(AuditDraft::done(by, revision, AuditAction::CreateKeys, target).with_after(counts));
    Ok(revision)
}

async fn insert_many(tx: &mut Transaction, new: Vec<NewKey>) -> Result<Option<BucketName>, StoreError> {
    let revision = tx.revision()?;
    let keys: Vec<Key> = new.into_iter().map(|new| active(new, revision)).collect();
    insert_keys(tx, &keys).await
}

pub(crate) async fn import_all(
    tx: &mut Transaction,
    consumers: Vec<NewConsumer>,
    keys: Vec<NewKey>,
    by: Author,
) -> Result<Revision, StoreError> {
    if consumers.is_empty() && keys.is_empty() {
        return tx.ledger.revision();
    }
    let revision = tx.revision()?;
    let counts = serde_json::json!({"consumers": consumers.len(), "keys": keys.len()});
    let made = create_consumers(tx, consumers).await?;
    let mut buckets: BTreeSet<BucketName> = made.into_iter().map(|consumer| consumer.bucket).collect();
    let several = if keys.is_empty() {
        false
    } else {
        let bucket = insert_many(tx, keys).await?;
        let several = bucket.is_none();
        buckets.extend(bucket);
        several
    };
    let only = if several || buckets.len() != 1 { None } else { buckets.into_iter().next() };
    let target = AuditTarget::many(only.as_ref());
    tx.note(AuditDraft::done(by, revision, AuditAction::ImportKeys, target).with_after(counts));
    Ok(revision)
}

async fn update(
    tx: &mut Transaction,
    id: KeyId,
    (change, expected): (KeyChange, Option<Revision>),
    by: Author,
) -> Result<Option<Key>, StoreError> {
    let Some(held) = read(tx.connection(), id).await? else {
        return Ok(None);
    };
    let current = &held.stored.record;
    if matches!(current.state, KeyState::Revoked { .. }) {
        return Err(Conflict::KeyRevoked.into());
    }
    refuse_stale(expected, current.revision)?;
    let mut changed = current.clone();
    changed.label = change.label.unwrap_or(changed.label);
    changed.scopes = change.scopes.unwrap_or(changed.scopes);
    changed.expires = change.expires.map_or(changed.expires, |expires| expires.map(kept_time));
    store_change(tx, held, changed, (AuditAction::UpdateKey, &by)).await.map(Some)
}

/// Writes a changed key under a new revision, and notes it; one that did not change stays as it is.
async fn store_change(
    tx: &mut Transaction,
    held: Held,
    mut changed: Key,
    (action, by): (AuditAction, &Author),
) -> Result<Key, StoreError> {
    let Held { stored, bucket } = held;
    if changed != stored.record {
        changed.revision = tx.revision()?;
        update_row(tx, &stored, &changed).await?;
        if changed.label != stored.record.label {
            label::note(tx, std::iter::once(changed.label.as_str())).await?;
            label::forget(tx, BTreeSet::from([stored.record.label.to_string()])).await?;
        }
        let (before, after) = differences(of_key(&stored.record), of_key(&changed));
        let target = AuditTarget::key(changed.id, &changed.label, bucket);
        let draft = AuditDraft::done(by.clone(), changed.revision, action, target);
        tx.note(draft.with_before(before).with_after(after));
    }
    Ok(changed)
}

pub(crate) async fn roll_all(
    tx: &mut Transaction,
    mut roll: KeyRoll,
    by: Author,
) -> Result<Rolled, StoreError> {
    let mut seen = std::collections::HashSet::new();
    roll.replaces.retain(|id| seen.insert(*id));
    let (at, until, successor) =
        (kept_time(roll.successor.created), kept_time(roll.until), roll.successor.id);
    let mut replaced = Vec::with_capacity(roll.replaces.len());
    for id in &roll.replaces {
        let held = read(tx.connection(), *id).await?.ok_or(Conflict::NoParent)?;
        let current = &held.stored.record;
        if current.consumer != roll.successor.consumer {
            return Err(Conflict::NoParent.into());
        }
        refuse_stale(roll.expected, current.revision)?;
        let state = match &current.state {
            KeyState::Revoked { .. } => return Err(Conflict::KeyRevoked.into()),
            earlier @ KeyState::Rolled { until: earlier_end, .. } if *earlier_end <= until => earlier.clone(),
            KeyState::Active | KeyState::Rolled { .. } => KeyState::Rolled { at, until, successor },
        };
        let changed = Key { state, ..current.clone() };
        replaced.push(store_change(tx, held, changed, (AuditAction::RollKey, &by)).await?);
    }
    Ok(Rolled { successor: create_one(tx, roll.successor, by).await?, replaced })
}

async fn revoke(
    tx: &mut Transaction,
    id: KeyId,
    revocation: Revocation,
    by: Author,
) -> Result<Option<Key>, StoreError> {
    let Some(held) = read(tx.connection(), id).await? else {
        return Ok(None);
    };
    if matches!(held.stored.record.state, KeyState::Revoked { .. }) {
        return Ok(Some(held.stored.record));
    }
    end(tx, held, revocation, by).await.map(Some)
}

/// The same for a key among many: `None` where it was revoked before, too.
pub(crate) async fn revoke_live(
    tx: &mut Transaction,
    id: KeyId,
    revocation: Revocation,
    by: Author,
) -> Result<Option<Key>, StoreError> {
    match read(tx.connection(), id).await? {
        Some(held) if !matches!(held.stored.record.state, KeyState::Revoked { .. }) => {
            end(tx, held, revocation, by).await.map(Some)
        }
        _ => Ok(None),
    }
}

async fn end(
    tx: &mut Transaction,
    held: Held,
    revocation: Revocation,
    by: Author,
) -> Result<Key, StoreError> {
    let state = KeyState::Revoked { at: kept_time(revocation.at), reason: revocation.reason };
    let changed = Key { state, ..held.stored.record.clone() };
    store_change(tx, held, changed, (AuditAction::RevokeKey, &by)).await
}
