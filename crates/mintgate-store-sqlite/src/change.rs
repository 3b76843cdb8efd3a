//! What changed since a revision.

use async_trait::async_trait;
use mintgate_store::{ChangeSet, Changes, Consumer, Loaded, StoreError};
use mintgate_types::Revision;
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use crate::{
    SqliteStore,
    consumer_row::{self, consumer_from},
    failure::failed,
    key_row::{self, key_from},
    ledger::Ledger,
    load, removal,
    row::{revision, rows_wanted, stored_revision},
};

#[async_trait]
impl Changes for SqliteStore {
    async fn revision(&self) -> Result<Revision, StoreError> {
        Ledger::read(&mut *self.reader().await?).await?.revision()
    }

    async fn changes_since(&self, since: Revision, limit: u32) -> Result<ChangeSet, StoreError> {
        let mut moment = self.moment().await?;
        let now = Ledger::read(&mut moment).await?.revision()?;
        let up_to = cut(&mut moment, since, limit).await?.unwrap_or(now);
        let span = Span { since: stored_revision(since), up_to: stored_revision(up_to) };
        let (removed_consumers, removed_keys) = removal::read(&mut moment, span.since, span.up_to).await?;
        Ok(ChangeSet {
            up_to,
            more: up_to < now,
            consumers: collect(
                &span
                    .rows(&mut moment, consumer_row::select!("WHERE revision > ? AND revision <= ?"))
                    .await?,
                |row| Ok(Consumer { last_used: None, ..consumer_from(row)?.record }),
            )?,
            keys: collect(
                &span.rows(&mut moment, key_row::select!("WHERE k.revision > ? AND k.revision <= ?")).await?,
                |row| Ok(key_from(row)?.record),
            )?,
            removed_consumers,
            removed_keys,
            signing_keys: !span
                .rows(&mut moment, "SELECT kid FROM signing_key WHERE revision > ? AND revision <= ?")
                .await?
                .is_empty(),
        })
    }

    async fn load(&self, visit: &mut (dyn FnMut(Loaded) + Send)) -> Result<Revision, StoreError> {
        load::load(self, visit).await
    }
}

/// Revisions after one, up to another.
#[derive(Clone, Copy)]
struct Span {
    since: i64,
    up_to: i64,
}

impl Span {
    async fn rows(
        self,
        connection: &mut SqliteConnection,
        query: &'static str,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        sqlx::query(query)
            .bind(self.since)
            .bind(self.up_to)
            .fetch_all(connection)
            .await
            .map_err(|error| failed("changes_since", error))
    }
}

/// Where to stop so that about `limit` rows come, and no revision in parts; `None` where nothing need be cut.
async fn cut(
    connection: &mut SqliteConnection,
    since: Revision,
    limit: u32,
) -> Result<Option<Revision>, StoreError> {
    // Each table gives its first rows by its index; together they hold the first rows of all.
    let revisions: Vec<i64> = sqlx::query_scalar(
        "SELECT revision FROM (\
           SELECT * FROM (SELECT revision FROM consumer WHERE revision > ?1 ORDER BY revision LIMIT ?2) UNION ALL \
           SELECT * FROM (SELECT revision FROM api_key WHERE revision > ?1 ORDER BY revision LIMIT ?2) UNION ALL \
           SELECT * FROM (SELECT revision FROM removal WHERE revision > ?1 ORDER BY revision LIMIT ?2)) \
         ORDER BY revision LIMIT ?2",
    )
    .bind(stored_revision(since))
    .bind(rows_wanted(limit))
    .fetch_all(connection)
    .await
    .map_err(|error| failed("changes_since", error))?;
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let (Some(first), Some(beyond)) = (revisions.first(), revisions.get(limit)) else {
        return Ok(None);
    };
    // The first row too many takes its whole revision with it, unless that is the only one.
    let last = if beyond > first { beyond - 1 } else { *first };
    revision(last, "store").map(Some)
}

fn collect<T>(
    rows: &[SqliteRow],
    record: impl Fn(&SqliteRow) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter().map(record).collect()
}
