//! The file, and who may use it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use mintgate_store::StoreError;
use mintgate_types::Revision;

/// The right to use a store, for as long as this lives. The system takes it back from a process that dies.
///
/// Its file also holds the last revision that was confirmed to anybody. `SQLite` takes a write-ahead log that is gone or
/// damaged for one that ended earlier: without this note a confirmed revocation could be undone in silence.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
    confirmed: i64,
}

impl Lock {
    /// Takes the lock file beside the database.
    pub(crate) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = beside(database, ".lock");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(OWNER_ONLY)
            .open(&path)
            .map_err(|source| unusable(&path, "open", source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { store: database.display().to_string() });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(&path, "lock", source)),
        }
        // A note that the machine's death cut short says nothing.
        let confirmed = read_note(&file).unwrap_or(0);
        Ok(Self { file, path, confirmed })
    }

    /// The last revision that was confirmed to anybody.
    pub(crate) fn confirmed(&self) -> Revision {
        Revision(u64::try_from(self.confirmed).unwrap_or(0))
    }

    /// Refuses a store that is older than what was confirmed.
    pub(crate) fn refuse_older(&self, found: i64) -> Result<(), StoreError> {
        if found >= self.confirmed {
            return Ok(());
        }
        Err(damaged(format!(
            "it is at revision {found}, but {} was confirmed: its write-ahead log is gone or damaged, or an older copy \
             took its place; to accept the loss, remove {}",
            self.confirmed,
            self.path.display()
        )))
    }

    /// Notes that changes up to this revision were confirmed. A guard, not a promise: nothing depends on its success.
    pub(crate) fn note(&mut self, revision: i64) {
        if revision > self.confirmed {
            self.confirmed = revision;
            let mut note = [0; NOTE_LENGTH];
            note[..8].copy_from_slice(&revision.to_le_bytes());
            note[8..].copy_from_slice(&crc32fast::hash(&revision.to_le_bytes()).to_le_bytes());
            drop(self.file.write_all_at(&note, 0));
        }
    }
}

fn read_note(file: &File) -> Option<i64> {
    let mut note = [0; NOTE_LENGTH];
    file.read_exact_at(&mut note, 0).ok()?;
    let (revision, check) = note.split_at(8);
    (crc32fast::hash(revision).to_le_bytes() == check)
        .then(|| i64::from_le_bytes(revision.try_into().expect("eight bytes")))
}

/// What lies where the database should be.
pub(crate) enum Found {
    /// Nothing: a new store.
    Nothing,
    /// A file that may be one.
    Database,
}

/// The path with all links resolved, so that two names of one file have one lock. The folder must exist.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    if let Ok(resolved) = fs::canonicalize(path) {
        return Ok(resolved);
    }
    let name = path.file_name().ok_or_else(|| unusable(path, "open", io::ErrorKind::IsADirectory.into()))?;
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).map_err(|source| unusable(folder, "open folder", source))?;
    Ok(folder.join(name))
}

/// Looks before `SQLite` does: it would take an empty file for a new database, and so lose all keys in silence.
pub(crate) fn inspect(database: &Path) -> Result<Found, StoreError> {
    let metadata = match fs::metadata(database) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let log = beside(database, "-wal");
            return if log.exists() {
                Err(damaged(format!("{} is there, but not its database", log.display())))
            } else {
                Ok(Found::Nothing)
            };
        }
        Err(source) => return Err(unusable(database, "open", source)),
    };
    if !metadata.is_file() {
        return Err(damaged("it is not a file".to_owned()));
    }
    if metadata.permissions().mode() & 0o222 == 0 {
        return Err(unusable(database, "write to", io::ErrorKind::PermissionDenied.into()));
    }
    let mut header = [0; MAGIC.len()];
    let read = File::open(database).and_then(|mut file| io::Read::read_exact(&mut file, &mut header));
    match read {
        Ok(()) if header == *MAGIC && is_cut_short(database, metadata.len()) => {
            Err(damaged("the file is cut short".to_owned()))
        }
        Ok(()) if header == *MAGIC => Ok(Found::Database),
        Ok(()) => Err(damaged("the file is not a database".to_owned())),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(damaged("the file is cut short".to_owned()))
        }
        Err(source) => Err(unusable(database, "read", source)),
    }
}

/// Whether the file ends before the last of the pages that its header counts. `SQLite` goes by what is there and finds out
/// when it needs a page, which may be never, or years later. With a log beside it, the file alone says nothing.
/// (<https://www.sqlite.org/fileformat2.html#the_database_header>)
fn is_cut_short(database: &Path, length: u64) -> bool {
    let mut header = [0; 100];
    let read = File::open(database).and_then(|mut file| io::Read::read_exact(&mut file, &mut header));
    let log = fs::metadata(beside(database, "-wal")).map_or(0, |log| log.len());
    let number = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().expect("four bytes"));
    // The count holds only for the change that it was written with.
    if read.is_err() || log > 0 || number(24) != number(92) {
        return false;
    }
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    // What has no size of pages has no pages; `SQLite` says what it is.
    page.is_power_of_two() && length < page * u64::from(number(28))
}

/// An empty file for a store in the making, readable by its owner alone; `SQLite` gives its logs the same mode.
pub(crate) fn create_draft(database: &Path, suffix: &str) -> Result<PathBuf, StoreError> {
    let draft = beside(database, suffix);
    for leftover in [&draft, &beside(&draft, "-journal")] {
        match fs::remove_file(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(unusable(leftover, "remove", error));
            }
            _ => {}
        }
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(&draft)
        .map_err(|source| unusable(&draft, "create", source))?;
    Ok(draft)
}

/// Puts the finished draft in its place, for good.
pub(crate) fn publish_draft(draft: &Path, database: &Path) -> Result<(), StoreError> {
    fs::rename(draft, database).map_err(|source| unusable(database, "create", source))?;
    let folder = database.parent().expect("a resolved file is in a folder");
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| unusable(folder, "flush folder", source))
}

/// The path with something added to its name.
pub(crate) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[derive(Debug, thiserror::Error)]
#[error("cannot {step} {}", path.display())]
struct Unusable {
    step: &'static str,
    path: PathBuf,
    #[source]
    source: io::Error,
}

pub(crate) fn unusable(path: &Path, step: &'static str, source: io::Error) -> StoreError {
    StoreError::Unavailable { source: Box::new(Unusable { step, path: path.to_owned(), source }) }
}

pub(crate) fn damaged(what: String) -> StoreError {
    StoreError::Damaged { what, source: None }
}

/// Fingerprints and sealed keys are nobody else's business.
pub(crate) const OWNER_ONLY: u32 = 0o600;

/// A revision and its CRC-32.
const NOTE_LENGTH: usize = 12;

/// How every `SQLite` file begins (<https://sqlite.org/fileformat2.html> §1.3.1).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
