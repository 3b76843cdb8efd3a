//! Admin tokens.

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_apikey::KeyFingerprint;
use mintgate_store::{
    AdminTokenRecord, AdminTokenRoll, AdminTokenState, AdminTokens, AuditAction, AuditDraft, AuditTarget,
    Author, Conflict, NewAdminToken, RolledAdminToken, StoreError, Within, differences, kept_microseconds,
    kept_time, of_admin_token,
};
use mintgate_types::AdminTokenId;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    SqliteStore,
    check::RowCheck,
    failure::{breaks_unique, damaged_row, damaged_table, failed},
    ledger::{Ledger, Tally},
    row::{Stored, optional_time, parsed, revision, stored_revision, time},
    writer::Transaction,
};

#[async_trait]
impl AdminTokens for SqliteStore {
    async fn create_admin_token(
        &self,
        new: NewAdminToken,
        by: &Author,
    ) -> Result<AdminTokenRecord, StoreError> {
        let by = by.clone();
        self.writer.run("create_admin_token", |tx| create_one(tx, new, by).boxed()).await
    }

    async fn admin_token(&self, id: AdminTokenId) -> Result<Option<AdminTokenRecord>, StoreError> {
        Ok(read(&mut *self.reader().await?, id).await?.map(|stored| stored.record))
    }

    async fn admin_tokens(&self) -> Result<Vec<AdminTokenRecord>, StoreError> {
        let mut moment = self.moment().await?;
        let expected = Ledger::read(&mut moment).await?.admin_tokens;
        read_all(&mut moment, expected).await
    }

    async fn roll_admin_token(
        &self,
        roll: AdminTokenRoll,
        by: &Author,
    ) -> Result<Option<RolledAdminToken>, StoreError> {
        let by = by.clone();
        self.writer.run("roll_admin_token", |tx| roll_one(tx, roll, by).boxed()).await
    }

    async fn revoke_admin_token(
        &self,
        id: AdminTokenId,
        by: &Author,
    ) -> Result<Option<AdminTokenRecord>, StoreError> {
        let by = by.clone();
        self.writer.run("revoke_admin_token", move |tx| revoke(tx, id, by).boxed()).await
    }
}

/// `SELECT` with the columns that [`record_from`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, fingerprint, role, buckets, created, expires, state, state_since, grace_until, \
             successor, revision, row_check FROM admin_token ",
            $rest
        )
    };
}

/// All of them by name and time, if they are the ones written.
pub(crate) async fn read_all(
    connection: &mut SqliteConnection,
    expected: Tally,
) -> Result<Vec<AdminTokenRecord>, StoreError> {
    let rows = sqlx::query(select!("ORDER BY name, created, id"))
        .fetch_all(connection)
        .await
        .map_err(|error| failed("admin_tokens", error))?;
    let mut tally = Tally::default();
    let mut records = Vec::with_capacity(rows.len());
    for row in &rows {
        let stored = record_from(row)?;
        tally.add(stored.check);
        records.push(stored.record);
    }
    if tally == expected { Ok(records) } else { Err(damaged_table(TABLE)) }
}

async fn read(
    connection: &mut SqliteConnection,
    id: AdminTokenId,
) -> Result<Option<Stored<AdminTokenRecord>>, StoreError> {
    let row = sqlx::query(select!("WHERE id = ?"))
        .bind(id.as_str())
        .fetch_optional(connection)
        .await
        .map_err(|error| failed("admin_token", error))?;
    row.map(|row| record_from(&row)).transpose()
}

pub(crate) async fn create_one(
    tx: &mut Transaction,
    new: NewAdminToken,
    by: Author,
) -> Result<AdminTokenRecord, StoreError> {
    let record = AdminTokenRecord {
        id: new.id,
        name: new.name,
        fingerprint: new.fingerprint,
        role: new.role,
        within: new.within,
        created: kept_time(new.created),
        expires: new.expires.map(kept_time),
        state: AdminTokenState::Active,
        revision: tx.revision()?,
    };
    insert(tx, &record).await?;
    let (target, after) = (AuditTarget::admin_token(&record), of_admin_token(&record).into());
    tx.note(AuditDraft::done(by, record.revision, AuditAction::CreateAdminToken, target).with_after(after));
    Ok(record)
}

