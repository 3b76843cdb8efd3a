//! A request's body that fails when it takes too long, so that whoever reads it comes to an end.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    BoxError,
    body::{Body, Bytes},
};
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

pub(crate) struct TimedBody {
    body: Body,
    until: Pin<Box<Sleep>>,
}

/// The body did not end in time.
#[derive(Debug, thiserror::Error)]
#[error("the body took too long")]
struct TooSlow;

impl TimedBody {
    /// From now on.
    pub(crate) fn new(body: Body, patience: Duration) -> Self {
        Self { body, until: Box::pin(tokio::time::sleep(patience)) }
    }
}

impl http_body::Body for TimedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.until.as_mut().poll(context));
        Poll::Ready(Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
