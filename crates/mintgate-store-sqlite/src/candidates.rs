//! What a filter lets through, found by an index before anything is read: few enough to name, or too many.

use mintgate_store::{ConsumerSearch, KeyFilter, KeyFormat, KeyStanding, StoreError, kept_microseconds};
use mintgate_types::{TagName, TagValue};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::{consumer_value, failure::failed, key_search::hour_of, like};

/// What fits, by serial.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Candidates {
    /// A JSON list.
    These(String),
    /// Too many to name; a walk through all will soon meet some.
    Many,
}

impl Candidates {
    pub(crate) fn none() -> Self {
        Self::These("[]".to_owned())
    }

    /// Runs a query that selects serials, and takes no more of them than can be named.
    async fn of(
        connection: &mut SqliteConnection,
        most: i64,
        query: impl FnOnce(&mut QueryBuilder<Sqlite>),
    ) -> Result<Self, StoreError> {
        let mut counted = QueryBuilder::<Sqlite>::new(
            "SELECT count(*), json_group_array(DISTINCT serial) FROM (SELECT serial FROM (",
        );
        query(&mut counted);
        counted.push(") LIMIT ").push_bind(most + 1).push(")");
        let read = |error| failed("find_candidates", error);
        let row = counted.build().persistent(false).fetch_one(connection).await.map_err(read)?;
        let (count, serials): (i64, String) = (row.try_get(0).map_err(read)?, row.try_get(1).map_err(read)?);
        Ok(if count > most { Self::Many } else { Self::These(serials) })
    }
}

/// Consumers that hold a key with this text in its label, or at the beginning of its id.
pub(crate) async fn consumers_by_key(
    connection: &mut SqliteConnection,
    text: &str,
) -> Result<Candidates, StoreError> {
    Candidates::of(connection, MOST_NAMED, |query| push_keys_with(query, text, "consumer")).await
}

/// Consumers with a tag or a value in their metadata, if a search asks for one that few have.
pub(crate) async fn consumers_by_value(
    connection: &mut SqliteConnection,
    search: &ConsumerSearch,
) -> Result<Candidates, StoreError> {
    let metadata = search.metadata.iter().map(consumer_value::sought_by_metadata);
    let tags = search.tags.iter().map(|(name, value)| consumer_value::sought_by_tag(name, value));
    for sought in metadata.chain(tags) {
        let found = Candidates::of(connection, MOST_NAMED_CONSUMERS, |query| {
            query.push(
                "SELECT consumer AS serial FROM consumer_value WHERE value IN (SELECT value FROM json_each(",
            );
            query.push_bind(sought).push("))");
        });
        let found = found.await?;
        if found != Candidates::Many {
            return Ok(found);
        }
    }
    Ok(Candidates::Many)
}

/// The keys that one of the filter's parts leaves over, if there are few of them.
pub(crate) async fn keys(
    connection: &mut SqliteConnection,
    filter: &KeyFilter,
) -> Result<Candidates, StoreError> {
    for part in PARTS {
        if !part.applies(filter) {
            continue;
        }
        let found = Candidates::of(connection, MOST_NAMED, |query| part.push(query, filter)).await?;
        if found != Candidates::Many {
            return Ok(found);
        }
    }
    Ok(Candidates::Many)
}

/// Parts of a filter that an index can answer.
#[derive(Clone, Copy)]
enum Part {
    Text,
    Label,
    Ended,
    Expired,
    ExpiresBefore,
    Format,
    Unused,
    Holder,
}

const PARTS: [Part; 8] = [
    Part::Text,
    Part::Label,
    Part::Ended,
    Part::Expired,
    Part::ExpiresBefore,
    Part::Format,
    Part::Unused,
    Part::Holder,
];

impl Part {
    fn applies(self, filter: &KeyFilter) -> bool {
        let standing = filter.standing.map(|(standing, _)| standing);
        match self {
            Self::Text => filter.text.is_some(),
            Self::Label => filter.label.as_ref().is_some_and(|label| !label.as_str().is_empty()),
            Self::Ended => matches!(standing, Some(KeyStanding::Rolled | KeyStanding::Revoked)),
            Self::Expired => standing == Some(KeyStanding::Expired),
            Self::ExpiresBefore => filter.expires_before.is_some(),
            Self::Format => filter.format.is_some(),
            Self::Unused => filter.unused_since.is_some(),
            Self::Holder => filter.bucket.is_some() || !filter.tags.is_empty(),
        }
    }

