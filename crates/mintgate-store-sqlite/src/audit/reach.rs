//! Which entries one page of the audit log looks at.

use mintgate_store::{AuditFilter, AuditOrder, StoreError, kept_microseconds};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::failure::failed;

/// Entries side by side: most filters can only be answered by looking at each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) order: AuditOrder,
    /// Whether there are others behind them.
    more: bool,
}

impl Reach {
    /// `None` where there is nothing to look at.
    pub(super) async fn of(
        connection: &mut SqliteConnection,
        filter: &AuditFilter,
        order: AuditOrder,
        after: Option<u64>,
    ) -> Result<Option<Self>, StoreError> {
        let Some((first, last)) = ends(connection, filter).await? else { return Ok(None) };
        let after = after.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let (first, last) = match (order, after) {
            (_, None) => (first, last),
            (AuditOrder::NewestFirst, Some(after)) => (first, last.min(after.saturating_sub(1))),
            (AuditOrder::OldestFirst, Some(after)) => (first.max(after.saturating_add(1)), last),
        };
        if first > last {
            return Ok(None);
        }
        // What has one target is found by an index.
        let more = filter.target.is_none() && last - first >= MOST_ENTRIES_READ;
        let (first, last) = match order {
            AuditOrder::NewestFirst if more => (last - MOST_ENTRIES_READ + 1, last),
            AuditOrder::OldestFirst if more => (first, first + MOST_ENTRIES_READ - 1),
            _ => (first, last),
        };
        Ok(Some(Self { first, last, order, more }))
    }

    /// Where the next page goes on if this one was not full.
    pub(super) fn next(self) -> Option<u64> {
        let end = match self.order {
            AuditOrder::NewestFirst => self.first,
            AuditOrder::OldestFirst => self.last,
        };
        if self.more { u64::try_from(end).ok() } else { None }
    }
}

/// The numbers between which all entries of a filter's time are. Entries need not be in the order of their times: clocks
/// are set back.
async fn ends(
    connection: &mut SqliteConnection,
    filter: &AuditFilter,
) -> Result<Option<(i64, i64)>, StoreError> {
    let mut query;
    if filter.from.is_some() || filter.to.is_some() {
        query = QueryBuilder::<Sqlite>::new(
            "SELECT min(seq), max(seq) FROM audit INDEXED BY audit_by_time WHERE at >= ",
        );
        query.push_bind(filter.from.map_or(i64::MIN, kept_microseconds));
        query.push(" AND at < ").push_bind(filter.to.map_or(i64::MAX, kept_microseconds));
    } else {
        // Two look-ups; asked for together, both ends would be a walk.
        query = QueryBuilder::new("SELECT (SELECT min(seq) FROM audit), (SELECT max(seq) FROM audit)");
    }
    let found: Result<(Option<i64>, Option<i64>), _> = query.build_query_as().fetch_one(connection).await;
    let (first, last) = found.map_err(|error| failed("audit", error))?;
    Ok(first.zip(last))
}

/// How many entries a page looks at: some ten milliseconds.
const MOST_ENTRIES_READ: i64 = if cfg!(test) { 7 } else { 20_000 };

#[cfg(test)]
mod tests {
    use mintgate_store::{Actor, Audit, Author, Buckets, MasterKey, NewBucket, PageRequest};
    use mintgate_types::Timestamp;

    use super::*;
    use crate::SqliteStore;

    #[tokio::test]
    async fn few_entries_among_many_are_found_over_pages_that_may_be_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mintgate.db");
        let store = SqliteStore::open(&path, &MasterKey::from_bytes([7; 32])).await.expect("opens");
        let at = |second: i64| Timestamp::from_second(1_780_000_000 + second).expect("a time");
        for number in 0..40 {
            let name = if number % 20 == 3 { "bob" } else { "alice" };
            let actor = Actor::admin(name.parse().expect("a name"), None);
            // Two were written while the clock was wrong.
            let second = if number % 20 == 4 { 1000 - number } else { number };
            let by = Author { actor, address: None, request: None, at: at(second) };
            let new = NewBucket {
                name: format!("b{number}").parse().expect("a name"),
                prefix: "mgk".parse().expect("a prefix"),
                created: at(number),
            };
            store.create_bucket(new, &by).await.expect("free");
        }
        let by = |name: &str| AuditFilter { actor: Some(name.to_owned()), ..AuditFilter::default() };
        let time =
            |from, to| AuditFilter { from: Some(at(from)), to: Some(at(to)), ..AuditFilter::default() };
        for (filter, expected) in [
            (by("bob"), vec![4, 24]),
            (by("carol"), vec![]),
            (time(900, 2000), vec![5, 25]),
            (time(30, 33), vec![31, 32, 33]),
            (AuditFilter { actor: Some("bob".to_owned()), ..time(0, 10) }, vec![4]),
        ] {
            for order in [AuditOrder::OldestFirst, AuditOrder::NewestFirst] {
                for limit in [1, 2, 100] {
                    let mut seen = walk(&store, &filter, order, limit).await;
                    if order == AuditOrder::NewestFirst {
                        seen.reverse();
                    }
                    assert_eq!(seen, expected, "{filter:?}, {order:?}, {limit}");
                }
            }
        }
    }

    async fn walk(store: &SqliteStore, filter: &AuditFilter, order: AuditOrder, limit: u32) -> Vec<u64> {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store.audit(filter, order, PageRequest { after, limit }).await.expect("reads");
            seen.extend(page.items.iter().map(|entry| entry.record().seq));
            match page.next {
                Some(next) => after = Some(next),
                None => return seen,
            }
        }
    }
}
