//! Usage: adding counts, and reading their sums.
//!
//! A batch is added in chunks of the caller's choice, each a change like any other for the writer, so that whoever waits
//! for a confirmation waits for one chunk at the most. Rows of one period lie side by side: what is written now
//! touches few pages, however many keys there are, and forgetting old periods takes away whole ends of a table.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_store::{
    KeyUse, RefusalCount, RefusalPoint, StoreError, TopBy, TopEntry, TopRequest, Usage, UsageBatch, UsageOf,
    UsagePoint, UsageSpan, Within, kept_microseconds,
};
use mintgate_types::{BucketName, ConsumerId, KeyId, RequestCounts, UsageHour, UsageStep};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use crate::{
    SqliteStore,
    failure::{damaged_row, failed},
    key_row::{first_used_check, last_used_check},
    row::parsed,
    writer::Transaction,
};

#[async_trait]
impl Usage for SqliteStore {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), StoreError> {
        let batch = batch.clone();
        self.writer.run("add_usage", |tx| add(tx, batch).boxed()).await
    }

    async fn usage(&self, of: &UsageOf, span: UsageSpan) -> Result<Vec<UsagePoint>, StoreError> {
        let mut query = points_of(of, span);
        let rows = query.build().fetch_all(&mut *self.reader().await?).await;
        rows.map_err(|error| failed("usage", error))?
            .iter()
            .map(|row| Ok(UsagePoint { period: period_at(row, 0)?, counts: counts_at(row, 1)? }))
            .collect()
    }

    async fn top_usage(&self, request: &TopRequest) -> Result<Vec<TopEntry>, StoreError> {
        let mut query = ranking(request);
        let rows = query.build().fetch_all(&mut *self.reader().await?).await;
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        rows.map_err(|error| failed("top_usage", error))?.iter().take(limit).map(entry_of).collect()
    }

    async fn refusals(&self, span: UsageSpan) -> Result<Vec<RefusalPoint>, StoreError> {
        let query = "SELECT period, reason, count FROM refusal_count \
             WHERE step = ? AND period >= ? AND period < ? ORDER BY period, reason";
        let rows = sqlx::query(query)
            .bind(stored_step(span.step))
            .bind(span.from)
            .bind(span.until)
            .fetch_all(&mut *self.reader().await?)
            .await
            .map_err(|error| failed("refusals", error))?;
        // A reason that a later version counted is nothing that this one could name.
        let known = |row: &SqliteRow| {
            let reason = row.try_get::<&str, _>(1).ok().and_then(|code| code.parse().ok())?;
            Some(
                count_at(row, 2)
                    .and_then(|count| Ok(RefusalPoint { period: period_at(row, 0)?, reason, count })),
            )
        };
        rows.iter().filter_map(known).collect()
    }

    async fn trim_usage(&self, step: UsageStep, before: u32, limit: u32) -> Result<bool, StoreError> {
        self.writer.run("trim_usage", move |tx| trim(tx, step, before, limit).boxed()).await
    }
}

/// What is known of a key that was used.
struct Known {
    consumer: ConsumerId,
    bucket: BucketName,
    first_used: Option<i64>,
    last_used: Option<i64>,
}

async fn add(tx: &mut Transaction, batch: UsageBatch) -> Result<(), StoreError> {
    let mut used = by_key(&batch.keys);
    let known = look_up(tx, &used.keys().map(|(key, _)| *key).collect::<Vec<_>>()).await?;
    used.retain(|(key, _), _| known.contains_key(key));
    let of = |key: &KeyId| known.get(key).expect("the others were left out");
    let (mut keys, mut consumers, mut buckets) = (Sums::new(), Sums::new(), Sums::new());
    for ((key, hour), (counts, used)) in &used {
        let Known { consumer, bucket, .. } = of(key);
        let last = used.map_or(0, |(_, last)| last);
        for step in [UsageStep::Hour, UsageStep::Day] {
            let place =
                |item: &str| (stored_step(step), hour.period(step), bucket.to_string(), item.to_owned());
            sum_up(&mut keys, place(key.as_str()), counts, last);
            sum_up(&mut consumers, place(consumer.as_str()), counts, 0);
            sum_up(&mut buckets, place(""), counts, 0);
        }
    }
    write_sums(tx, &keys, Table::Key).await?;
    write_sums(tx, &consumers, Table::Consumer).await?;
    write_sums(tx, &buckets, Table::Bucket).await?;
    note_use(tx, &used, &known).await?;
    add_refusals(tx, &batch.refusals).await
}

