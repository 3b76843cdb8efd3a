//! Consumers: queries and changes. The row itself is in [`crate::consumer_row`].

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_store::{
    AuditAction, AuditDraft, AuditTarget, Author, Conflict, Consumer, ConsumerChange, ConsumerFilter,
    ConsumerState, Consumers, NewConsumer, Page, PageRequest, StoreError, differences, kept_time,
    of_consumer,
};
use mintgate_types::{BucketName, ConsumerId, ConsumerName, ManagerIdentity, Revision};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use crate::{
    SqliteStore,
    consumer_row::{self, consumer_from, insert_consumers, update_row},
    consumer_value,
    failure::{damaged_row, failed},
    key, lookup, managed,
    removal::{self, Removed},
    row::{Stored, listed, page_of, rows_wanted},
    writer::Transaction,
};

type Position = (BucketName, ConsumerName);

#[async_trait]
impl Consumers for SqliteStore {
    async fn create_consumer(&self, new: NewConsumer, by: &Author) -> Result<Consumer, StoreError> {
        let by = by.clone();
        self.writer.run("create_consumer", |tx| create_one(tx, new, by).boxed()).await
    }

    async fn consumer(&self, id: ConsumerId) -> Result<Option<Consumer>, StoreError> {
        let stored = read(&mut *self.reader().await?, id).await?;
        Ok(stored.map(|stored| stored.record))
    }

