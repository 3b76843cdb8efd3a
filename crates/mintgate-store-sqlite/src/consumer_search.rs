//! Finding consumers.
//!
//! A search walks one index in the order that it was asked for and stops when the page is full. The index holds what most
//! searches look through, so consumers that do not fit cost a comparison and no row. What one page looks at is bounded.

use async_trait::async_trait;
use mintgate_store::{
    Consumer, ConsumerOrder, ConsumerPosition, ConsumerSearch, MetadataMatch, Page, PageRequest, Search,
    StoreError, Within, kept_microseconds,
};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::{
    SqliteStore,
    candidates::{self, Candidates},
    consumer_row::{COLUMNS, consumer_from},
    failure::failed,
    like,
    row::{listed, parsed, rows_wanted, time},
};

#[async_trait]
impl Search for SqliteStore {
    async fn search_consumers(
        &self,
        search: &ConsumerSearch,
        page: PageRequest<ConsumerPosition>,
    ) -> Result<Page<Consumer, ConsumerPosition>, StoreError> {
        let mut moment = self.moment().await?;
        let plan = Plan::of(&mut moment, search).await?;
        let bound = plan.bound(&mut moment, page.after.as_ref()).await?;
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {COLUMNS} FROM "));
        plan.push_source(&mut query);
        plan.push_range(&mut query, page.after.as_ref(), bound.as_ref());
        plan.push_filters(&mut query);
        plan.push_end(&mut query, rows_wanted(page.limit));
        let rows = query.build().persistent(false).fetch_all(&mut *moment).await;
        let rows = rows.map_err(|error| failed("search_consumers", error))?;
        let mut items =
            rows.iter().map(|row| Ok(consumer_from(row)?.record)).collect::<Result<Vec<_>, StoreError>>()?;
        let limit = usize::try_from(page.limit.max(1)).unwrap_or(usize::MAX);
        let full = items.len() > limit;
        items.truncate(limit);
        let next = if full { items.last().map(|last| position_of(last, search.order)) } else { bound };
        Ok(Page { items, next })
    }
}

fn position_of(consumer: &Consumer, order: ConsumerOrder) -> ConsumerPosition {
    match order {
        ConsumerOrder::Name => ConsumerPosition::Name(consumer.bucket.clone(), consumer.name.clone()),
        ConsumerOrder::Created => ConsumerPosition::Time(Some(consumer.created), consumer.id),
        ConsumerOrder::LastUsed => ConsumerPosition::Time(consumer.last_used, consumer.id),
    }
}

/// A search, with what had to be looked up for it.
struct Plan<'a> {
    search: &'a ConsumerSearch,
    /// Consumers that hold a key with the text in its label or at the beginning of its id.
    by_key: Candidates,
    /// Consumers among which all are that have one of the tags or of the values in the metadata.
    by_value: Candidates,
}

impl<'a> Plan<'a> {
    async fn of(connection: &mut SqliteConnection, search: &'a ConsumerSearch) -> Result<Self, StoreError> {
        let by_key = match &search.text {
            Some(text) => candidates::consumers_by_key(connection, text).await?,
            None => Candidates::none(),
        };
        let by_value = candidates::consumers_by_value(connection, search).await?;
        Ok(Self { search, by_key, by_value })
    }