type Span = Option<(i64, i64)>;

/// A batch may name a key and an hour more than once.
fn by_key(batch: &[KeyUse]) -> BTreeMap<(KeyId, UsageHour), (RequestCounts, Span)> {
    let mut all = BTreeMap::<_, (RequestCounts, Span)>::new();
    for one in batch {
        let (counts, span) = all.entry((one.key, one.hour)).or_default();
        counts.add(&one.counts);
        let more = one.used.map(|(first, last)| (kept_microseconds(first), kept_microseconds(last)));
        *span = widest(*span, more);
    }
    all
}

fn widest(one: Span, other: Span) -> Span {
    match (one, other) {
        (Some((first, last)), Some((earlier, later))) => Some((first.min(earlier), last.max(later))),
        (either, None) | (None, either) => either,
    }
}

/// Those keys that exist. All in one text: a row each would cost more than finding it.
async fn look_up(tx: &mut Transaction, keys: &[KeyId]) -> Result<BTreeMap<KeyId, Known>, StoreError> {
    let mut known = BTreeMap::new();
    for chunk in keys.chunks(KEYS_PER_STATEMENT) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT group_concat(format('%s %s %s %s %s', k.id, c.id, c.bucket, k.first_used, k.last_used), char(10)) \
             FROM api_key k JOIN consumer c ON c.serial = k.consumer WHERE k.id IN (",
        );
        let mut list = query.separated(", ");
        for key in chunk {
            list.push_bind(key.to_string());
        }
        query.push(")");
        let text: Option<String> = query
            .build_query_scalar()
            .persistent(chunk.len() == KEYS_PER_STATEMENT)
            .fetch_one(tx.connection())
            .await
            .map_err(|error| failed("add_usage", error))?;
        for line in text.as_deref().unwrap_or_default().lines() {
            let fields: Vec<&str> = line.split(' ').collect();
            let [key, consumer, bucket, first_used, last_used] = fields[..] else {
                return Err(damaged_row("api_key"));
            };
            let time = |text: &str| (!text.is_empty()).then(|| parsed(text, "api_key")).transpose();
            let found = Known {
                consumer: parsed(consumer, "consumer")?,
                bucket: parsed(bucket, "consumer")?,
                first_used: time(first_used)?,
                last_used: time(last_used)?,
            };
            known.insert(parsed(key, "api_key")?, found);
        }
    }
    Ok(known)
}

/// Step, period, bucket and item; in the order of the tables, so that neighbours are written one after the other.
type Place = (i64, u32, String, String);
type Sums = BTreeMap<Place, (RequestCounts, i64)>;

fn sum_up(sums: &mut Sums, place: Place, counts: &RequestCounts, last: i64) {
    let (sum, latest) = sums.entry(place).or_default();
    sum.add(counts);
    *latest = last.max(*latest);
}

#[derive(Clone, Copy)]
enum Table {
    Bucket,
    Consumer,
    Key,
}