    async fn consumer_by_name(
        &self,
        bucket: &BucketName,
        name: &ConsumerName,
    ) -> Result<Option<Consumer>, StoreError> {
        let row = sqlx::query(consumer_row::select!("WHERE bucket = ? AND name = ?"))
            .bind(bucket.as_str())
            .bind(name.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(|error| failed("consumer_by_name", error))?;
        row.map(|row| Ok(consumer_from(&row)?.record)).transpose()
    }

    async fn find_consumers(
        &self,
        bucket: &BucketName,
        names: &[ConsumerName],
    ) -> Result<Vec<Option<ConsumerId>>, StoreError> {
        lookup::consumers(self, bucket, names).await
    }

    async fn consumers(
        &self,
        filter: &ConsumerFilter,
        page: PageRequest<Position>,
    ) -> Result<Page<Consumer, Position>, StoreError> {
        let rows = rows_of_page(&mut *self.reader().await?, filter, &page)
            .await
            .map_err(|error| failed("consumers", error))?;
        let items =
            rows.iter().map(|row| Ok(consumer_from(row)?.record)).collect::<Result<_, StoreError>>()?;
        Ok(page_of(items, page.limit, |consumer| (consumer.bucket.clone(), consumer.name.clone())))
    }

    async fn managed_consumers(
        &self,
        managers: &[ManagerIdentity],
        bucket: Option<&BucketName>,
        page: PageRequest<Position>,
    ) -> Result<Page<Consumer, Position>, StoreError> {
        managed::page(&mut *self.reader().await?, managers, bucket, page).await
    }

    async fn update_consumer(
        &self,
        id: ConsumerId,
        change: ConsumerChange,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Consumer>, StoreError> {
        let by = by.clone();
        self.writer.run("update_consumer", move |tx| update(tx, id, (change, expected), by).boxed()).await
    }

    async fn delete_consumer(
        &self,
        id: ConsumerId,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Consumer>, StoreError> {
        let by = by.clone();
        self.writer.run("delete_consumer", move |tx| delete(tx, id, expected, by).boxed()).await
    }
}

async fn rows_of_page(
    connection: &mut SqliteConnection,
    filter: &ConsumerFilter,
    page: &PageRequest<Position>,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    // Names are ASCII: nothing that begins with the prefix sorts after the prefix and the last of all characters.
    let from = filter.name_prefix.as_deref().unwrap_or("");
    let to = format!("{from}\u{10FFFF}");
    let (after_bucket, after_name) =
        page.after.as_ref().map_or(("", ""), |(bucket, name)| (bucket.as_str(), name.as_str()));
    let Some(bucket) = &filter.bucket else {
        return sqlx::query(consumer_row::select!(
            "WHERE (bucket, name) > (?1, ?2) AND name >= ?3 AND name < ?4 \
             AND (?5 IS NULL OR bucket IN (SELECT value FROM json_each(?5))) ORDER BY bucket, name LIMIT ?6"
        ))
        .bind(after_bucket)
        .bind(after_name)
        .bind(from)
        .bind(to)
        .bind(listed(&filter.within))
        .bind(rows_wanted(page.limit))
        .fetch_all(connection)
        .await;
    };
    if !filter.within.includes(bucket) {
        return Ok(Vec::new());
    }
    let after_name = match after_bucket.cmp(bucket.as_str()) {
        std::cmp::Ordering::Less => "",
        std::cmp::Ordering::Equal => after_name,
        std::cmp::Ordering::Greater => return Ok(Vec::new()),
    };
    sqlx::query(consumer_row::select!(
        "WHERE bucket = ? AND name > ? AND name >= ? AND name < ? ORDER BY name LIMIT ?"
    ))
    .bind(bucket.as_str())
    .bind(after_name)
    .bind(from)
    .bind(to)
    .bind(rows_wanted(page.limit))
    .fetch_all(connection)
    .await
}

async fn read(
    connection: &mut SqliteConnection,
    id: ConsumerId,
) -> Result<Option<Stored<Consumer>>, StoreError> {
    let row = sqlx::query(consumer_row::select!("WHERE id = ?"))
        .bind(id.as_str())
        .fetch_optional(connection)
        .await
        .map_err(|error| failed("consumer", error))?;
    row.map(|row| consumer_from(&row)).transpose()
}

pub(crate) async fn create_one(
    tx: &mut Transaction,
    new: NewConsumer,
    by: Author,
) -> Result<Consumer, StoreError> {
    let consumer = create(tx, vec![new]).await?.pop().expect("one was made");
    let (target, after) = (AuditTarget::consumer(&consumer), of_consumer(&consumer).into());
    tx.note(AuditDraft::done(by, consumer.revision, AuditAction::CreateConsumer, target).with_after(after));
    Ok(consumer)
}

/// Adds consumers, and what they are found by; whoever calls this notes them in the audit log.
pub(crate) async fn create(tx: &mut Transaction, new: Vec<NewConsumer>) -> Result<Vec<Consumer>, StoreError> {
    let revision = tx.revision()?;
    let consumers: Vec<Consumer> = new.into_iter().map(|new| active(new, revision)).collect();
    let serials = insert_consumers(tx, &consumers).await?;
    let values = consumers.iter().map(consumer_value::values_of);
    consumer_value::note(tx.connection(), serials.into_iter().zip(values)).await?;
    Ok(consumers)
}

fn active(new: NewConsumer, revision: Revision) -> Consumer {
    Consumer {
        id: new.id,
        bucket: new.bucket,
        name: new.name,
        subject: new.subject,
        metadata: new.metadata,
        tags: new.tags,
        managers: new.managers,
        state: ConsumerState::Active,
        created: kept_time(new.created),
        last_used: None,
        revision,
    }
}

async fn update(
    tx: &mut Transaction,
    id: ConsumerId,
    (change, expected): (ConsumerChange, Option<Revision>),
    by: Author,
) -> Result<Option<Consumer>, StoreError> {
    let Some(stored) = read(tx.connection(), id).await? else {
        return Ok(None);
    };
    refuse_stale(expected, stored.record.revision)?;
    let mut changed = stored.record.clone();
    changed.name = change.name.unwrap_or(changed.name);
    changed.subject = change.subject.unwrap_or(changed.subject);
    changed.metadata = change.metadata.unwrap_or(changed.metadata);
    changed.tags = change.tags.unwrap_or(changed.tags);
    changed.managers = change.managers.unwrap_or(changed.managers);
    changed.state = change.state.map_or(changed.state, coarse_state);
    if changed == stored.record {
        return Ok(Some(changed));
    }
    changed.revision = tx.revision()?;
    update_row(tx, &stored, &changed).await?;
    consumer_value::replace(tx, &stored.record, Some(&changed)).await?;
    let (before, after) = differences(of_consumer(&stored.record), of_consumer(&changed));
    let draft =
        AuditDraft::done(by, changed.revision, AuditAction::UpdateConsumer, AuditTarget::consumer(&changed));
    tx.note(draft.with_before(before).with_after(after));
    Ok(Some(changed))
}

async fn delete(
    tx: &mut Transaction,
    id: ConsumerId,
    expected: Option<Revision>,
    by: Author,
) -> Result<Option<Consumer>, StoreError> {
    let Some(stored) = read(tx.connection(), id).await? else {
        return Ok(None);
    };
    refuse_stale(expected, stored.record.revision)?;
    let keys = key::delete_of_consumer(tx, id).await?;
    removal::note(tx, Removed::Key, &keys).await?;
    removal::note(tx, Removed::Consumer, &[id.as_str().into()]).await?;
    consumer_value::replace(tx, &stored.record, None).await?;
    let done = sqlx::query("DELETE FROM consumer WHERE id = ?")
        .bind(id.as_str())
        .execute(tx.connection())
        .await
        .map_err(|error| failed("delete_consumer", error))?;
    if done.rows_affected() != 1 {
        return Err(damaged_row("consumer"));
    }
    tx.ledger.consumers.remove(stored.check);
    let (consumer, revision) = (&stored.record, tx.revision()?);
    let mut before = of_consumer(consumer);
    before.insert("keys".to_owned(), keys.len().into());
    let target = AuditTarget::consumer(consumer);
    tx.note(AuditDraft::done(by, revision, AuditAction::DeleteConsumer, target).with_before(before.into()));
    Ok(Some(stored.record))
}

/// Whether somebody changed it since the caller looked.
pub(crate) fn refuse_stale(expected: Option<Revision>, actual: Revision) -> Result<(), Conflict> {
    match expected {
        Some(expected) if expected != actual => Err(Conflict::Stale { expected, actual }),
        _ => Ok(()),
    }
}

fn coarse_state(state: ConsumerState) -> ConsumerState {
    match state {
        ConsumerState::Active => ConsumerState::Active,
        ConsumerState::Disabled { since } => ConsumerState::Disabled { since: kept_time(since) },
    }
}
