//! Reading everything at one moment.

use futures_util::TryStreamExt as _;
use mintgate_store::{Loaded, StoreError};
use mintgate_types::Revision;
use sqlx::SqliteConnection;

use crate::{
    SqliteStore,
    consumer_row::{self, consumer_from},
    failure::{damaged_table, failed},
    key_row::{self, key_from},
    ledger::{Ledger, Tally},
};

/// Visits all consumers, then all keys that are not revoked, and makes sure that these are the ones written.
pub(crate) async fn load(
    store: &SqliteStore,
    visit: &mut (dyn FnMut(Loaded) + Send),
) -> Result<Revision, StoreError> {
    let mut moment = store.moment().await?;
    let ledger = Ledger::read(&mut moment).await?;
    if load_consumers(&mut moment, visit).await? != ledger.consumers {
        return Err(damaged_table("consumer"));
    }
    if load_keys(&mut moment, visit).await? != ledger.live_keys {
        return Err(damaged_table("api_key"));
    }
    ledger.revision()
}

async fn load_consumers(
    connection: &mut SqliteConnection,
    visit: &mut (dyn FnMut(Loaded) + Send),
) -> Result<Tally, StoreError> {
    let mut tally = Tally::default();
    let mut rows = sqlx::query(consumer_row::select!("ORDER BY rowid")).fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(|error| failed("load_consumers", error))? {
        let stored = consumer_from(&row)?;
        tally.add(stored.check);
        visit(Loaded::Consumer(stored.record));
    }
    Ok(tally)
}

async fn load_keys(
    connection: &mut SqliteConnection,
    visit: &mut (dyn FnMut(Loaded) + Send),
) -> Result<Tally, StoreError> {
    let mut tally = Tally::default();
    let mut rows = sqlx::query(key_row::select!("WHERE state <> 2")).fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(|error| failed("load_keys", error))? {
        let stored = key_from(&row)?;
        tally.add(stored.check);
        visit(Loaded::Key(stored.record));
    }
    Ok(tally)
}