/// The statement that adds rows; `item` is the column that the table has beside the bucket.
macro_rules! adding {
    ($table:literal, $item:literal, $last:literal, $keep:literal) => {
        (
            concat!(
                "INSERT INTO ", $table, " (step, period, bucket", $item,
                ", answered_2xx, answered_3xx, answered_4xx, answered_5xx, refused", $last, ") "
            ),
            concat!(
                " ON CONFLICT DO UPDATE SET answered_2xx = answered_2xx + excluded.answered_2xx, \
                 answered_3xx = answered_3xx + excluded.answered_3xx, \
                 answered_4xx = answered_4xx + excluded.answered_4xx, \
                 answered_5xx = answered_5xx + excluded.answered_5xx, refused = refused + excluded.refused",
                $keep
            ),
        )
    };
}

impl Table {
    fn adding(self) -> (&'static str, &'static str) {
        match self {
            Self::Bucket => adding!("bucket_usage", "", "", ""),
            Self::Consumer => adding!("consumer_usage", ", consumer", "", ""),
            Self::Key => adding!(
                "key_usage",
                ", key",
                ", last_used, last_used_check",
                // What stands on the right is the row as it was.
                ", last_used = max(last_used, excluded.last_used), last_used_check = \
                 iif(excluded.last_used > last_used, excluded.last_used_check, last_used_check)"
            ),
        }
    }
}

async fn write_sums(tx: &mut Transaction, sums: &Sums, table: Table) -> Result<(), StoreError> {
    let all: Vec<_> = sums.iter().collect();
    let (insert, on_conflict) = table.adding();
    for chunk in all.chunks(ROWS_PER_STATEMENT) {
        let mut query = QueryBuilder::<Sqlite>::new(insert);
        query.push_values(chunk, |mut row, ((step, period, bucket, item), (counts, last))| {
            row.push_bind(step).push_bind(period).push_bind(bucket);
            if !matches!(table, Table::Bucket) {
                row.push_bind(item);
            }
            for count in counts.by_class.into_iter().chain([counts.refused]) {
                row.push_bind(stored_count(count));
            }
            if matches!(table, Table::Key) {
                row.push_bind(last).push_bind(last_used_check(item, *last));
            }
        });
        let done = query
            .push(on_conflict)
            .build()
            .persistent(chunk.len() == ROWS_PER_STATEMENT)
            .execute(tx.connection())
            .await;
        done.map_err(|error| failed("add_usage", error))?;
    }
    Ok(())
}

/// Writes the first use of keys, and the last one where it is in another hour than the one that is noted.
async fn note_use(
    tx: &mut Transaction,
    used: &BTreeMap<(KeyId, UsageHour), (RequestCounts, Span)>,
    known: &BTreeMap<KeyId, Known>,
) -> Result<(), StoreError> {
    let mut spans = BTreeMap::<KeyId, Span>::new();
    for ((key, _), (_, span)) in used {
        let so_far = spans.entry(*key).or_default();
        *so_far = widest(*so_far, *span);
    }
    let mut rows = Vec::new();
    for (key, span) in spans {
        let (Some((first, last)), Some(known)) = (span, known.get(&key)) else { continue };
        // A version that did not note the first use noted the last one.
        let first = known.first_used.or(known.last_used).map_or(first, |noted| noted.min(first));
        let last = match known.last_used {
            Some(noted) if noted >= last || hour_of(noted) == hour_of(last) => noted,
            _ => last,
        };
        if (Some(first), Some(last)) != (known.first_used, known.last_used) {
            rows.push((key, first, last));
        }
    }
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "UPDATE api_key SET first_used = v.column2, first_used_check = v.column3, last_used = v.column4, \
             last_used_check = v.column5 FROM (",
        );
        query.push_values(chunk, |mut row, (key, first, last)| {
            row.push_bind(key.to_string())
                .push_bind(first)
                .push_bind(first_used_check(key.as_str(), *first))
                .push_bind(last)
                .push_bind(last_used_check(key.as_str(), *last));
        });
        let done = query
            .push(") v WHERE api_key.id = v.column1")
            .build()
            .persistent(chunk.len() == ROWS_PER_STATEMENT)
            .execute(tx.connection())
            .await;
        done.map_err(|error| failed("add_usage", error))?;
    }
    Ok(())
}

