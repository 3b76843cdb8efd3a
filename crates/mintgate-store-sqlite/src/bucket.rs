//! Buckets.

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_store::{
    AuditAction, AuditDraft, AuditTarget, Author, Bucket, Buckets, Conflict, NewBucket, StoreError,
    differences, kept_microseconds, kept_time, of_bucket,
};
use mintgate_types::{BucketName, KeyPrefix, Revision};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    SqliteStore,
    check::RowCheck,
    consumer::refuse_stale,
    failure::{breaks_unique, damaged_row, damaged_table, failed},
    ledger::{Ledger, Tally},
    row::{Stored, parsed, revision, stored_revision, time},
    writer::Transaction,
};

#[async_trait]
impl Buckets for SqliteStore {
    async fn create_bucket(&self, new: NewBucket, by: &Author) -> Result<Bucket, StoreError> {
        let by = by.clone();
        self.writer.run("create_bucket", |tx| create_one(tx, new, by).boxed()).await
    }

    async fn update_bucket(
        &self,
        name: &BucketName,
        prefix: KeyPrefix,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Bucket>, StoreError> {
        let (name, by) = (name.clone(), by.clone());
        self.writer
            .run("update_bucket", move |tx| update_bucket(tx, name, prefix, expected, by).boxed())
            .await
    }

    async fn delete_bucket(
        &self,
        name: &BucketName,
        expected: Option<Revision>,
        by: &Author,
    ) -> Result<Option<Bucket>, StoreError> {
        let (name, by) = (name.clone(), by.clone());
        self.writer.run("delete_bucket", move |tx| delete_bucket(tx, name, expected, by).boxed()).await
    }

    async fn bucket(&self, name: &BucketName) -> Result<Option<Bucket>, StoreError> {
        let row = sqlx::query("SELECT name, prefix, created, revision, row_check FROM bucket WHERE name = ?")
            .bind(name.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(|error| failed("bucket", error))?;
        row.map(|row| Ok(bucket_from(&row)?.record)).transpose()
    }

    async fn buckets(&self) -> Result<Vec<Bucket>, StoreError> {
        let mut moment = self.moment().await?;
        let expected = Ledger::read(&mut moment).await?.buckets;
        read_all(&mut moment, expected).await
    }
}

/// All of them by name, if they are the ones written.
pub(crate) async fn read_all(
    connection: &mut SqliteConnection,
    expected: Tally,
) -> Result<Vec<Bucket>, StoreError> {
    let rows = sqlx::query("SELECT name, prefix, created, revision, row_check FROM bucket ORDER BY name")
        .fetch_all(connection)
        .await
        .map_err(|error| failed("buckets", error))?;
    let mut tally = Tally::default();
    let mut buckets = Vec::with_capacity(rows.len());
    for row in &rows {
        let stored = bucket_from(row)?;
        tally.add(stored.check);
        buckets.push(stored.record);
    }
    if tally == expected { Ok(buckets) } else { Err(damaged_table(TABLE)) }
}

pub(crate) async fn create_one(
    tx: &mut Transaction,
    new: NewBucket,
    by: Author,
) -> Result<Bucket, StoreError> {
    let bucket = Bucket {
        name: new.name,
        prefix: new.prefix,
        created: kept_time(new.created),
        revision: tx.revision()?,
    };
    let check = check_of(&bucket);
    sqlx::query("INSERT INTO bucket (name, prefix, created, revision, row_check) VALUES (?, ?, ?, ?, ?)")
        .bind(bucket.name.as_str())
        .bind(bucket.prefix.as_str())
        .bind(kept_microseconds(bucket.created))
        .bind(stored_revision(bucket.revision))
        .bind(check)
        .execute(tx.connection())
        .await
        .map_err(|error| match error {
            error if breaks_unique(&error, "bucket.name") => Conflict::BucketExists.into(),
            error => failed("create_bucket", error),
        })?;
    tx.ledger.buckets.add(check);
    let target = AuditTarget::bucket(&bucket.name);
    let after = of_bucket(&bucket).into();
    tx.note(AuditDraft::done(by, bucket.revision, AuditAction::CreateBucket, target).with_after(after));
    Ok(bucket)
}

async fn read(
    connection: &mut SqliteConnection,
    name: &BucketName,
) -> Result<Option<Stored<Bucket>>, StoreError> {
    let row = sqlx::query("SELECT name, prefix, created, revision, row_check FROM bucket WHERE name = ?")
        .bind(name.as_str())
        .fetch_optional(connection)
        .await
        .map_err(|error| failed("bucket", error))?;
    row.map(|row| bucket_from(&row)).transpose()
}

async fn update_bucket(
    tx: &mut Transaction,
    name: BucketName,
    prefix: KeyPrefix,
    expected: Option<Revision>,
    by: Author,
) -> Result<Option<Bucket>, StoreError> {
    let Some(stored) = read(tx.connection(), &name).await? else { return Ok(None) };
    refuse_stale(expected, stored.record.revision)?;
    if stored.record.prefix == prefix {
        return Ok(Some(stored.record));
    }
    let changed = Bucket { prefix, revision: tx.revision()?, ..stored.record.clone() };
    let check = check_of(&changed);
    let done = sqlx::query("UPDATE bucket SET prefix = ?, revision = ?, row_check = ? WHERE name = ?")
        .bind(changed.prefix.as_str())
        .bind(stored_revision(changed.revision))
        .bind(check)
        .bind(name.as_str())
        .execute(tx.connection())
        .await
        .map_err(|error| failed("update_bucket", error))?;
    if done.rows_affected() != 1 {
        return Err(damaged_row(TABLE));
    }
    tx.ledger.buckets.replace(stored.check, check);
    let (before, after) = differences(of_bucket(&stored.record), of_bucket(&changed));
    let draft = AuditDraft::done(by, changed.revision, AuditAction::UpdateBucket, AuditTarget::bucket(&name));
    tx.note(draft.with_before(before).with_after(after));
    Ok(Some(changed))
}

async fn delete_bucket(
    tx: &mut Transaction,
    name: BucketName,
    expected: Option<Revision>,
    by: Author,
) -> Result<Option<Bucket>, StoreError> {
    let Some(stored) = read(tx.connection(), &name).await? else { return Ok(None) };
    refuse_stale(expected, stored.record.revision)?;
    let held: Option<i64> = sqlx::query_scalar("SELECT 1 FROM consumer WHERE bucket = ? LIMIT 1")
        .bind(name.as_str())
        .fetch_optional(tx.connection())
        .await
        .map_err(|error| failed("delete_bucket", error))?;
    if held.is_some() {
        return Err(Conflict::BucketNotEmpty.into());
    }
    let revision = tx.revision()?;
    let done = sqlx::query("DELETE FROM bucket WHERE name = ?")
        .bind(name.as_str())
        .execute(tx.connection())
        .await
        .map_err(|error| failed("delete_bucket", error))?;
    if done.rows_affected() != 1 {
        return Err(damaged_row(TABLE));
    }
    tx.ledger.buckets.remove(stored.check);
    let before = of_bucket(&stored.record).into();
    let draft = AuditDraft::done(by, revision, AuditAction::DeleteBucket, AuditTarget::bucket(&name));
    tx.note(draft.with_before(before));
    Ok(Some(stored.record))
}

fn check_of(bucket: &Bucket) -> i64 {
    RowCheck::of(TABLE)
        .text(bucket.name.as_str())
        .text(bucket.prefix.as_str())
        .integer(kept_microseconds(bucket.created))
        .integer(stored_revision(bucket.revision))
        .done()
}

fn bucket_from(row: &SqliteRow) -> Result<Stored<Bucket>, StoreError> {
    let read = |error| failed("read_bucket", error);
    let bucket = Bucket {
        name: parsed(row.try_get(0).map_err(read)?, TABLE)?,
        prefix: parsed(row.try_get(1).map_err(read)?, TABLE)?,
        created: time(row.try_get(2).map_err(read)?, TABLE)?,
        revision: revision(row.try_get(3).map_err(read)?, TABLE)?,
    };
    let check = row.try_get(4).map_err(read)?;
    if check_of(&bucket) == check { Ok(Stored { record: bucket, check }) } else { Err(damaged_row(TABLE)) }
}

const TABLE: &str = "bucket";
