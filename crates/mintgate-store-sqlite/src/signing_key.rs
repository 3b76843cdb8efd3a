//! Signing keys.

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_store::{
    AuditAction, AuditDraft, AuditTarget, Author, Conflict, Receipt, SealedPrivateKey, SigningKeyRecord,
    SigningKeys, StoreError, differences, kept_microseconds, kept_time, of_signing_key,
};
use mintgate_types::{Kid, Revision, SigningKeyState};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    SqliteStore,
    check::RowCheck,
    failure::{breaks_unique, damaged_row, damaged_table, failed},
    ledger::{Ledger, Tally},
    receipt,
    row::{optional_time, parsed, revision, stored_revision, time},
    writer::Transaction,
};

/// A record as it was read.
pub(crate) struct StoredSigningKey {
    record: SigningKeyRecord,
    /// As it is stored.
    public_jwk: String,
    /// What the ledger's tally holds of it.
    check: i64,
}

#[async_trait]
impl SigningKeys for SqliteStore {
    async fn signing_keys(&self) -> Result<(Vec<SigningKeyRecord>, Revision), StoreError> {
        let mut moment = self.moment().await?;
        let ledger = Ledger::read(&mut moment).await?;
        let (stored, revision) = read_all(&mut moment, ledger.signing_keys).await?;
        Ok((stored.into_iter().map(|stored| stored.record).collect(), revision))
    }

    async fn change_signing_keys(
        &self,
        add: Vec<SigningKeyRecord>,
        states: Vec<(Kid, SigningKeyState)>,
        expected: Revision,
        receipt: Option<Receipt>,
        by: &Author,
    ) -> Result<Revision, StoreError> {
        let (by, keys) = (by.clone(), (add, states));
        let given = (expected, receipt);
        self.writer.run("change_signing_keys", |tx| change_once(tx, keys, given, by).boxed()).await
    }
}

async fn change_once(
    tx: &mut Transaction,
    keys: (Vec<SigningKeyRecord>, Vec<(Kid, SigningKeyState)>),
    (expected, receipt): (Revision, Option<Receipt>),
    by: Author,
) -> Result<Revision, StoreError> {
    let now = by.at;
    let revision = change(tx, keys, expected, by).await?;
    match receipt {
        Some(receipt) if revision != expected => receipt::insert(tx, receipt, now).await?,
        _ => {}
    }
    Ok(revision)
}

async fn change(
    tx: &mut Transaction,
    (add, states): (Vec<SigningKeyRecord>, Vec<(Kid, SigningKeyState)>),
    expected: Revision,
    by: Author,
) -> Result<Revision, StoreError> {
    let tally = tx.ledger.signing_keys;
    let (stored, actual) = read_all(tx.connection(), tally).await?;
    if actual != expected {
        return Err(Conflict::Stale { expected, actual }.into());
    }
    if add.is_empty() && states.is_empty() {
        return Ok(actual);
    }
    let revision = tx.revision()?;
    for record in add {
        let (target, told) =
            (AuditTarget::signing_key(&record.kid), of_signing_key(&record, coarse_state(record.state)));
        insert(tx, record).await?;
        let draft = AuditDraft::done(by.clone(), revision, AuditAction::CreateSigningKey, target);
        tx.note(draft.with_after(told.into()));
    }
    let mut current: std::collections::HashMap<Kid, StoredSigningKey> =
        stored.into_iter().map(|stored| (stored.record.kid.clone(), stored)).collect();
    for (kid, state) in states {
        let stored = current.get_mut(&kid).ok_or(Conflict::NoParent)?;
        let before = of_signing_key(&stored.record, stored.record.state);
        stored.record.state = coarse_state(state);
        stored.check = update(tx, stored).await?;
        let (before, after) = differences(before, of_signing_key(&stored.record, stored.record.state));
        let target = AuditTarget::signing_key(&kid);
        let draft = AuditDraft::done(by.clone(), revision, AuditAction::MoveSigningKey, target);
        tx.note(draft.with_before(before).with_after(after));
    }
    Ok(revision)
}

/// All of them, oldest first, with the revision of their last change.
pub(crate) async fn read_all(
    connection: &mut SqliteConnection,
    expected: Tally,
) -> Result<(Vec<StoredSigningKey>, Revision), StoreError> {
    let rows = sqlx::query(
        "SELECT kid, algorithm, public_jwk, private_sealed, created, state, state_since, retiring_until, revision, \
         row_check FROM signing_key ORDER BY created, kid",
    )
    .fetch_all(connection)
    .await
    .map_err(|error| failed("signing_keys", error))?;
    let mut tally = Tally::default();
    let mut last = Revision::ZERO;
    let mut records = Vec::with_capacity(rows.len());
    for row in &rows {
        let (stored, revision) = from_row(row)?;
        tally.add(stored.check);
        last = last.max(revision);
        records.push(stored);
    }
    if tally == expected { Ok((records, last)) } else { Err(damaged_table(TABLE)) }
}

