//! Sessions. They are no part of the ledger's tallies: one that is lost is a browser that has to sign in again.

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_store::{
    AuditAction, AuditDraft, AuditTarget, Author, Session, SessionFingerprint, Sessions, StoreError,
    kept_microseconds, kept_time, of_session,
};
use mintgate_types::Timestamp;
use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    SqliteStore,
    check::RowCheck,
    failure::{damaged_row, failed},
    row::time,
    writer::Transaction,
};

#[async_trait]
impl Sessions for SqliteStore {
    async fn create_session(&self, new: Session, by: &Author) -> Result<(), StoreError> {
        let by = by.clone();
        self.writer.run("create_session", |tx| create(tx, new, by).boxed()).await
    }

    async fn session(&self, fingerprint: SessionFingerprint) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query(SELECT)
            .bind(fingerprint.as_bytes().as_slice())
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(|error| failed("session", error))?;
        row.as_ref().map(session_from).transpose()
    }

    async fn end_session(
        &self,
        fingerprint: SessionFingerprint,
        by: &Author,
    ) -> Result<Option<Session>, StoreError> {
        let by = by.clone();
        self.writer.run("end_session", move |tx| end(tx, fingerprint, by).boxed()).await
    }

    async fn forget_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.writer.run("forget_sessions", move |tx| forget(tx, now).boxed()).await
    }
}

async fn create(tx: &mut Transaction, new: Session, by: Author) -> Result<(), StoreError> {
    let session = Session { created: kept_time(new.created), expires: kept_time(new.expires), ..new };
    let holder = holder_text(&session);
    sqlx::query(
        "INSERT INTO session (fingerprint, holder, created, expires, row_check) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(session.fingerprint.as_bytes().as_slice())
    .bind(&holder)
    .bind(kept_microseconds(session.created))
    .bind(kept_microseconds(session.expires))
    .bind(check_of(&session, &holder))
    .execute(tx.connection())
    .await
    .map_err(|error| failed("create_session", error))?;
    let (target, revision) = (AuditTarget::session(&session), tx.ledger.revision()?);
    let after = of_session(&session).into();
    tx.note(AuditDraft::done(by, revision, AuditAction::CreateSession, target).with_after(after));
    Ok(())
}

async fn end(
    tx: &mut Transaction,
    fingerprint: SessionFingerprint,
    by: Author,
) -> Result<Option<Session>, StoreError> {
    let row = sqlx::query(
        "DELETE FROM session WHERE fingerprint = ? RETURNING fingerprint, holder, created, expires, row_check",
    )
    .bind(fingerprint.as_bytes().as_slice())
    .fetch_optional(tx.connection())
    .await
    .map_err(|error| failed("end_session", error))?;
    let Some(session) = row.as_ref().map(session_from).transpose()? else { return Ok(None) };
    let (target, revision) = (AuditTarget::session(&session), tx.ledger.revision()?);
    tx.note(AuditDraft::done(by, revision, AuditAction::EndSession, target));
    Ok(Some(session))
}

async fn forget(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM session WHERE expires <= ?")
        .bind(kept_microseconds(now))
        .execute(tx.connection())
        .await
        .map_err(|error| failed("forget_sessions", error))?;
    Ok(done.rows_affected())
}

fn session_from(row: &SqliteRow) -> Result<Session, StoreError> {
    let read = |error| failed("read_session", error);
    let fingerprint: Vec<u8> = row.try_get(0).map_err(read)?;
    let holder: String = row.try_get(1).map_err(read)?;
    let fingerprint: [u8; 32] = fingerprint.try_into().map_err(|_| damaged_row(TABLE))?;
    let session = Session {
        fingerprint: SessionFingerprint::from_bytes(fingerprint),
        holder: serde_json::from_str(&holder).map_err(|_| damaged_row(TABLE))?,
        created: time(row.try_get(2).map_err(read)?, TABLE)?,
        expires: time(row.try_get(3).map_err(read)?, TABLE)?,
    };
    let check: i64 = row.try_get(4).map_err(read)?;
    if check_of(&session, &holder) == check { Ok(session) } else { Err(damaged_row(TABLE)) }
}

fn holder_text(session: &Session) -> String {
    serde_json::to_string(&session.holder).expect("names and lists of texts can be written")
}

fn check_of(session: &Session, holder: &str) -> i64 {
    RowCheck::of(TABLE)
        .bytes(session.fingerprint.as_bytes())
        .text(holder)
        .integer(kept_microseconds(session.created))
        .integer(kept_microseconds(session.expires))
        .done()
}

const TABLE: &str = "session";
const SELECT: &str =
    "SELECT fingerprint, holder, created, expires, row_check FROM session WHERE fingerprint = ?";