pub(crate) async fn roll_one(
    tx: &mut Transaction,
    roll: AdminTokenRoll,
    by: Author,
) -> Result<Option<RolledAdminToken>, StoreError> {
    let Some(stored) = read(tx.connection(), roll.replaces).await? else {
        return Ok(None);
    };
    if stored.record.state != AdminTokenState::Active {
        return Err(Conflict::AdminTokenEnded.into());
    }
    let at = kept_time(by.at);
    let state = AdminTokenState::Rolled { at, until: kept_time(roll.until), successor: roll.id };
    let old = stored.record.clone();
    // First the old one, which lets go of the name.
    let replaced = change_state(tx, stored, state, (AuditAction::RollAdminToken, by.clone())).await?;
    let new = NewAdminToken {
        id: roll.id,
        name: old.name,
        fingerprint: roll.fingerprint,
        role: old.role,
        within: old.within,
        created: at,
        expires: roll.expires,
    };
    Ok(Some(RolledAdminToken { successor: create_one(tx, new, by).await?, replaced }))
}

async fn revoke(
    tx: &mut Transaction,
    id: AdminTokenId,
    by: Author,
) -> Result<Option<AdminTokenRecord>, StoreError> {
    let Some(stored) = read(tx.connection(), id).await? else {
        return Ok(None);
    };
    if matches!(stored.record.state, AdminTokenState::Revoked { .. }) {
        return Ok(Some(stored.record));
    }
    let state = AdminTokenState::Revoked { at: kept_time(by.at) };
    change_state(tx, stored, state, (AuditAction::RevokeAdminToken, by)).await.map(Some)
}

