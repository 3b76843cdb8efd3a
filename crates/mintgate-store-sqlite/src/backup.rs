//! Copies the database while it is in use. `VACUUM INTO` reads one moment, as any reader does, and writes a file without
//! gaps; the writer goes on meanwhile.

use std::{
    fs::{self, File},
    io::{self, Read, Seek},
    path::Path,
};

use async_trait::async_trait;
use aws_lc_rs::digest;
use futures_util::future::{FutureExt as _, ready};
use mintgate_store::{AuditAction, AuditDraft, AuditTarget, Author, Backup, Backups, StoreError};
use mintgate_types::Revision;
use sqlx::{
    ConnectOptions, Connection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use crate::{
    SqliteStore,
    failure::failed,
    file::{self, unusable},
    ledger::Ledger,
    store::options_for,
    writer::Transaction,
};

#[async_trait]
impl Backups for SqliteStore {
    async fn backup(&self, by: &Author) -> Result<Backup, StoreError> {
        let _one_at_a_time = self.copying.lock().await;
        let by = by.clone();
        self.writer.run("note_backup", |tx| ready(note(tx, by)).boxed()).await?;
        let draft = file::create_draft(&self.path, COPY)?;
        let copied = copy(&self.path, &draft).await;
        let opened = copied.and_then(|revision| {
            let opened = File::open(&draft).map_err(|source| unusable(&draft, "read", source))?;
            Ok((revision, opened))
        });
        // Whoever holds it open keeps it; nobody else shall find it.
        let removed = fs::remove_file(&draft).map_err(|source| unusable(&draft, "remove", source));
        let (revision, mut content) = opened?;
        removed?;
        let measured = tokio::task::spawn_blocking(move || {
            let (length, sha256) = digest_of(&mut content)?;
            content.rewind()?;
            Ok::<_, io::Error>(Backup { revision, length, sha256, content })
        });
        let measured = measured.await.map_err(io::Error::other).and_then(|measured| measured);
        measured.map_err(|source| unusable(&self.path, "copy", source))
    }
}

fn note(tx: &mut Transaction, by: Author) -> Result<(), StoreError> {
    let revision = tx.ledger.revision()?;
    let (action, target) = (AuditAction::BackUp, AuditTarget::store());
    tx.note(AuditDraft {
        by,
        revision,
        action: action.name(),
        target,
        refused: None,
        before: None,
        after: None,
    });
    Ok(())
}

/// Copies `database` into the empty file `draft`, and says which revision that has.
async fn copy(database: &Path, draft: &Path) -> Result<Revision, StoreError> {
    let into = draft.to_str().ok_or_else(|| {
        unusable(draft, "name", io::Error::new(io::ErrorKind::InvalidInput, "its path is not UTF-8"))
    })?;
    let mut connection = options_for(database)
        .thread_name(|_| "store-backup".to_owned())
        .connect()
        .await
        .map_err(|error| failed("back up", error))?;
    let copied = sqlx::query("VACUUM INTO ?").bind(into).execute(&mut connection).await;
    drop(connection.close().await);
    copied.map_err(|error| failed("back up", error))?;
    let mut connection = SqliteConnectOptions::new()
        .filename(draft)
        // The copy is nobody's yet, and what goes wrong throws it away.
        .journal_mode(SqliteJournalMode::Memory)
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| failed("back up", error))?;
    // Replies that are kept for a day would lie in a backup for years. Deleted securely: what they were is overwritten.
    let forgotten = sqlx::query("DELETE FROM receipt").execute(&mut connection).await;
    let ledger = Ledger::read(&mut connection).await;
    let closed = connection.close().await;
    forgotten.map(drop).and(closed).map_err(|error| failed("back up", error))?;
    ledger?.revision()
}

/// How long it is, and its SHA-256.
fn digest_of(source: &mut impl Read) -> io::Result<(u64, [u8; 32])> {
    let (mut digest, mut length) = (digest::Context::new(&digest::SHA256), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match source.read(&mut buffer)? {
            0 => break,
            read => {
                digest.update(&buffer[..read]);
                length += read as u64;
            }
        }
    }
    let sha256 = digest.finish().as_ref().try_into().expect("SHA-256 has 32 bytes");
    Ok((length, sha256))
}

/// What the copy is called while it is made.
const COPY: &str = ".copy";
