//! The one place that changes the store.
//!
//! A task owns the only connection that writes. It takes what waits, runs it in one transaction with a savepoint
//! each, and answers after the commit, so that a hundred callers share one `fsync`. Whoever waits for an answer may
//! go away: what was begun is finished. After any failure but a conflict, the whole transaction is rolled back, all
//! of its callers learn that nothing happened, and the connection is replaced.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use mintgate_store::{AuditDraft, AuditSeal, StoreError};
use mintgate_types::Revision;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{audit, failure::failed, file::Lock, ledger::Ledger};

mod job;

use self::job::{Change, Effect, Job, Submitted};

/// Where changes are handed in.
#[derive(Debug, Clone)]
pub(crate) struct Writer(mpsc::Sender<Message>);

enum Message {
    Change(Box<dyn Job>),
    Stop,
}

/// What a change works on.
pub(crate) struct Transaction {
    connection: SqliteConnection,
    pub(crate) ledger: Ledger,
    taken: Option<Revision>,
    /// What the audit log is to say of the changes so far; appended together before the commit.
    drafts: Vec<AuditDraft>,
}

impl Writer {
    /// Starts the task; it ends, and lets go of the file, when it is stopped or the last writer is dropped.
    pub(crate) fn start(
        connection: SqliteConnection,
        options: SqliteConnectOptions,
        lock: Lock,
        seal: Arc<AuditSeal>,
    ) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(LONGEST_QUEUE);
        let worker = Worker { waiting, options, connection: Some(connection), lock, seal };
        #[expect(
            clippy::disallowed_methods,
            reason = "the task ends with the store, and SqliteStore::close waits for it"
        )]
        let task = tokio::spawn(worker.work());
        (Self(queue), task)
    }

    /// Takes no more changes; those that wait are still run.
    pub(crate) async fn stop(&self) {
        // Stopping what has stopped is no failure.
        drop(self.0.send(Message::Stop).await);
    }

    /// Runs a change together with others that wait.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        change: impl for<'t> FnOnce(&'t mut Transaction) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(name, Box::new(change), false).await
    }

    /// Runs a large change in a transaction of its own, which spares it the savepoint.
    pub(crate) async fn run_alone<T: Send + 'static>(
        &self,
        name: &'static str,
        change: impl for<'t> FnOnce(&'t mut Transaction) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(name, Box::new(change), true).await
    }

    async fn submit<T: Send + 'static>(
        &self,
        name: &'static str,
        change: Change<T>,
        alone: bool,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Submitted::new(name, alone, change, answer);
        let stopped = || StoreError::Unavailable { source: Box::new(Stopped) };
        self.0.send(Message::Change(Box::new(job))).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Transaction {
    /// For statements.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// The revision of this change; the first call takes it.
    pub(crate) fn revision(&mut self) -> Result<Revision, StoreError> {
        if let Some(taken) = self.taken {
            return Ok(taken);
        }
        self.ledger.revision += 1;
        let taken = self.ledger.revision()?;
        self.taken = Some(taken);
        Ok(taken)
    }

    /// What the audit log is to say of this change. It is said if the change stands.
    pub(crate) fn note(&mut self, draft: AuditDraft) {
        self.drafts.push(draft);
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), StoreError> {
        sqlx::query(statement)
            .execute(&mut self.connection)
            .await
            .map(drop)
            .map_err(|error| failed(statement, error))
    }
}

struct Worker {
    waiting: mpsc::Receiver<Message>,
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    /// Held until the connection is closed.
    lock: Lock,
    seal: Arc<AuditSeal>,
}

impl Worker {
    async fn work(mut self) {
        let mut held_back = None;
        loop {
            let first = match held_back.take() {
                Some(job) => job,
                None => match self.next().await {
                    Some(job) => job,
                    None => break,
                },
            };
            let mut batch = vec![first];
            while !batch[0].alone() && batch.len() < LARGEST_BATCH {
                match self.next_waiting() {
                    Some(job) if job.alone() => {
                        held_back = Some(job);
                        break;
                    }
                    Some(job) => batch.push(job),
                    None => break,
                }
            }
            self.commit_together(batch).await;
        }
        if let Some(connection) = self.connection.take() {
            // A failure leaves a write-ahead log behind, which the next start reads.
            drop(connection.close().await);
        }
        drop(self.lock);
    }

    async fn next(&mut self) -> Option<Box<dyn Job>> {
        loop {
            match self.waiting.recv().await? {
                Message::Change(job) => return Some(job),
                Message::Stop => self.waiting.close(),
            }
        }
    }