    fn push(self, query: &mut QueryBuilder<Sqlite>, filter: &KeyFilter) {
        match self {
            Self::Text => push_keys_with(query, filter.text.as_deref().unwrap_or_default(), "serial"),
            Self::Label => {
                let label = filter.label.as_ref().map(ToString::to_string);
                query.push("SELECT serial FROM api_key WHERE label <> '' AND label = ").push_bind(label);
            }
            Self::Ended => {
                let revoked = matches!(filter.standing, Some((KeyStanding::Revoked, _)));
                query
                    .push("SELECT serial FROM api_key WHERE state <> 0 AND state = ")
                    .push_bind(1 + i64::from(revoked));
            }
            Self::Expired => {
                let now = filter.standing.map(|(_, now)| kept_microseconds(now));
                query
                    .push("SELECT serial FROM api_key WHERE expires IS NOT NULL AND expires <= ")
                    .push_bind(now);
                query
                    .push(" UNION SELECT serial FROM api_key WHERE state <> 0 AND state = 1 AND grace_until <= ")
                    .push_bind(now);
            }
            Self::ExpiresBefore => {
                query
                    .push("SELECT serial FROM api_key WHERE expires IS NOT NULL AND expires < ")
                    .push_bind(filter.expires_before.map(kept_microseconds));
            }
            Self::Format => {
                let foreign = filter.format == Some(KeyFormat::Foreign);
                query.push("SELECT serial FROM api_key WHERE format = ").push_bind(i64::from(foreign));
            }
            Self::Unused => {
                query.push("SELECT serial FROM api_key WHERE state <> 2 AND coalesce(last_used, created) < ");
                query.push_bind(filter.unused_since.map(hour_of));
            }
            Self::Holder => {
                query.push(
                    "SELECT k.serial FROM consumer c CROSS JOIN api_key k ON k.consumer = c.serial WHERE 1",
                );
                if let Some(bucket) = &filter.bucket {
                    query.push(" AND c.bucket = ").push_bind(bucket.to_string());
                }
                for (name, value) in &filter.tags {
                    query.push(" AND c.serial IN (SELECT consumer FROM consumer_value WHERE value IN (");
                    query.push("SELECT value FROM json_each(");
                    query.push_bind(consumer_value::sought_by_tag(name, value)).push(")))");
                }
                push_tags(query, &filter.tags);
            }
        }
    }
}

/// Keys by label or id, as one of their columns under the name `serial`.
fn push_keys_with(query: &mut QueryBuilder<Sqlite>, text: &str, column: &str) {
    query.push(format!(
        "SELECT k.{column} AS serial FROM key_label l CROSS JOIN api_key k ON k.label = l.label AND k.label <> '' \
         WHERE l.folded LIKE "
    ));
    query.push_bind(like::containing(text)).push(" ESCAPE '\\'");
    if like::begins_a_key_id(text) {
        query
            .push(format!(" UNION ALL SELECT {column} FROM api_key WHERE id >= "))
            .push_bind(text.to_owned());
        query.push(" AND id < ").push_bind(like::end_of(text));
    }
}

/// A condition on the tags of `consumer`: a line of `found_by` has it, and, to the letter, the tags have it.
pub(crate) fn push_tags(query: &mut QueryBuilder<Sqlite>, tags: &[(TagName, TagValue)]) {
    for (name, value) in tags {
        let line = like::containing(&format!("\n{name}={value}\n"));
        query.push(" AND found_by LIKE ").push_bind(line).push(" ESCAPE '\\' AND tags ->> ");
        query.push_bind(format!("$.\"{name}\"")).push(" = ").push_bind(value.to_string());
    }
}

/// How many consumers a search sorts at the most, which are all read for it.
const MOST_NAMED_CONSUMERS: i64 = 2_000;
/// How many serials a query names; more are met soon enough by walking.
const MOST_NAMED: i64 = 8_000;
