//! Putting a backup in place of the store that a configuration names, while no node uses it.

use std::io::Read;

use mintgate_admin_api::BackupHead;
use mintgate_store::{Author, StoreError, SystemPart};
use mintgate_store_sqlite::{Restore, RestoreError, Restored};
use mintgate_types::{Clock, SystemClock};

use crate::config::{Config, SecretError, StoreLocation};

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreFailure {
    /// The master key cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The backup is of another kind of store.
    #[error("the backup is of a {found} store, and the configuration names a sqlite one")]
    OtherStore {
        /// What it is of.
        found: String,
    },
    /// The backup's head names no checksum.
    #[error("the backup is damaged: its checksum cannot be read")]
    Checksum,
    /// The store did not take it.
    #[error("restoring {store}")]
    Restore {
        /// Its file.
        store: String,
        /// Why.
        #[source]
        source: RestoreError,
    },
    /// The system refuses threads.
    #[error("the system")]
    System(#[from] std::io::Error),
}

impl RestoreFailure {
    /// Whether a running node is in the way.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::Restore { source: RestoreError::Store(StoreError::InUse { .. }), .. })
    }

    /// Whether there is a database that nobody has given up.
    #[must_use]
    pub fn would_replace(&self) -> bool {
        matches!(self, Self::Restore { source: RestoreError::Exists, .. })
    }
}

/// What is wanted beyond the backup itself.
#[derive(Debug, Clone, Copy)]
pub struct RestoreWish {
    /// Whether a database that is there may be replaced.
    pub replace: bool,
    /// Whether everything is verified and nothing is put in place.
    pub dry_run: bool,
}

/// Restores the content of a backup whose head was read from `content` before.
pub fn restore(
    config: &Config,
    head: &BackupHead,
    content: &mut (dyn Read + Send),
    wish: RestoreWish,
) -> Result<Restored, RestoreFailure> {
    if head.store != "sqlite" {
        return Err(RestoreFailure::OtherStore { found: head.store.clone() });
    }
    let sha256 = read_hex(&head.sha256).ok_or(RestoreFailure::Checksum)?;
    let master_key = config.store.master_key.master_key()?;
    let StoreLocation::Sqlite(path) = &config.store.location;
    let by = Author::system(SystemPart::Restore, SystemClock.now());
    let RestoreWish { replace, dry_run } = wish;
    let restore = Restore { content, length: head.bytes, sha256, by, replace, dry_run };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let done = runtime.block_on(mintgate_store_sqlite::restore(path, &master_key, restore));
    done.map_err(|source| RestoreFailure::Restore { store: path.display().to_string(), source })
}

fn read_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