    fn next_waiting(&mut self) -> Option<Box<dyn Job>> {
        match self.waiting.try_recv().ok()? {
            Message::Change(job) => Some(job),
            Message::Stop => {
                self.waiting.close();
                None
            }
        }
    }

    async fn commit_together(&mut self, mut batch: Vec<Box<dyn Job>>) {
        match self.try_commit(&mut batch).await {
            Ok(()) => batch.into_iter().for_each(|job| job.answer(None)),
            Err((at, error)) => {
                let told = error.to_string();
                let mut error = Some(error);
                for (position, job) in batch.into_iter().enumerate() {
                    let lost = match (position == at, error.take()) {
                        (true, Some(error)) => error,
                        (_, kept) => {
                            error = kept;
                            StoreError::Unavailable { source: Box::new(LostTogether(told.clone())) }
                        }
                    };
                    job.answer(Some(lost));
                }
            }
        }
    }

    /// Runs and commits all of them, or says which failed and leaves nothing behind.
    async fn try_commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), (usize, StoreError)> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await.map_err(|error| (0, failed("open the writer", error)))?,
        };
        let ledger = match begin(&mut connection, &self.seal).await {
            Ok(ledger) => ledger,
            Err(error) => {
                roll_back(connection).await;
                return Err((0, error));
            }
        };
        let mut transaction = Transaction { connection, ledger, taken: None, drafts: Vec::new() };
        match run_all(&mut transaction, batch, &self.seal).await {
            Ok(()) => {
                self.lock.note(transaction.ledger.revision);
                self.connection = Some(transaction.connection);
                Ok(())
            }
            Err(failure) => {
                roll_back(transaction.connection).await;
                Err(failure)
            }
        }
    }
}

async fn begin(connection: &mut SqliteConnection, seal: &AuditSeal) -> Result<Ledger, StoreError> {
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut *connection)
        .await
        .map_err(|error| failed("BEGIN IMMEDIATE", error))?;
    let ledger = Ledger::read(connection).await?;
    ledger.refuse_forged(seal)?;
    Ok(ledger)
}

async fn run_all(
    transaction: &mut Transaction,
    batch: &mut [Box<dyn Job>],
    seal: &AuditSeal,
) -> Result<(), (usize, StoreError)> {
    let before = transaction.ledger.clone();
    let alone = batch.len() == 1;
    for (position, job) in batch.iter_mut().enumerate() {
        let effect = run_one(transaction, job.as_mut(), alone).await.map_err(|error| (position, error))?;
        if alone && matches!(effect, Effect::Undo) {
            return transaction.execute("ROLLBACK").await.map_err(|error| (position, error));
        }
    }
    let last = batch.len() - 1;
    let drafts = std::mem::take(&mut transaction.drafts);
    audit::append(transaction, drafts).await.map_err(|error| (last, error))?;
    if transaction.ledger != before {
        let written = transaction.ledger.write(&mut transaction.connection, seal).await;
        written.map_err(|error| (last, error))?;
    }
    transaction.execute("COMMIT").await.map_err(|error| (last, error))
}

/// Runs one change; unless it is alone, within a savepoint that takes back what a refused one did.
async fn run_one(
    transaction: &mut Transaction,
    job: &mut dyn Job,
    alone: bool,
) -> Result<Effect, StoreError> {
    transaction.taken = None;
    if alone {
        return job.run(transaction).await;
    }
    let (before, drafts) = (transaction.ledger.clone(), transaction.drafts.len());
    transaction.execute("SAVEPOINT change").await?;
    let effect = job.run(transaction).await?;
    debug_assert!(
        transaction.taken.is_none() || transaction.drafts.len() > drafts || matches!(effect, Effect::Undo),
        "a change without an entry"
    );
    if matches!(effect, Effect::Undo) {
        transaction.ledger = before;
        transaction.drafts.truncate(drafts);
        transaction.execute("ROLLBACK TO change").await?;
    }
    transaction.execute("RELEASE change").await?;
    Ok(effect)
}

/// The connection is not used again: after some failures `SQLite` has rolled back by itself, after others it has not,
/// and closing it settles both.
async fn roll_back(connection: SqliteConnection) {
    drop(connection.close().await);
}

/// The writer has ended.
#[derive(Debug, thiserror::Error)]
#[error("the store is closed")]
struct Stopped;

/// Another change of the batch failed.
#[derive(Debug, thiserror::Error)]
#[error("the transaction that this change shared was rolled back: {0}")]
struct LostTogether(String);

/// Beyond it, callers wait for a place in the queue.
const LONGEST_QUEUE: usize = 1024;

/// How many changes share a commit at the most; bounds how long the first of them waits.
const LARGEST_BATCH: usize = 128;