async fn add_refusals(tx: &mut Transaction, refusals: &[RefusalCount]) -> Result<(), StoreError> {
    for RefusalCount { hour, reason, count } in refusals {
        for step in [UsageStep::Hour, UsageStep::Day] {
            sqlx::query(
                "INSERT INTO refusal_count (step, period, reason, count) VALUES (?, ?, ?, ?) \
                 ON CONFLICT DO UPDATE SET count = count + excluded.count",
            )
            .bind(stored_step(step))
            .bind(hour.period(step))
            .bind(reason.code())
            .bind(stored_count(*count))
            .execute(tx.connection())
            .await
            .map_err(|error| failed("add_usage", error))?;
        }
    }
    Ok(())
}

const COUNTS: &str = "answered_2xx, answered_3xx, answered_4xx, answered_5xx, refused";
const SUMS: &str = "sum(answered_2xx), sum(answered_3xx), sum(answered_4xx), sum(answered_5xx), sum(refused)";

fn points_of(of: &UsageOf, span: UsageSpan) -> QueryBuilder<Sqlite> {
    let (table, column, bucket, item) = match of {
        UsageOf::All(within) => return sums_of_buckets(within, span),
        UsageOf::Consumer { bucket, id } => ("consumer_usage", "consumer", bucket, id.as_str()),
        UsageOf::Key { bucket, id } => ("key_usage", "key", bucket, id.as_str()),
    };
    // A seek for each period: between two rows of one item lie those of all others.
    let mut query = QueryBuilder::new("WITH RECURSIVE wanted (n) AS (SELECT ");
    query.push_bind(i64::from(span.from)).push(" WHERE ").push_bind(span.from < span.until);
    query.push(" UNION ALL SELECT n + 1 FROM wanted WHERE n + 1 < ").push_bind(i64::from(span.until));
    query.push(") SELECT n, ").push(COUNTS).push(" FROM wanted CROSS JOIN ").push(table);
    query.push(" WHERE step = ").push_bind(stored_step(span.step)).push(" AND period = n AND bucket = ");
    query.push_bind(bucket.as_str()).push(" AND ").push(column).push(" = ").push_bind(item);
    query
}

fn sums_of_buckets(within: &Within, span: UsageSpan) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT period, ");
    query.push(SUMS).push(" FROM bucket_usage WHERE ");
    push_span(&mut query, span);
    push_buckets(&mut query, within);
    query.push(" GROUP BY period ORDER BY period");
    query
}

fn push_span(query: &mut QueryBuilder<Sqlite>, span: UsageSpan) {
    query.push("step = ").push_bind(stored_step(span.step));
    query.push(" AND period >= ").push_bind(i64::from(span.from));
    query.push(" AND period < ").push_bind(i64::from(span.until));
}

fn push_buckets(query: &mut QueryBuilder<Sqlite>, within: &Within) {
    let Within::Buckets(buckets) = within else { return };
    query.push(" AND bucket IN (");
    let mut list = query.separated(", ");
    for bucket in buckets {
        list.push_bind(bucket.as_str());
    }
    query.push(")");
}

