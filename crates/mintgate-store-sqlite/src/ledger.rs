//! The store's own row: the change counter, and what must be there.

use mintgate_store::{AuditHash, AuditMark, AuditSeal, KeyState, StoreCheck, StoreError};
use mintgate_types::Revision;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    check::RowCheck,
    failure::{damaged_row, failed},
    file::damaged,
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
    pub(crate) admin_tokens: Tally,
    /// The end of the audit log.
    pub(crate) audit: AuditMark,
    /// What was stored to vouch for it; empty while nothing is.
    audit_seal: Vec<u8>,
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
            admin_tokens: Tally::default(),
            audit: AuditMark { seq: 0, hash: AuditHash::NONE },
            audit_seal: Vec::new(),
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
            "SELECT master_check, revision, row_check, bucket_rows, bucket_sum, consumer_rows, consumer_sum, \
             live_key_rows, live_key_sum, revoked_key_rows, revoked_key_sum, signing_key_rows, signing_key_sum, \
             admin_token_rows, admin_token_sum, audit_entries, audit_head, audit_seal FROM store",
        )
        .fetch_one(connection)
        .await
        .map_err(|error| failed("read_ledger", error))?;
        let read = |error| failed("read_ledger", error);
        let (mut ledger, check) = Self::first_columns(&row).map_err(read)?;
        let tally = Tally { rows: row.try_get(13).map_err(read)?, sum: row.try_get(14).map_err(read)? };
        ledger.admin_tokens = tally;
        ledger.audit = AuditMark {
            seq: u64::try_from(row.try_get::<i64, _>(15).map_err(read)?).map_err(|_| damaged_row("store"))?,
            hash: AuditHash::try_from(row.try_get::<&[u8], _>(16).map_err(read)?)
                .map_err(|_| damaged_row("store"))?,
        };
        ledger.audit_seal = row.try_get(17).map_err(read)?;
        if ledger.check() == check { Ok(ledger) } else { Err(damaged_row("store")) }
    }

    /// Reads the row as the first schema had it: without admin tokens and the audit log.
    pub(crate) async fn read_first_schema(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        let row = sqlx::query(
            "SELECT master_check, revision, row_check, bucket_rows, bucket_sum, consumer_rows, consumer_sum, \
             live_key_rows, live_key_sum, revoked_key_rows, revoked_key_sum, signing_key_rows, signing_key_sum \
             FROM store",
        )
        .fetch_one(connection)
        .await
        .map_err(|error| failed("read_ledger", error))?;
        let (ledger, check) = Self::first_columns(&row).map_err(|error| failed("read_ledger", error))?;
        if ledger.first_check().done() == check { Ok(ledger) } else { Err(damaged_row("store")) }
    }

    fn first_columns(row: &SqliteRow) -> Result<(Self, i64), sqlx::Error> {
        let tally =
            |at: usize| Ok::<_, sqlx::Error>(Tally { rows: row.try_get(at)?, sum: row.try_get(at + 1)? });
        let ledger = Self {
            master_check: row.try_get(0)?,
            revision: row.try_get(1)?,
            buckets: tally(3)?,
            consumers: tally(5)?,
            live_keys: tally(7)?,
            revoked_keys: tally(9)?,
            signing_keys: tally(11)?,
            admin_tokens: Tally::default(),
            audit: AuditMark { seq: 0, hash: AuditHash::NONE },
            audit_seal: Vec::new(),
        };
        Ok((ledger, row.try_get(2)?))
    }

    /// Whether the end of the audit log is one that we wrote. A writer that went on from another one would vouch for it.
    pub(crate) fn refuse_forged(&self, seal: &AuditSeal) -> Result<(), StoreError> {
        if seal.vouches(self.revision()?, self.audit, &self.audit_seal) {
            Ok(())
        } else {
            Err(damaged("the end of the audit log is not the one that was written".to_owned()))
        }
    }

    /// Writes it; the row is made by the schema's first use and replaced ever after.
    pub(crate) async fn write(
        &mut self,
        connection: &mut SqliteConnection,
        seal: &AuditSeal,
    ) -> Result<(), StoreError> {
        self.audit_seal = seal.of(self.revision()?, self.audit).to_vec();
        let entries = i64::try_from(self.audit.seq).map_err(|_| damaged_row("store"))?;
        let mut query = sqlx::query(
            "INSERT OR REPLACE INTO store (only_row, master_check, revision, bucket_rows, bucket_sum, \
             consumer_rows, consumer_sum, live_key_rows, live_key_sum, revoked_key_rows, revoked_key_sum, \
             signing_key_rows, signing_key_sum, admin_token_rows, admin_token_sum, audit_entries, audit_head, \
             audit_seal, row_check) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&self.master_check)
        .bind(self.revision);
        for tally in self.first_tallies().into_iter().chain([self.admin_tokens]) {
            query = query.bind(tally.rows).bind(tally.sum);
        }
        query
            .bind(entries)
            .bind(&self.audit.hash.as_bytes()[..])
            .bind(&self.audit_seal)
            .bind(self.check())
            .execute(connection)
            .await
            .map(drop)
            .map_err(|error| failed("write_ledger", error))
    }

    fn check(&self) -> i64 {
        self.first_check()
            .integer(self.admin_tokens.rows)
            .integer(self.admin_tokens.sum)
            .bytes(&self.audit.seq.to_le_bytes())
            .bytes(self.audit.hash.as_bytes())
            .bytes(&self.audit_seal)
            .done()
    }

    fn first_check(&self) -> RowCheck {
        self.first_tallies()
            .into_iter()
            .fold(RowCheck::of("store").bytes(&self.master_check).integer(self.revision), |check, tally| {
                check.integer(tally.rows).integer(tally.sum)
            })
    }

    fn first_tallies(&self) -> [Tally; 5] {
        [self.buckets, self.consumers, self.live_keys, self.revoked_keys, self.signing_keys]
    }
}