async fn insert(tx: &mut Transaction, mut record: SigningKeyRecord) -> Result<(), StoreError> {
    record.created = kept_time(record.created);
    record.state = coarse_state(record.state);
    let revision = tx.revision()?;
    let public_jwk = record.public_jwk.to_string();
    let check = check_of(&record, &public_jwk, revision);
    let (since, until) = state_times(record.state);
    sqlx::query(
        "INSERT INTO signing_key (kid, algorithm, public_jwk, private_sealed, created, state, state_since, \
         retiring_until, revision, row_check) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(record.kid.as_str())
    .bind(&record.algorithm)
    .bind(&public_jwk)
    .bind(&record.private.0)
    .bind(kept_microseconds(record.created))
    .bind(record.state.name())
    .bind(since)
    .bind(until)
    .bind(stored_revision(revision))
    .bind(check)
    .execute(tx.connection())
    .await
    .map_err(|error| match error {
        error if breaks_unique(&error, "signing_key.kid") => Conflict::KeyExists.into(),
        error => failed("change_signing_keys", error),
    })?;
    tx.ledger.signing_keys.add(check);
    Ok(())
}

async fn update(tx: &mut Transaction, stored: &StoredSigningKey) -> Result<i64, StoreError> {
    let revision = tx.revision()?;
    let check = check_of(&stored.record, &stored.public_jwk, revision);
    let (since, until) = state_times(stored.record.state);
    let done = sqlx::query(
        "UPDATE signing_key SET state = ?, state_since = ?, retiring_until = ?, revision = ?, row_check = ? \
         WHERE kid = ?",
    )
    .bind(stored.record.state.name())
    .bind(since)
    .bind(until)
    .bind(stored_revision(revision))
    .bind(check)
    .bind(stored.record.kid.as_str())
    .execute(tx.connection())
    .await
    .map_err(|error| failed("change_signing_keys", error))?;
    if done.rows_affected() != 1 {
        return Err(damaged_row(TABLE));
    }
    tx.ledger.signing_keys.replace(stored.check, check);
    Ok(check)
}

fn state_times(state: SigningKeyState) -> (i64, Option<i64>) {
    match state {
        SigningKeyState::Published { since } | SigningKeyState::Active { since } => {
            (kept_microseconds(since), None)
        }
        SigningKeyState::Retiring { since, until } => {
            (kept_microseconds(since), Some(kept_microseconds(until)))
        }
        SigningKeyState::Retired { at } => (kept_microseconds(at), None),
    }
}

fn coarse_state(state: SigningKeyState) -> SigningKeyState {
    match state {
        SigningKeyState::Published { since } => SigningKeyState::Published { since: kept_time(since) },
        SigningKeyState::Active { since } => SigningKeyState::Active { since: kept_time(since) },
        SigningKeyState::Retiring { since, until } => {
            SigningKeyState::Retiring { since: kept_time(since), until: kept_time(until) }
        }
        SigningKeyState::Retired { at } => SigningKeyState::Retired { at: kept_time(at) },
    }
}

/// Over the JWK as it is stored: reading and writing it again need not give the same text.
fn check_of(record: &SigningKeyRecord, public_jwk: &str, revision: Revision) -> i64 {
    let (since, until) = state_times(record.state);
    RowCheck::of(TABLE)
        .text(record.kid.as_str())
        .text(&record.algorithm)
        .text(public_jwk)
        .bytes(&record.private.0)
        .integer(kept_microseconds(record.created))
        .text(record.state.name())
        .integer(since)
        .optional(until)
        .integer(stored_revision(revision))
        .done()
}

fn from_row(row: &SqliteRow) -> Result<(StoredSigningKey, Revision), StoreError> {
    let read = |error| failed("read_signing_key", error);
    let since = time(row.try_get(6).map_err(read)?, TABLE)?;
    let until = optional_time(row.try_get(7).map_err(read)?, TABLE)?;
    let state = match (row.try_get(5).map_err(read)?, until) {
        ("published", None) => SigningKeyState::Published { since },
        ("active", None) => SigningKeyState::Active { since },
        ("retiring", Some(until)) => SigningKeyState::Retiring { since, until },
        ("retired", None) => SigningKeyState::Retired { at: since },
        _ => return Err(damaged_row(TABLE)),
    };
    let public_jwk: &str = row.try_get(2).map_err(read)?;
    let record = SigningKeyRecord {
        kid: parsed(row.try_get(0).map_err(read)?, TABLE)?,
        algorithm: row.try_get(1).map_err(read)?,
        public_jwk: serde_json::from_str(public_jwk).map_err(|_| damaged_row(TABLE))?,
        private: SealedPrivateKey(row.try_get(3).map_err(read)?),
        created: time(row.try_get(4).map_err(read)?, TABLE)?,
        state,
    };
    let revision = revision(row.try_get(8).map_err(read)?, TABLE)?;
    let check = row.try_get(9).map_err(read)?;
    if check_of(&record, public_jwk, revision) == check {
        Ok((StoredSigningKey { record, public_jwk: public_jwk.to_owned(), check }, revision))
    } else {
        Err(damaged_row(TABLE))
    }
}

const TABLE: &str = "signing_key";
