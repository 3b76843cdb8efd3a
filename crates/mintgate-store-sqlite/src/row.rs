//! What rows have in common.

use mintgate_store::{Page, StoreError, Within};
use mintgate_types::{Revision, Timestamp};

use crate::failure::damaged_row;

/// A record as it was read, and the check of its row: what the ledger's tally holds of it.
#[derive(Debug, Clone)]
pub(crate) struct Stored<T> {
    pub(crate) record: T,
    pub(crate) check: i64,
}

pub(crate) fn time(micros: i64, table: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|_| damaged_row(table))
}

pub(crate) fn optional_time(
    micros: Option<i64>,
    table: &'static str,
) -> Result<Option<Timestamp>, StoreError> {
    micros.map(|micros| time(micros, table)).transpose()
}

pub(crate) fn revision(stored: i64, table: &'static str) -> Result<Revision, StoreError> {
    u64::try_from(stored).map(Revision).map_err(|_| damaged_row(table))
}

/// A revision as it is stored. Callers may ask about revisions that no store ever reaches.
pub(crate) fn stored_revision(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}

/// Text that parsed when it was stored.
pub(crate) fn parsed<T: std::str::FromStr>(text: &str, table: &'static str) -> Result<T, StoreError> {
    text.parse().map_err(|_| damaged_row(table))
}

/// Buckets as a JSON array for `json_each`; `None` for all.
pub(crate) fn listed(within: &Within) -> Option<String> {
    match within {
        Within::Everything => None,
        Within::Buckets(buckets) => {
            Some(serde_json::to_string(buckets).expect("a set of names can be written"))
        }
    }
}

/// How many rows to ask for: one more than the page has, to learn whether another page follows.
pub(crate) fn rows_wanted(limit: u32) -> i64 {
    i64::from(limit.max(1)) + 1
}

/// Cuts what [`rows_wanted`] brought to a page.
pub(crate) fn page_of<T, P>(mut items: Vec<T>, limit: u32, position: impl Fn(&T) -> P) -> Page<T, P> {
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(position) } else { None };
    Page { items, next }
}
