//! The way of endpoints that make something to the store.

use std::{sync::Arc, time::Duration};

use mintgate_store::{Author, Conflict, Created, Keep, Makes, Receipt, StoreError};
use mintgate_types::Timestamp;

use super::{Asked, Place, ReceiptKey, Rendered, Taken};
use crate::{
    AdminService,
    reply::{Refusal, Reply},
};

/// The right to make something, once.
#[must_use = "an endpoint that makes something makes it with this"]
pub(crate) struct Making(Option<Under>);

/// An idempotency key under which nothing was made yet.
struct Under {
    key: Arc<ReceiptKey>,
    asked: Asked,
    /// Others who come with the same key are sent away until this goes.
    _taken: Taken,
}

impl Making {
    /// Without an idempotency key: as often as it is asked for.
    pub(super) fn plain() -> Self {
        Self(None)
    }

    pub(super) fn under(key: ReceiptKey, asked: Asked, taken: Taken) -> Self {
        Self(Some(Under { key: Arc::new(key), asked, _taken: taken }))
    }

    /// Makes something that lives in a place. Gives what came of it, and the reply that is to be sent: `render` of it.
    pub(crate) async fn make<N: Makes<Made: Clone>>(
        &self,
        service: &AdminService,
        by: &Author,
        (new, place): (N, Place),
        render: impl FnOnce(&N::Made) -> Rendered + Send + 'static,
    ) -> Reply<(N::Made, Rendered)> {
        let Some(under) = &self.0 else {
            let created = service.store().create(new.into_creation(), None, by).await?;
            let made = of_its_kind::<N>(&created);
            return Ok((made.clone(), render(made)));
        };
        let (told, hears) = std::sync::mpsc::sync_channel(1);
        let (key, asked, expires) = (Arc::clone(&under.key), under.asked, kept_until(by.at));
        let keep: Keep = Box::new(move |created| {
            let reply = render(of_its_kind::<N>(created));
            let receipt = receipt_of(&key, asked, expires, place, &reply);
            // Who asked may be gone, and then nobody hears it.
            drop(told.try_send(reply));
            receipt
        });
        let created = service.store().create(new.into_creation(), Some(keep), by).await.map_err(refused)?;
        let reply = hears.try_recv().expect("what was stored with its receipt was rendered");
        Ok((of_its_kind::<N>(&created).clone(), reply))
    }
}

impl Making {
    /// For what others make, who know before they store it what will be said: makes the receipt of a reply, which is small
    /// and about nothing that lives in a bucket. `None` where none is wanted.
    pub(crate) fn keep(&self, by: &Author) -> Option<impl Fn(&Rendered) -> Receipt + Send + Sync> {
        let under = self.0.as_ref()?;
        let (key, asked, expires) = (Arc::clone(&under.key), under.asked, kept_until(by.at));
        Some(move |reply: &Rendered| receipt(&key, asked, expires, Place::default(), reply))
    }
}

fn receipt_of(
    key: &ReceiptKey,
    asked: Asked,
    expires: Timestamp,
    place: Place,
    reply: &Rendered,
) -> Result<Receipt, Conflict> {
    if reply.body().len() > LARGEST_KEPT {
        return Err(Conflict::ReplyTooLarge);
    }
    Ok(receipt(key, asked, expires, place, reply))
}

fn receipt(key: &ReceiptKey, asked: Asked, expires: Timestamp, place: Place, reply: &Rendered) -> Receipt {
    let sealed = key.seal(&asked, place, reply);
    Receipt { id: asked.id(), request: asked.mark(), reply: sealed, expires }
}

fn of_its_kind<N: Makes>(created: &Created) -> &N::Made {
    N::made(created).expect("a store answers in kind")
}

/// Another node may have been faster.
fn refused(error: StoreError) -> Refusal {
    match error {
        StoreError::Conflict(Conflict::ReceiptExists) => Refusal::IdempotencyKeyInUse,
        other => other.into(),
    }
}

fn kept_until(now: Timestamp) -> Timestamp {
    now.checked_add(KEPT).unwrap_or(Timestamp::MAX)
}

/// For so long a request may be repeated.
const KEPT: Duration = Duration::from_hours(24);

/// A thousand consumers with a good deal of metadata.
pub(crate) const LARGEST_KEPT: usize = 8 << 20;
