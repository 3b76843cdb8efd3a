//! Verifying without blocking, on any executor.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use mintgate_jwt::{Claims, Verified};

use crate::{Verifier, VerifyError, keys::Place, trust::NoVerdict};

/// The verdict on a token, when it is known. Made by [`Verifier::verify_async`].
///
/// Needs no particular executor. Dropping it gives up the wait and nothing else: a fetch that has begun goes on for
/// those who come after.
#[must_use = "a future does nothing until it is polled"]
pub struct Verifying {
    verifier: Arc<Verifier>,
    token: Box<str>,
    /// Where it waits for keys, and of which issuer.
    place: Option<(usize, Place)>,
}

impl Verifying {
    pub(crate) fn new(verifier: Arc<Verifier>, token: Box<str>) -> Self {
        Self { verifier, token, place: None }
    }

    fn leave(&mut self) {
        if let Some((trusted, place)) = self.place.take()
            && let Some(keys) = self.verifier.keys(trusted)
        {
            keys.leave(&place);
        }
    }
}

impl Future for Verifying {
    type Output = Result<Arc<Verified<Claims>>, VerifyError>;

    /// Each time it is woken, the token is judged from the start: that takes microseconds and happens once or twice.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.leave();
        let mut place = None;
        let verdict = self.verifier.verify_with(&self.token, |trusted, keys, wanted| {
            keys.find_or_wake(wanted, context.waker(), |taken| place = Some((trusted, taken)))
        });
        self.place = place;
        match verdict {
            Ok(verified) => Poll::Ready(Ok(verified)),
            Err(NoVerdict::Error(error)) => Poll::Ready(Err(error)),
            Err(NoVerdict::Pending) => Poll::Pending,
        }
    }
}

impl Drop for Verifying {
    fn drop(&mut self) {
        self.leave();
    }
}