async fn insert(tx: &mut Transaction, record: &AdminTokenRecord) -> Result<(), StoreError> {
    let columns = StateColumns::of(&record.state);
    let check = check_of(record);
    sqlx::query(
        "INSERT INTO admin_token (id, name, fingerprint, role, buckets, created, expires, state, state_since, \
         grace_until, successor, revision, row_check) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(record.id.as_str())
    .bind(record.name.as_str())
    .bind(&record.fingerprint.as_bytes()[..])
    .bind(record.role.name())
    .bind(stored_buckets(&record.within))
    .bind(kept_microseconds(record.created))
    .bind(record.expires.map(kept_microseconds))
    .bind(columns.state)
    .bind(columns.since)
    .bind(columns.until)
    .bind(columns.successor)
    .bind(stored_revision(record.revision))
    .bind(check)
    .execute(tx.connection())
    .await
    .map_err(|error| {
        let taken = ["admin_token.id", "admin_token.name", "admin_token.fingerprint"];
        if taken.iter().any(|column| breaks_unique(&error, column)) {
            Conflict::AdminTokenExists.into()
        } else {
            failed("create_admin_token", error)
        }
    })?;
    tx.ledger.admin_tokens.add(check);
    Ok(())
}

async fn change_state(
    tx: &mut Transaction,
    stored: Stored<AdminTokenRecord>,
    state: AdminTokenState,
    (action, by): (AuditAction, Author),
) -> Result<AdminTokenRecord, StoreError> {
    let changed = AdminTokenRecord { state, revision: tx.revision()?, ..stored.record.clone() };
    let (columns, check) = (StateColumns::of(&changed.state), check_of(&changed));
    let done = sqlx::query(
        "UPDATE admin_token SET state = ?, state_since = ?, grace_until = ?, successor = ?, revision = ?, \
         row_check = ? WHERE id = ?",
    )
    .bind(columns.state)
    .bind(columns.since)
    .bind(columns.until)
    .bind(columns.successor)
    .bind(stored_revision(changed.revision))
    .bind(check)
    .bind(changed.id.as_str())
    .execute(tx.connection())
    .await
    .map_err(|error| failed("change_admin_token", error))?;
    if done.rows_affected() != 1 {
        return Err(damaged_row(TABLE));
    }
    tx.ledger.admin_tokens.replace(stored.check, check);
    let (before, after) = differences(of_admin_token(&stored.record), of_admin_token(&changed));
    let draft = AuditDraft::done(by, changed.revision, action, AuditTarget::admin_token(&changed));
    tx.note(draft.with_before(before).with_after(after));
    Ok(changed)
}

/// The columns of a state.
struct StateColumns {
    state: i64,
    since: Option<i64>,
    until: Option<i64>,
    successor: Option<String>,
}

impl StateColumns {
    fn of(state: &AdminTokenState) -> Self {
        match state {
            AdminTokenState::Active => Self { state: 0, since: None, until: None, successor: None },
            AdminTokenState::Rolled { at, until, successor } => Self {
                state: 1,
                since: Some(kept_microseconds(*at)),
                until: Some(kept_microseconds(*until)),
                successor: Some(successor.to_string()),
            },
            AdminTokenState::Revoked { at } => {
                Self { state: 2, since: Some(kept_microseconds(*at)), until: None, successor: None }
            }
        }
    }

    fn read(self) -> Result<AdminTokenState, StoreError> {
        let (since, until) = (optional_time(self.since, TABLE)?, optional_time(self.until, TABLE)?);
        match (self.state, since, until, self.successor) {
            (0, None, None, None) => Ok(AdminTokenState::Active),
            (1, Some(at), Some(until), Some(successor)) => {
                Ok(AdminTokenState::Rolled { at, until, successor: parsed(&successor, TABLE)? })
            }
            (2, Some(at), None, None) => Ok(AdminTokenState::Revoked { at }),
            _ => Err(damaged_row(TABLE)),
        }
    }
}

fn record_from(row: &SqliteRow) -> Result<Stored<AdminTokenRecord>, StoreError> {
    let read = |error| failed("read_admin_token", error);
    let state = StateColumns {
        state: row.try_get(7).map_err(read)?,
        since: row.try_get(8).map_err(read)?,
        until: row.try_get(9).map_err(read)?,
        successor: row.try_get(10).map_err(read)?,
    };
    let fingerprint: &[u8] = row.try_get(2).map_err(read)?;
    let record = AdminTokenRecord {
        id: parsed(row.try_get(0).map_err(read)?, TABLE)?,
        name: parsed(row.try_get(1).map_err(read)?, TABLE)?,
        fingerprint: KeyFingerprint::try_from(fingerprint).map_err(|_| damaged_row(TABLE))?,
        role: parsed(row.try_get(3).map_err(read)?, TABLE)?,
        within: within_from(row.try_get(4).map_err(read)?)?,
        created: time(row.try_get(5).map_err(read)?, TABLE)?,
        expires: optional_time(row.try_get(6).map_err(read)?, TABLE)?,
        state: state.read()?,
        revision: revision(row.try_get(11).map_err(read)?, TABLE)?,
    };
    let check = row.try_get(12).map_err(read)?;
    if check_of(&record) == check { Ok(Stored { record, check }) } else { Err(damaged_row(TABLE)) }
}

/// Names of buckets have no spaces.
fn stored_buckets(within: &Within) -> Option<String> {
    match within {
        Within::Everything => None,
        Within::Buckets(buckets) => {
            Some(buckets.iter().map(mintgate_types::BucketName::as_str).collect::<Vec<_>>().join(" "))
        }
    }
}

fn within_from(stored: Option<&str>) -> Result<Within, StoreError> {
    let Some(names) = stored else { return Ok(Within::Everything) };
    let names = names.split_ascii_whitespace().map(|name| parsed(name, TABLE));
    names.collect::<Result<_, _>>().map(Within::Buckets)
}

fn check_of(record: &AdminTokenRecord) -> i64 {
    let columns = StateColumns::of(&record.state);
    RowCheck::of(TABLE)
        .text(record.id.as_str())
        .text(record.name.as_str())
        .bytes(record.fingerprint.as_bytes())
        .text(record.role.name())
        .optional_text(stored_buckets(&record.within).as_deref())
        .integer(kept_microseconds(record.created))
        .optional(record.expires.map(kept_microseconds))
        .integer(columns.state)
        .optional(columns.since)
        .optional(columns.until)
        .optional_text(columns.successor.as_deref())
        .integer(stored_revision(record.revision))
        .done()
}

const TABLE: &str = "admin_token";
