//! The consumers whose manager somebody is.
//!
//! A table leads to them in their order, so that a page reads as many rows as it has, however many consumers there are
//! and however many of them one person manages. What grants is the consumer's own row: it is checked, and asked again.

use mintgate_store::{Consumer, Page, PageRequest, StoreError};
use mintgate_types::{BucketName, ConsumerName, ManagerIdentity};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::{
    consumer_row::{self, consumer_from},
    failure::failed,
    row::{page_of, rows_wanted},
};

type Position = (BucketName, ConsumerName);

pub(crate) async fn page(
    connection: &mut SqliteConnection,
    managers: &[ManagerIdentity],
    bucket: Option<&BucketName>,
    page: PageRequest<Position>,
) -> Result<Page<Consumer, Position>, StoreError> {
    if managers.is_empty() {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
    query.push(consumer_row::COLUMNS).push(" FROM consumer WHERE serial IN (SELECT consumer FROM (");
    for (at, manager) in managers.iter().enumerate() {
        // UNION: one consumer may name somebody by address and by subject.
        query.push(if at == 0 { "SELECT * FROM (" } else { " UNION SELECT * FROM (" });
        query.push("SELECT bucket, name, consumer FROM consumer_manager WHERE manager = ");
        query.push_bind(manager.as_str());
        if let Some((after_bucket, after_name)) = &page.after {
            query.push(" AND (bucket, name) > (").push_bind(after_bucket.as_str());
            query.push(", ").push_bind(after_name.as_str()).push(")");
        }
        if let Some(bucket) = bucket {
            query.push(" AND bucket = ").push_bind(bucket.as_str());
        }
        query.push(" ORDER BY bucket, name LIMIT ").push_bind(rows_wanted(page.limit)).push(")");
    }
    query.push(" ORDER BY 1, 2 LIMIT ").push_bind(rows_wanted(page.limit));
    query.push(")) ORDER BY bucket, name");
    let rows =
        query.build().fetch_all(connection).await.map_err(|error| failed("managed_consumers", error))?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(consumer_from(row)?.record);
    }
    let mut page = page_of(found, page.limit, |consumer| (consumer.bucket.clone(), consumer.name.clone()));
    page.items.retain(|consumer| consumer.managers.include(managers));
    Ok(page)
}
