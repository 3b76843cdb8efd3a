//! Finding keys.
//!
//! Where one part of a filter leaves few keys over, those are read. Otherwise all keys are walked through in the order of
//! their ids until the page is full, and one page walks only so far.

use mintgate_store::{
    Key, KeyFilter, KeyFormat, KeyStanding, Page, PageRequest, StoreError, Within, kept_microseconds,
};
use mintgate_types::{KeyId, Timestamp, UsageStep};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::{
    candidates::{self, Candidates},
    failure::failed,
    key_row::{self, key_from},
    like,
    row::{listed, parsed, rows_wanted},
};

/// A page of the keys that a filter lets through, by id.
pub(crate) async fn page(
    connection: &mut SqliteConnection,
    filter: &KeyFilter,
    page: PageRequest<KeyId>,
) -> Result<Page<Key, KeyId>, StoreError> {
    let candidates = if filter.consumer.is_some() || filter.ids.is_some() || !is_narrow(filter) {
        None
    } else {
        Some(candidates::keys(connection, filter).await?)
    };
    let bound = match &candidates {
        Some(Candidates::Many) => bound(connection, page.after).await?,
        _ => None,
    };
    let mut query = QueryBuilder::<Sqlite>::new(key_row::select!("WHERE k.id > "));
    query.push_bind(page.after.map(|id| id.to_string()).unwrap_or_default());
    if let Some(bound) = bound {
        query.push(" AND k.id <= ").push_bind(bound.to_string());
    }
    if let Some(Candidates::These(serials)) = candidates {
        query.push(" AND k.serial IN (SELECT value FROM json_each(").push_bind(serials).push("))");
    }
    push_filter(&mut query, filter);
    query.push(" ORDER BY k.id LIMIT ").push_bind(rows_wanted(page.limit));
    let rows = query.build().persistent(false).fetch_all(connection).await;
    let rows = rows.map_err(|error| failed("keys", error))?;
    let mut items =
        rows.iter().map(|row| Ok(key_from(row)?.record)).collect::<Result<Vec<_>, StoreError>>()?;
    let limit = usize::try_from(page.limit.max(1)).unwrap_or(usize::MAX);
    let full = items.len() > limit;
    items.truncate(limit);
    let next = if full { items.last().map(|last| last.id) } else { bound };
    Ok(Page { items, next })
}

/// Whether it leaves anything out but by consumer and id.
fn is_narrow(filter: &KeyFilter) -> bool {
    filter.bucket.is_some()
        || !filter.tags.is_empty()
        || filter.label.is_some()
        || filter.text.is_some()
        || filter.standing.is_some()
        || filter.format.is_some()
        || filter.expires_before.is_some()
        || filter.created_before.is_some()
        || filter.unused_since.is_some()
        || filter.within != Within::Everything
}

/// The last key that a page looks at, if there are more.
async fn bound(connection: &mut SqliteConnection, after: Option<KeyId>) -> Result<Option<KeyId>, StoreError> {
    let read = |error| failed("keys", error);
    let rows = sqlx::query("SELECT id FROM api_key WHERE id > ? ORDER BY id LIMIT 2 OFFSET ?")
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .bind(MOST_ROWS_READ - 1)
        .fetch_all(connection)
        .await
        .map_err(read)?;
    match &rows[..] {
        [last, _beyond] => parsed(last.try_get(0).map_err(read)?, "api_key").map(Some),
        _ => Ok(None),
    }
}

/// All that a filter says, each part once more: candidates satisfy one part, and not the others.
fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &KeyFilter) {
    if let Some(consumer) = filter.consumer {
        query.push(" AND k.consumer = (SELECT serial FROM consumer WHERE id = ");
        query.push_bind(consumer.to_string()).push(")");
    }
    if let Some(ids) = &filter.ids {
        let ids = serde_json::to_string(&ids.iter().map(KeyId::as_str).collect::<Vec<_>>());
        let ids = ids.expect("a list of text can be written");
        query.push(" AND k.id IN (SELECT value FROM json_each(").push_bind(ids).push("))");
    }
    if let Some(bucket) = &filter.bucket {
        query.push(" AND c.bucket = ").push_bind(bucket.to_string());
    }
    if let Some(buckets) = listed(&filter.within) {
        query.push(" AND c.bucket IN (SELECT value FROM json_each(").push_bind(buckets).push("))");
    }
    candidates::push_tags(query, &filter.tags);
    if let Some(label) = &filter.label {
        query.push(" AND k.label = ").push_bind(label.to_string());
    }
    if let Some(text) = &filter.text {
        push_text(query, text);
    }
    if let Some((standing, now)) = filter.standing {
        push_standing(query, standing, now);
    }
    if let Some(format) = filter.format {
        // Not by the index: where candidates are few they are known by now, and where they are many it would lead to
        // reading and sorting all of them for each page.
        query.push(match format {
            KeyFormat::Native => " AND +k.format = 0",
            KeyFormat::Foreign => " AND +k.format = 1",
        });
    }
    if let Some(before) = filter.expires_before {
        query.push(" AND +k.expires < ").push_bind(kept_microseconds(before));
    }
    if let Some(before) = filter.created_before {
        query.push(" AND k.created < ").push_bind(kept_microseconds(before));
    }
    if let Some(since) = filter.unused_since {
        query.push(" AND k.state <> 2 AND +coalesce(k.last_used, k.created) < ").push_bind(hour_of(since));
    }
}

/// What is noted of a key is its first use in an hour, so nothing is said of the hour itself.
pub(crate) fn hour_of(since: Timestamp) -> i64 {
    kept_microseconds(UsageStep::Hour.start_of(UsageStep::Hour.period_of(since)))
}

fn push_text(query: &mut QueryBuilder<Sqlite>, text: &str) {
    query.push(" AND ((k.label <> '' AND EXISTS (SELECT 1 FROM key_label l WHERE l.label = k.label AND l.folded LIKE ");
    query.push_bind(like::containing(text)).push(" ESCAPE '\\'))");
    if like::begins_a_key_id(text) {
        query.push(" OR (k.id >= ").push_bind(text.to_owned());
        query.push(" AND k.id < ").push_bind(like::end_of(text)).push(")");
    }
    query.push(")");
}

fn push_standing(query: &mut QueryBuilder<Sqlite>, standing: KeyStanding, now: Timestamp) {
    let now = kept_microseconds(now);
    match standing {
        KeyStanding::Active => {
            query.push(" AND k.state = 0 AND (k.expires IS NULL OR k.expires > ").push_bind(now).push(")");
        }
        KeyStanding::Rolled => {
            query.push(" AND k.state = 1 AND k.grace_until > ").push_bind(now);
            query.push(" AND (k.expires IS NULL OR k.expires > ").push_bind(now).push(")");
        }
        KeyStanding::Expired => {
            query.push(" AND k.state <> 2 AND (k.expires <= ").push_bind(now);
            query.push(" OR (k.state = 1 AND k.grace_until <= ").push_bind(now).push("))");
        }
        KeyStanding::Revoked => {
            query.push(" AND k.state = 2");
        }
        KeyStanding::NotRevoked => {
            query.push(" AND k.state <> 2");
        }
    }
}

/// How many keys a page looks at: some ten milliseconds.
const MOST_ROWS_READ: i64 = 6_000;