    fn index(&self) -> &'static str {
        match self.search.order {
            ConsumerOrder::Name => "consumer_by_name",
            ConsumerOrder::Created => "consumer_by_created",
            ConsumerOrder::LastUsed => "consumer_by_use",
        }
    }

    /// The few that are known, which are then sorted; or all, in the order that is wanted.
    fn push_source(&self, query: &mut QueryBuilder<Sqlite>) {
        match &self.by_value {
            Candidates::These(serials) => {
                query.push("(SELECT value AS wanted FROM json_each(").push_bind(serials.clone());
                query.push(")) CROSS JOIN consumer c ON c.serial = wanted WHERE ");
            }
            Candidates::Many => {
                query.push("consumer c ");
                self.push_order_index(query);
            }
        }
    }

    fn push_order_index(&self, query: &mut QueryBuilder<Sqlite>) {
        query.push("INDEXED BY ").push(self.index()).push(" WHERE ");
    }

    /// How many consumers one page may look at; `None` where nothing is passed over.
    fn most_seen(&self) -> Option<i64> {
        let search = self.search;
        if self.by_value != Candidates::Many {
            None
        } else if self.by_key == Candidates::Many || !search.metadata.is_empty() {
            Some(MOST_ROWS_READ)
        } else if search.text.is_some()
            || !search.tags.is_empty()
            || search.disabled.is_some()
            || search.within != Within::Everything
            || (search.bucket.is_some() && search.order != ConsumerOrder::Name)
        {
            Some(MOST_ENTRIES_READ)
        } else {
            None
        }
    }

    /// The last consumer that this page looks at, if the list goes on behind it.
    async fn bound(
        &self,
        connection: &mut SqliteConnection,
        after: Option<&ConsumerPosition>,
    ) -> Result<Option<ConsumerPosition>, StoreError> {
        let Some(most) = self.most_seen() else { return Ok(None) };
        let columns = match self.search.order {
            ConsumerOrder::Name => "bucket, name",
            ConsumerOrder::Created => "created, id",
            ConsumerOrder::LastUsed => "last_used, id",
        };
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {columns} FROM consumer c "));
        self.push_order_index(&mut query);
        self.push_range(&mut query, after, None);
        self.push_end(&mut query, 2);
        query.push(" OFFSET ").push_bind(most - 1);
        let read = |error| failed("search_consumers", error);
        let rows = query.build().persistent(false).fetch_all(connection).await.map_err(read)?;
        let [last, _beyond] = &rows[..] else { return Ok(None) };
        Ok(Some(match self.search.order {
            ConsumerOrder::Name => ConsumerPosition::Name(
                parsed(last.try_get(0).map_err(read)?, TABLE)?,
                parsed(last.try_get(1).map_err(read)?, TABLE)?,
            ),
            ConsumerOrder::Created | ConsumerOrder::LastUsed => {
                let at: i64 = last.try_get(0).map_err(read)?;
                let at = if at == 0 && self.search.order == ConsumerOrder::LastUsed {
                    None
                } else {
                    Some(time(at, TABLE)?)
                };
                ConsumerPosition::Time(at, parsed(last.try_get(1).map_err(read)?, TABLE)?)
            }
        }))
    }

    fn push_range(
        &self,
        query: &mut QueryBuilder<Sqlite>,
        after: Option<&ConsumerPosition>,
        up_to: Option<&ConsumerPosition>,
    ) {
        query.push("1");
        match self.search.order {
            ConsumerOrder::Name => {
                if let Some(bucket) = &self.search.bucket {
                    query.push(" AND bucket = ").push_bind(bucket.to_string());
                }
                push_names(query, ">", after);
                push_names(query, "<=", up_to);
            }
            ConsumerOrder::Created => {
                push_times(query, "created", "<", after);
                push_times(query, "created", ">=", up_to);
            }
            ConsumerOrder::LastUsed => {
                push_times(query, "last_used", "<", after);
                push_times(query, "last_used", ">=", up_to);
            }
        }
    }

    fn push_filters(&self, query: &mut QueryBuilder<Sqlite>) {
        let search = self.search;
        if let Some(bucket) = search.bucket.as_ref().filter(|_| search.order != ConsumerOrder::Name) {
            query.push(" AND bucket = ").push_bind(bucket.to_string());
        }
        if let Some(buckets) = listed(&search.within) {
            query.push(" AND bucket IN (SELECT value FROM json_each(").push_bind(buckets).push("))");
        }
        if let Some(disabled) = search.disabled {
            query.push(if disabled {
                " AND disabled_since IS NOT NULL"
            } else {
                " AND disabled_since IS NULL"
            });
        }
        candidates::push_tags(query, &search.tags);
        if let Some(text) = &search.text {
            query.push(" AND (found_by LIKE ").push_bind(like::containing(text)).push(" ESCAPE '\\'");
            match &self.by_key {
                Candidates::These(serials) if serials == "[]" => {}
                Candidates::These(serials) => {
                    query
                        .push(" OR serial IN (SELECT value FROM json_each(")
                        .push_bind(serials.clone())
                        .push("))");
                }
                Candidates::Many => {
                    query
                        .push(
                            " OR EXISTS (SELECT 1 FROM api_key k JOIN key_label l ON l.label = k.label \
                             WHERE k.consumer = c.serial AND l.folded LIKE ",
                        )
                        .push_bind(like::containing(text))
                        .push(" ESCAPE '\\')");
                }
            }
            query.push(")");
        }
        for wanted in &search.metadata {
            push_metadata(query, wanted);
        }
    }

    fn push_end(&self, query: &mut QueryBuilder<Sqlite>, rows: i64) {
        query.push(match self.search.order {
            ConsumerOrder::Name => " ORDER BY bucket, name LIMIT ",
            ConsumerOrder::Created => " ORDER BY created DESC, id DESC LIMIT ",
            ConsumerOrder::LastUsed => " ORDER BY last_used DESC, id DESC LIMIT ",
        });
        query.push_bind(rows);
    }
}

