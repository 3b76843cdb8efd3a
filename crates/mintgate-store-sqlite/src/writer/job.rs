//! A change on its way through the writer.

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use mintgate_store::StoreError;
use tokio::sync::oneshot;

use super::Transaction;

/// A change: a function of the transaction, run to its end or not at all.
pub(super) type Change<T> =
    Box<dyn for<'t> FnOnce(&'t mut Transaction) -> BoxFuture<'t, Result<T, StoreError>> + Send>;

/// A change that waits, without its type.
#[async_trait]
pub(super) trait Job: Send {
    fn alone(&self) -> bool;
    /// Runs it, keeps what it would answer, and says whether its effects may stay. An error means that the
    /// transaction is lost.
    async fn run(&mut self, transaction: &mut Transaction) -> Result<Effect, StoreError>;
    /// Answers what was kept; or, where nothing was stored, this.
    fn answer(self: Box<Self>, lost: Option<StoreError>);
}

/// What becomes of a change's effects.
pub(super) enum Effect {
    Keep,
    Undo,
}

/// A change, its name, and who waits for it.
pub(super) struct Submitted<T> {
    name: &'static str,
    alone: bool,
    change: Option<Change<T>>,
    outcome: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T> Submitted<T> {
    pub(super) fn new(
        name: &'static str,
        alone: bool,
        change: Change<T>,
        answer: oneshot::Sender<Result<T, StoreError>>,
    ) -> Self {
        Self { name, alone, change: Some(change), outcome: None, answer }
    }
}

#[async_trait]
impl<T: Send> Job for Submitted<T> {
    fn alone(&self) -> bool {
        self.alone
    }

    async fn run(&mut self, transaction: &mut Transaction) -> Result<Effect, StoreError> {
        let change = self.change.take().expect("each change is run once");
        match change(transaction).await {
            Ok(value) => {
                self.outcome = Some(Ok(value));
                Ok(Effect::Keep)
            }
            Err(StoreError::Conflict(conflict)) => {
                self.outcome = Some(Err(conflict.into()));
                Ok(Effect::Undo)
            }
            Err(error) => Err(error),
        }
    }

    fn answer(self: Box<Self>, lost: Option<StoreError>) {
        let outcome = match (lost, self.outcome) {
            (Some(error), _) => Err(error),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(StoreError::Unavailable { source: Box::new(NotRun(self.name)) }),
        };
        // Who asked may be gone; the change stands all the same.
        drop(self.answer.send(outcome));
    }
}

/// The batch ended before this change's turn.
#[derive(Debug, thiserror::Error)]
#[error("{0} was not run")]
struct NotRun(&'static str);
