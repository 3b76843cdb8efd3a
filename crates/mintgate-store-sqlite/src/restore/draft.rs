//! The backup on its way to its place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;
use futures_util::future::{FutureExt as _, ready};
use mintgate_store::{
    AdminTokens as _, Audit as _, AuditAction, AuditDraft, AuditTarget, Author, Changes as _, KeyState,
    Keys as _, MasterKey, Receipts as _, Revocation, Sessions as _, SigningKeys as _, StoreError,
};
use mintgate_types::{KeyId, Revision, Timestamp};

use super::{Old, Restore, RestoreError, Restored, companions, remove_if_there, sync_folder};
use crate::{
    SqliteStore,
    file::{OWNER_ONLY, beside, damaged, unusable},
    writer::Transaction,
};

/// A file of its own, verified before it replaces anything.
pub(super) struct Draft {
    path: PathBuf,
    by: Author,
}

impl Draft {
    /// Writes the content beside the database. What an interrupted restore left there goes first.
    pub(super) fn write(database: &Path, restore: Restore<'_>) -> Result<Self, RestoreError> {
        let path = beside(database, ".restore");
        for leftover in companions(&path).iter().chain([&path]) {
            remove_if_there(leftover)?;
        }
        let unwritable = |source| unusable(&path, "write", source);
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create_new(true).mode(OWNER_ONLY).open(&path).map_err(unwritable)?;
        let (length, sha256) = copy(restore.content, &mut file).map_err(unwritable)?;
        file.sync_all().map_err(unwritable)?;
        let draft = Self { path, by: restore.by };
        let problem = if length != restore.length {
            Some("it was cut off, or something was added")
        } else if sha256 != restore.sha256 {
            Some("its checksum is another one")
        } else {
            None
        };
        match problem {
            None => Ok(draft),
            Some(problem) => {
                draft.discard();
                Err(RestoreError::Damaged(problem))
            }
        }
    }

    /// Opens it, which takes the right master key; reads everything; ends what had ended; and gives it a revision that
    /// nobody has seen yet, so that nothing that was seen of the old database passes for something of this one.
    pub(super) async fn verify_and_renew(
        &self,
        master_key: &MasterKey,
        at_least: Revision,
        old: &Old,
    ) -> Result<Restored, RestoreError> {
        let done = self.renewed(master_key, at_least, old).await;
        if done.is_err() {
            self.discard();
        }
        Ok(done?)
    }

    async fn renewed(
        &self,
        master_key: &MasterKey,
        at_least: Revision,
        old: &Old,
    ) -> Result<Restored, StoreError> {
        let store = SqliteStore::open(&self.path, master_key).await?;
        let outcome = self.renew(&store, at_least, old).await;
        // Folds the log into the file, which is then all there is.
        store.close().await;
        let done = outcome?;
        let [log, ..] = companions(&self.path);
        if log.exists() {
            return Err(damaged("its write-ahead log could not be folded in".to_owned()));
        }
        let flushed = File::open(&self.path).and_then(|file| file.sync_all());
        flushed.map_err(|source| unusable(&self.path, "flush", source))?;
        Ok(done)
    }

    async fn renew(
        &self,
        store: &SqliteStore,
        at_least: Revision,
        old: &Old,
    ) -> Result<Restored, StoreError> {
        store.check().await?;
        if let Some(flaw) = store.verify_audit(None).await?.flaw {
            return Err(damaged(format!("its audit log, at entry {}: {}", flaw.seq, flaw.problem)));
        }
        let by = self.by.clone();
        store.writer.run("restore", move |tx| ready(note(tx, at_least, by)).boxed()).await?;
        let ended_again = self.end_again(store, old).await?;
        for id in old.ended_admin_tokens() {
            // One that was made since is not there, and one that is revoked stays as it is.
            store.revoke_admin_token(*id, &self.by).await?;
        }
        // Nobody knows which of them had ended since; whoever was signed in signs in again.
        store.forget_sessions(Timestamp::MAX).await?;
        // Our backups have none; a copy that was made otherwise may.
        while store.forget_receipts(Timestamp::MAX, RECEIPTS_A_TIME).await? > 0 {}
        let (signing_keys, _) = store.signing_keys().await?;
        let back = signing_keys
            .iter()
            .filter(|record| record.state.is_in_jwks() && old.has_retired(record.kid.as_str()));
        Ok(Restored {
            signing_keys_back: back.count(),
            revision: store.revision().await?,
            replaced: None,
            ended_again,
            old_unreadable: false,
        })
    }

    async fn end_again(&self, store: &SqliteStore, old: &Old) -> Result<usize, StoreError> {
        let found = store.find_keys(old.ended()).await?;
        let ids: Vec<KeyId> = found.into_iter().flatten().map(|(id, _)| id).collect();
        let mut ended = 0;
        for id in ids {
            let live = store.key(id).await?.filter(|key| !matches!(key.state, KeyState::Revoked { .. }));
            if live.is_some() {
                let reason = "it had ended before the store was restored".parse().expect("a reason");
                let revocation = Revocation { at: self.by.at, reason: Some(reason) };
                store.revoke_key(id, revocation, &self.by).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// One rename, and it is the database.
    pub(super) fn put_in_place(self, database: &Path) -> Result<(), StoreError> {
        // A log of the old database must not be taken for one of this. There is none, unless the old one is damaged.
        for leftover in &companions(database)[..2] {
            remove_if_there(leftover)?;
        }
        fs::rename(&self.path, database).map_err(|source| unusable(database, "replace", source))?;
        sync_folder(database)?;
        self.remove_companions();
        Ok(())
    }

    /// Removes it. What cannot be removed is in nobody's way.
    pub(super) fn discard(&self) {
        drop(fs::remove_file(&self.path));
        self.remove_companions();
    }

    fn remove_companions(&self) {
        for leftover in companions(&self.path) {
            drop(fs::remove_file(leftover));
        }
    }
}

/// Few enough for a transaction.
const RECEIPTS_A_TIME: u32 = 10_000;

/// The entry that says so takes a revision after all that were confirmed.
fn note(tx: &mut Transaction, at_least: Revision, by: Author) -> Result<(), StoreError> {
    let before = tx.ledger.revision()?;
    tx.ledger.revision = tx.ledger.revision.max(i64::try_from(at_least.0).unwrap_or(i64::MAX - 1));
    let revision = tx.revision()?;
    tx.note(AuditDraft {
        by,
        revision,
        action: AuditAction::Restore.name(),
        target: AuditTarget::store(),
        refused: None,
        before: Some(serde_json::json!({ "revision": before.0 })),
        after: Some(serde_json::json!({ "revision": revision.0 })),
    });
    Ok(())
}

fn copy(source: &mut (dyn Read + Send), into: &mut File) -> io::Result<(u64, [u8; 32])> {
    let (mut digest, mut length) = (digest::Context::new(&digest::SHA256), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                digest.update(&buffer[..read]);
                into.write_all(&buffer[..read])?;
                length += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((length, digest.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")))
}