/// Ranks first, with some to spare for those that were removed meanwhile, and looks up names last.
fn ranking(request: &TopRequest) -> QueryBuilder<Sqlite> {
    let (table, column, names) = match request.by {
        TopBy::Consumer => ("consumer_usage", "consumer", "JOIN consumer c ON c.id = t.item"),
        TopBy::Key => {
            ("key_usage", "key", "JOIN api_key k ON k.id = t.item JOIN consumer c ON c.serial = k.consumer")
        }
    };
    let key = if request.by == TopBy::Key { "t.item" } else { "NULL" };
    let mut query = QueryBuilder::new("SELECT c.id, c.bucket, c.name, ");
    query.push(key).push(", t.a, t.b, t.c, t.d, t.e FROM (SELECT ").push(column);
    query.push(
        " AS item, sum(answered_2xx) AS a, sum(answered_3xx) AS b, sum(answered_4xx) AS c, sum(answered_5xx) AS d, \
         sum(refused) AS e, sum(answered_2xx + answered_3xx + answered_4xx + answered_5xx) AS served FROM ",
    );
    query.push(table).push(" WHERE ");
    push_span(&mut query, request.span);
    push_buckets(&mut query, &request.within);
    query.push(" GROUP BY item HAVING served > 0 ORDER BY served DESC, item LIMIT ");
    query.push_bind(i64::from(request.limit) + TO_SPARE).push(") t ").push(names);
    query.push(" ORDER BY t.served DESC, t.item");
    query
}

fn entry_of(row: &SqliteRow) -> Result<TopEntry, StoreError> {
    let text = |at: usize| row.try_get::<Option<&str>, _>(at).map_err(|error| failed("top_usage", error));
    let required = |at| text(at)?.ok_or_else(|| damaged_row("consumer"));
    Ok(TopEntry {
        consumer: parsed(required(0)?, "consumer")?,
        bucket: parsed(required(1)?, "consumer")?,
        name: parsed(required(2)?, "consumer")?,
        key: text(3)?.map(|id| parsed(id, "api_key")).transpose()?,
        counts: counts_at(row, 4)?,
    })
}

macro_rules! trimming {
    ($table:literal, $key:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE (",
            $key,
            ") IN (SELECT ",
            $key,
            " FROM ",
            $table,
            " WHERE step = ?1 AND period < ?2 LIMIT ?3)"
        )
    };
}

async fn trim(tx: &mut Transaction, step: UsageStep, before: u32, limit: u32) -> Result<bool, StoreError> {
    let mut more = false;
    for statement in [
        trimming!("bucket_usage", "step, period, bucket"),
        trimming!("consumer_usage", "step, period, bucket, consumer"),
        trimming!("key_usage", "step, period, bucket, key"),
        trimming!("refusal_count", "step, period, reason"),
    ] {
        let done = sqlx::query(statement)
            .bind(stored_step(step))
            .bind(before)
            .bind(limit)
            .execute(tx.connection())
            .await
            .map_err(|error| failed("trim_usage", error))?;
        more |= done.rows_affected() == u64::from(limit);
    }
    Ok(more)
}

fn counts_at(row: &SqliteRow, first: usize) -> Result<RequestCounts, StoreError> {
    let by_class = [
        count_at(row, first)?,
        count_at(row, first + 1)?,
        count_at(row, first + 2)?,
        count_at(row, first + 3)?,
    ];
    Ok(RequestCounts { by_class, refused: count_at(row, first + 4)? })
}

fn count_at(row: &SqliteRow, at: usize) -> Result<u64, StoreError> {
    let count: i64 = row.try_get(at).map_err(|error| failed("usage", error))?;
    u64::try_from(count).map_err(|_| damaged_row("usage"))
}

fn period_at(row: &SqliteRow, at: usize) -> Result<u32, StoreError> {
    row.try_get(at).map_err(|error| failed("usage", error))
}

fn stored_step(step: UsageStep) -> i64 {
    match step {
        UsageStep::Hour => 0,
        UsageStep::Day => 1,
    }
}

fn stored_count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn hour_of(microseconds: i64) -> i64 {
    microseconds.div_euclid(3_600_000_000)
}

/// How many keys are looked up at a time.
const KEYS_PER_STATEMENT: usize = 500;
/// Fewer trips to the connection's thread; `SQLite` takes 32,766 values in a statement, and these are ten a row.
const ROWS_PER_STATEMENT: usize = 250;
/// How many of the first places those may take that were removed meanwhile.
const TO_SPARE: i64 = 100;
