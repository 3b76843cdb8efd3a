//! Finding many things at once, by what importers know of them.

use std::collections::HashMap;

use mintgate_apikey::KeyFingerprint;
use mintgate_store::StoreError;
use mintgate_types::{BucketName, ConsumerId, ConsumerName, KeyId};
use sqlx::{QueryBuilder, Sqlite};

use crate::{
    SqliteStore,
    failure::{damaged_row, failed},
    row::parsed,
};

/// For each fingerprint its key and consumer.
pub(crate) async fn keys(
    store: &SqliteStore,
    fingerprints: &[KeyFingerprint],
) -> Result<Vec<Option<(KeyId, ConsumerId)>>, StoreError> {
    let mut reader = store.reader().await?;
    let mut known: HashMap<String, (KeyId, ConsumerId)> = HashMap::new();
    for chunk in fingerprints.chunks(VALUES_PER_QUERY) {
        // All in one text: a row each would cost more than finding it.
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT group_concat(k.id || c.id || hex(k.fingerprint), ' ') FROM api_key k \
             JOIN consumer c ON c.serial = k.consumer WHERE k.fingerprint IN (",
        );
        let mut values = query.separated(", ");
        for fingerprint in chunk {
            values.push_bind(fingerprint.as_bytes().to_vec());
        }
        query.push(")");
        let found: Option<String> = query
            .build_query_scalar()
            .persistent(is_usual(chunk.len()))
            .fetch_one(&mut *reader)
            .await
            .map_err(|error| failed("find_keys", error))?;
        for found in found.as_deref().unwrap_or_default().split_terminator(' ') {
            let damaged = || damaged_row("api_key");
            let (id, rest) = found.split_at_checked(KeyId::LENGTH).ok_or_else(damaged)?;
            let (consumer, fingerprint) = rest.split_at_checked(ConsumerId::LENGTH).ok_or_else(damaged)?;
            let owned = (parsed(id, "api_key")?, parsed(consumer, "consumer")?);
            known.insert(fingerprint.to_owned(), owned);
        }
    }
    if known.is_empty() {
        return Ok(vec![None; fingerprints.len()]);
    }
    Ok(fingerprints.iter().map(|fingerprint| known.get(&hex(fingerprint.as_bytes())).copied()).collect())
}

/// For each name its consumer in the bucket.
pub(crate) async fn consumers(
    store: &SqliteStore,
    bucket: &BucketName,
    names: &[ConsumerName],
) -> Result<Vec<Option<ConsumerId>>, StoreError> {
    let mut reader = store.reader().await?;
    let mut known: HashMap<String, ConsumerId> = HashMap::new();
    for chunk in names.chunks(VALUES_PER_QUERY) {
        let mut query =
            QueryBuilder::<Sqlite>::new("SELECT group_concat(id || name, ' ') FROM consumer WHERE bucket = ");
        query.push_bind(bucket.as_str()).push(" AND name IN (");
        let mut values = query.separated(", ");
        for name in chunk {
            values.push_bind(name.as_str());
        }
        query.push(")");
        let found: Option<String> = query
            .build_query_scalar()
            .persistent(is_usual(chunk.len()))
            .fetch_one(&mut *reader)
            .await
            .map_err(|error| failed("find_consumers", error))?;
        for found in found.as_deref().unwrap_or_default().split_terminator(' ') {
            let parts = found.split_at_checked(ConsumerId::LENGTH);
            let (id, name) = parts.ok_or_else(|| damaged_row("consumer"))?;
            known.insert(name.to_owned(), parsed(id, "consumer")?);
        }
    }
    Ok(names.iter().map(|name| known.get(name.as_str()).copied()).collect())
}

/// As `hex` of `SQLite` writes it.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Whether a statement for so many values is worth keeping prepared.
fn is_usual(values: usize) -> bool {
    values == 1 || values == VALUES_PER_QUERY
}

/// How many values a look-up carries at a time.
const VALUES_PER_QUERY: usize = 500;