fn push_names(query: &mut QueryBuilder<Sqlite>, compared: &str, position: Option<&ConsumerPosition>) {
    if let Some(ConsumerPosition::Name(bucket, name)) = position {
        query.push(format!(" AND (bucket, name) {compared} (")).push_bind(bucket.to_string());
        query.push(", ").push_bind(name.to_string()).push(")");
    }
}

fn push_times(
    query: &mut QueryBuilder<Sqlite>,
    column: &str,
    compared: &str,
    position: Option<&ConsumerPosition>,
) {
    if let Some(ConsumerPosition::Time(at, id)) = position {
        query.push(format!(" AND ({column}, id) {compared} (")).push_bind(at.map_or(0, kept_microseconds));
        query.push(", ").push_bind(id.to_string()).push(")");
    }
}

/// The text of the value must stand somewhere, which costs little to see; then it must stand at its place.
fn push_metadata(query: &mut QueryBuilder<Sqlite>, wanted: &MetadataMatch) {
    query.push(" AND (0");
    for form in wanted.forms() {
        for path in paths(wanted.tokens()) {
            query.push(" OR (instr(metadata, ").push_bind(form.clone()).push(") > 0 AND metadata -> ");
            query.push_bind(path).push(" = ").push_bind(form.clone()).push(")");
        }
    }
    query.push(")");
}

/// As `SQLite` writes paths. A number may be the name of a member or the place in a list, which a pointer does not say.
fn paths(tokens: &[String]) -> Vec<String> {
    let mut paths = vec!["$".to_owned()];
    for token in tokens {
        let place =
            token.parse::<u32>().ok().filter(|place| place.to_string() == *token && paths.len() < MOST_PATHS);
        let mut longer: Vec<String> = paths.iter().map(|path| format!("{path}.\"{token}\"")).collect();
        if let Some(place) = place {
            longer.extend(paths.iter().map(|path| format!("{path}[{place}]")));
        }
        paths = longer;
    }
    paths
}

/// Numbers in a pointer double the paths; after the third they are taken for names.
const MOST_PATHS: usize = 8;
/// Entries of an index that a page looks at: some ten milliseconds.
const MOST_ENTRIES_READ: i64 = 100_000;
/// Rows, and keys of each of them, that a page looks at where entries are not enough.
const MOST_ROWS_READ: i64 = 20_000;

const TABLE: &str = "consumer";
