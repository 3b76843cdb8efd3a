//! The store's own row: the change counter, and what must be there.

use mintgate_store::{KeyState, StoreCheck, StoreError};
use mintgate_types::Revision;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    check::RowCheck,
    failure::{damaged_row, failed},
};

/// How many rows of one kind there are, and the sum of their checks. Rows that vanish, appear or change behind our
/// back change it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) rows: i64,
    sum: i64,
}

impl Tally {
    pub(crate) fn add(&mut self, check: i64) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(check);
    }

    pub(crate) fn remove(&mut self, check: i64) {
        self.rows -= 1;
        self.sum = self.sum.wrapping_sub(check);
    }

    pub(crate) fn replace(&mut self, old: i64, new: i64) {
        self.remove(old);
        self.add(new);
    }
}

/// The one row of table `store`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ledger {
    master_check: Vec<u8>,
    pub(crate) revision: i64,
    pub(crate) buckets: Tally,
    pub(crate) consumers: Tally,
    pub(crate) live_keys: Tally,
    pub(crate) revoked_keys: Tally,
    pub(crate) signing_keys: Tally,
}

impl Ledger {
    /// That of a new store.
    pub(crate) fn new(check: &StoreCheck) -> Self {
        Self {
            master_check: check.as_bytes().to_vec(),
            revision: 0,
            buckets: Tally::default(),
            consumers: Tally::default(),
            live_keys: Tally::default(),
            revoked_keys: Tally::default(),
            signing_keys: Tally::default(),
        }
    }

    pub(crate) fn revision(&self) -> Result<Revision, StoreError> {
        u64::try_from(self.revision).map(Revision).map_err(|_| damaged_row("store"))
    }

    /// Where keys in this state are counted.
    pub(crate) fn keys_of(&mut self, state: &KeyState) -> &mut Tally {
        match state {
            KeyState::Active | KeyState::Rolled { .. } => &mut self.live_keys,
            KeyState::Revoked { .. } => &mut self.revoked_keys,
        }
    }

    pub(crate) fn is_under(&self, check: &StoreCheck) -> bool {
        check.matches(&self.master_check)
    }

    pub(crate) async fn read(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let row = sqlx::query(
            "SELECT master_check, revision, bucket_rows, bucket_sum, consumer_rows, consumer_sum, live_key_rows, \
             live_key_sum, revoked_key_rows, revoked_key_sum, signing_key_rows, signing_key_sum, row_check \
             FROM store",
        )
        .fetch_one(connection)
        .await
        .map_err(|error| failed("read_ledger", error))?;
        let (ledger, check) = Self::from_row(&row).map_err(|error| failed("read_ledger", error))?;
        if ledger.check() == check { Ok(ledger) } else { Err(damaged_row("store")) }
    }

    fn from_row(row: &SqliteRow) -> Result<(Self, i64), sqlx::Error> {
        let tally =
            |at: usize| Ok::<_, sqlx::Error>(Tally { rows: row.try_get(at)?, sum: row.try_get(at + 1)? });
        let ledger = Self {
            master_check: row.try_get(0)?,
            revision: row.try_get(1)?,
            buckets: tally(2)?,
            consumers: tally(4)?,
            live_keys: tally(6)?,
            revoked_keys: tally(8)?,
            signing_keys: tally(10)?,
        };
        Ok((ledger, row.try_get(12)?))
    }

    /// Writes it; the row is made by the schema's first use and replaced ever after.
    pub(crate) async fn write(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let mut query = sqlx::query(
            "INSERT OR REPLACE INTO store (only_row, master_check, revision, bucket_rows, bucket_sum, \
             consumer_rows, consumer_sum, live_key_rows, live_key_sum, revoked_key_rows, revoked_key_sum, \
             signing_key_rows, signing_key_sum, row_check) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&self.master_check)
        .bind(self.revision);
        for tally in self.tallies() {
            query = query.bind(tally.rows).bind(tally.sum);
        }
        query.bind(self.check()).execute(connection).await.map(drop)
    }

    fn check(&self) -> i64 {
        self.tallies()
            .into_iter()
            .fold(RowCheck::of("store").bytes(&self.master_check).integer(self.revision), |check, tally| {
                check.integer(tally.rows).integer(tally.sum)
            })
            .done()
    }

    fn tallies(&self) -> [Tally; 5] {
        [self.buckets, self.consumers, self.live_keys, self.revoked_keys, self.signing_keys]
    }
}
