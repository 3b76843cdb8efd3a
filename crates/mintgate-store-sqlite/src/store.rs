//! Opening and closing.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use mintgate_store::{AuditSeal, MasterKey, StoreCheck, StoreError};
use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    pool::PoolConnection,
    sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::task::JoinHandle;

use crate::{
    failure::failed,
    file::{self, Found, Lock},
    load, schema,
    writer::Writer,
};

/// The embedded store. Handles may be shared; the last one that goes ends the writer.
#[derive(Debug)]
pub struct SqliteStore {
    pub(crate) writer: Writer,
    readers: SqlitePool,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Held while a copy is made: copies share a name.
    pub(crate) copying: tokio::sync::Mutex<()>,
    /// Vouches for the end of the audit log.
    pub(crate) seal: Arc<AuditSeal>,
    /// The writer's task, until somebody waits for its end.
    task: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteStore {
    /// Opens the store in this file, or makes one where there is none; the folder must exist. Must be called within
    /// a Tokio runtime, which has to live as long as the store.
    ///
    /// Refused are a file that another process uses, that is damaged, that is read-only or that a later version of
    /// Mintgate wrote, and a master key other than the one that the store was made under.
    pub async fn open(path: &Path, master_key: &MasterKey) -> Result<Self, StoreError> {
        Self::open_within(
            path,
            master_key,
            Limits { most_pages_checked: MOST_PAGES_CHECKED, most_pages: None },
        )
        .await
    }

    async fn open_within(path: &Path, master_key: &MasterKey, limits: Limits) -> Result<Self, StoreError> {
        let path = file::resolve(path)?;
        let mut lock = Lock::take(&path)?;
        let (check, seal) = (master_key.store_check(), Arc::new(AuditSeal::new(master_key)));
        match file::inspect(&path)? {
            Found::Database => {}
            Found::Nothing => {
                lock.refuse_older(0)?;
                create(&path, (&check, &seal)).await?;
            }
        }
        let options = options_for(&path);
        let for_writing = options_within(&options, limits);
        let mut connection = for_writing.connect().await.map_err(|error| failed("open", error))?;
        let accepted = schema::accept(&mut connection, (&check, &seal), limits.most_pages_checked).await;
        let accepted = accepted.and_then(|ledger| {
            lock.refuse_older(ledger.revision)?;
            lock.note(ledger.revision);
            Ok(())
        });
        if let Err(error) = accepted {
            // The first error is the one to tell.
            drop(connection.close().await);
            return Err(error);
        }
        let readers = SqlitePoolOptions::new()
            .max_connections(MOST_READERS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("query_only", "ON").thread_name(|_| "store-reader".to_owned()));
        let (writer, task) = Writer::start(connection, for_writing, lock, Arc::clone(&seal));
        Ok(Self {
            writer,
            readers,
            path,
            copying: tokio::sync::Mutex::default(),
            seal,
            task: Mutex::new(Some(task)),
        })
    }

    /// Finishes what was begun, writes everything into the one file and lets go of it. What is asked of the store
    /// afterwards is refused as unavailable.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.stop().await;
        let task = self.task.lock().expect("no holder of this lock panics").take();
        if let Some(task) = task {
            // It has nothing to tell: its changes were answered one by one.
            drop(task.await);
        }
    }

    /// Reads everything and compares it with what was written: every page, every index, every row. Takes seconds for
    /// a million keys; the store goes on working meanwhile.
    pub async fn check(&self) -> Result<(), StoreError> {
        load::check(self).await
    }

    /// A connection that only reads.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.readers.acquire().await.map_err(|error| failed("wait for a reader", error))
    }

    /// A moment of the store that stands still.
    pub(crate) async fn moment(&self) -> Result<sqlx::Transaction<'static, Sqlite>, StoreError> {
        self.readers.begin().await.map_err(|error| failed("begin reading", error))
    }
}

/// What tests set lower.
#[derive(Clone, Copy)]
struct Limits {
    /// Up to how many pages a file is read as a whole when it is opened. Above, each row is checked when it is read.
    most_pages_checked: i64,
    /// How many pages a file may have; nothing but the disk limits it otherwise.
    most_pages: Option<u32>,
}

pub(crate) fn options_for(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(PATIENCE)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
}

/// For whoever writes and has no other limits than the disk's.
pub(crate) fn options_for_writing(path: &Path) -> SqliteConnectOptions {
    let limits = Limits { most_pages_checked: MOST_PAGES_CHECKED, most_pages: None };
    options_within(&options_for(path), limits)
}

fn options_within(options: &SqliteConnectOptions, limits: Limits) -> SqliteConnectOptions {
    let options = options
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        // In KiB: an import touches the indexes everywhere, and what does not fit is written and read again.
        .pragma("cache_size", "-65536")
        // In pages: the log grows to 32 MiB before it is folded into the file, and is cut to 64 MiB after an import.
        .pragma("wal_autocheckpoint", "8192")
        .pragma("journal_size_limit", "67108864")
        // What a statement of many rows would need to be taken back, which is not worth a file.
        .pragma("temp_store", "MEMORY")
        .thread_name(|_| "store-writer".to_owned());
    match limits.most_pages {
        Some(most) => options.pragma("max_page_count", most.to_string()),
        None => options,
    }
}

/// Makes the file under another name and moves it into place when it is complete, so that a file of this name is
/// never half a store.
async fn create(path: &Path, secrets: (&StoreCheck, &AuditSeal)) -> Result<(), StoreError> {
    let draft = file::create_draft(path, ".new")?;
    let mut connection = SqliteConnectOptions::new()
        .filename(&draft)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| failed("create", error))?;
    let created = schema::create(&mut connection, secrets).await;
    connection.close().await.map_err(|error| failed("create", error))?;
    created?;
    file::publish_draft(&draft, path)
}

/// How long a statement waits for another program that reads the file, and a read for a free connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads are short but for the load; the writer is not among these.
const MOST_READERS: u32 = 4;

/// 16 MiB in pages of 4 KiB: some 50 ms.
const MOST_PAGES_CHECKED: i64 = 4096;

#[cfg(test)]
mod tests;
