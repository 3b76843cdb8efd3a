//! Puts a backup in place of the database, while no node uses it.
//!
//! The copy is written beside the database, verified as a whole (its checksum, every page and row, the audit log, the
//! master key) and made newer than what it replaces. Then one rename puts it in place: whatever kills the process, what
//! stands there is wholly the old database or wholly the new one. The old one is kept under another name. What had ended
//! in it stays ended, as far as it can be read: a restore must not make a revoked key work again.

mod draft;
mod old;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use mintgate_store::{Author, MasterKey, StoreError};
use mintgate_types::Revision;

use self::{draft::Draft, old::Old};
use crate::file::{self, Lock, beside, unusable};

/// What is to be put in place.
pub struct Restore<'a> {
    /// The content of the backup, from its first byte on.
    pub content: &'a mut (dyn io::Read + Send),
    /// How many bytes it must have.
    pub length: u64,
    /// SHA-256 that it must have.
    pub sha256: [u8; 32],
    /// Who restores.
    pub by: Author,
    /// Whether a database that is there may be replaced.
    pub replace: bool,
    /// Whether everything is verified and nothing is put in place.
    pub dry_run: bool,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the store's next change follows.
    pub revision: Revision,
    /// Where the replaced database is now.
    pub replaced: Option<PathBuf>,
    /// How many keys had ended since the backup, and were ended again.
    pub ended_again: usize,
    /// How many signing keys had left the JWKS since the backup, and are back.
    pub signing_keys_back: usize,
    /// Whether there was a database that could not be read: then nobody knows what had ended in it.
    pub old_unreadable: bool,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// There is a database, and nobody said that it may go.
    #[error("there is a database already")]
    Exists,
    /// The content is not what was backed up.
    #[error("the backup is damaged: {0}")]
    Damaged(&'static str),
    /// Anything that opening and writing a store may end in.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Restores into the file `database`; its folder must exist.
pub async fn restore(
    database: &Path,
    master_key: &MasterKey,
    restore: Restore<'_>,
) -> Result<Restored, RestoreError> {
    let (replace, dry_run) = (restore.replace, restore.dry_run);
    let path = file::resolve(database)?;
    let lock = Lock::take(&path)?;
    let old = Old::find(&path).await?;
    if old.exists() && !replace && !dry_run {
        return Err(RestoreError::Exists);
    }
    let draft = Draft::write(&path, restore)?;
    let at_least = lock.confirmed().max(old.revision());
    let done = draft.verify_and_renew(master_key, at_least, &old).await?;
    if dry_run {
        draft.discard();
        return Ok(Restored { replaced: None, old_unreadable: old.is_unreadable(), ..done });
    }
    let replaced = old.keep_aside()?;
    draft.put_in_place(&path)?;
    drop(lock);
    Ok(Restored { replaced, old_unreadable: old.is_unreadable(), ..done })
}

fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().expect("a resolved file is in a folder");
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| unusable(folder, "flush folder", source))
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(path, "remove", error)),
        _ => Ok(()),
    }
}

/// What `SQLite` keeps beside a database, and what we do.
fn companions(path: &Path) -> [PathBuf; 3] {
    [beside(path, "-wal"), beside(path, "-shm"), beside(path, ".lock")]
}

#[cfg(test)]
mod tests;
