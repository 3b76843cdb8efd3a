//! Bodies on their way: towards the origin with a limit and a clock, towards the client with what must happen when
//! the last byte has gone.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use crate::{
    config::BodyLimit, connection::ConnectionState, headers::strip_trailers, origin::Returning,
    refusal::Refusal,
};

/// What the origin gets as body.
pub(crate) enum OutboundBody {
    /// The request had none.
    Empty,
    /// The client's, as it comes.
    Streaming(Upload),
}

/// A body that a client is sending.
pub(crate) struct Upload {
    incoming: Incoming,
    limit: BodyLimit,
    patience: Patience,
    fault: UploadFault,
}

/// Why a body could not be sent on. Shared with the request that it belongs to, since all that comes back from the
/// connection to the origin is that the body failed.
#[derive(Clone, Default)]
pub(crate) struct UploadFault(Rc<UploadState>);

#[derive(Default)]
struct UploadState {
    fault: Cell<Option<Fault>>,
    /// Whether nothing of the body will be sent any more.
    is_over: Cell<bool>,
}

#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the body is too large")]
    TooLarge,
    #[error("the client is too slow")]
    TooSlow,
    #[error("the body broke off")]
    Broken,
}

impl UploadFault {
    pub(crate) fn refusal(&self, connection: &ConnectionState) -> Option<Refusal> {
        let by_fault = self.0.fault.get().map(|fault| match fault {
            Fault::TooLarge => Refusal::BodyTooLarge,
            Fault::TooSlow => Refusal::BodyTooSlow,
            Fault::Broken => Refusal::BodyBroken,
        });
        connection.body_violation().map(Refusal::Framing).or(by_fault)
    }

    /// Whether all of the body was sent, or given up.
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_over.get()
    }
}

impl OutboundBody {
    /// The body of a request. `fault` hears of what goes wrong with it.
    pub(crate) fn of(incoming: Incoming, limit: BodyLimit, timeout: Duration, fault: UploadFault) -> Self {
        if incoming.is_end_stream() {
            return Self::Empty;
        }
        Self::Streaming(Upload { incoming, limit, patience: Patience::new(timeout), fault })
    }

    /// What becomes of the body, if there is one.
    pub(crate) fn fault(&self) -> Option<UploadFault> {
        match self {
            Self::Empty => None,
            Self::Streaming(upload) => Some(upload.fault.clone()),
        }
    }
}

impl Upload {
    fn fail(&self, fault: Fault) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        self.fault.0.fault.set(Some(fault));
        Poll::Ready(Some(Err(fault)))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.fault.0.is_over.set(true);
    }
}

impl Body for OutboundBody {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let Self::Streaming(upload) = &mut *self else { return Poll::Ready(None) };
        let Poll::Ready(frame) = Pin::new(&mut upload.incoming).poll_frame(context) else {
            ready!(upload.patience.poll_lost(context));
            return upload.fail(Fault::TooSlow);
        };
        upload.patience.renew();
        let mut frame = match frame {
            None => return Poll::Ready(None),
            Some(Err(_)) => return upload.fail(Fault::Broken),
            Some(Ok(frame)) => frame,
        };
        if let (BodyLimit::Bytes(left), Some(data)) = (&mut upload.limit, frame.data_ref()) {
            let Some(rest) = left.checked_sub(u64::try_from(data.len()).expect("usize fits in u64")) else {
                return upload.fail(Fault::TooLarge);
            };
            *left = rest;
        }
        if let Some(trailers) = frame.trailers_mut() {
            strip_trailers(trailers);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Streaming(upload) => upload.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Streaming(upload) => upload.incoming.size_hint(),
        }
    }
}

/// What a client gets as body. When it is dropped, sent or not, the request is over.
pub(crate) struct ReplyBody {
    source: Source,
    over: Option<Rc<ConnectionState>>,
}

enum Source {
    /// Ours.
    Whole(Option<Bytes>),
    /// The origin's, as it comes; its connection goes back for reuse when the body has ended well.
    Origin { incoming: Incoming, patience: Patience, returning: Option<Returning> },
}

/// The origin stopped in the middle of a body. All that is left is to close.
#[derive(Debug, thiserror::Error)]
#[error("the origin's answer broke off")]
pub(crate) struct AnswerBroken;

impl ReplyBody {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { source: Source::Whole(Some(bytes)), over: None }
    }

    pub(crate) fn of_origin(incoming: Incoming, timeout: Duration, returning: Returning) -> Self {
        if incoming.is_end_stream() {
            returning.reuse();
            return Self::whole(Bytes::new());
        }
        let patience = Patience::new(timeout);
        Self { source: Source::Origin { incoming, patience, returning: Some(returning) }, over: None }
    }

    /// Lets `connection` know when the answer is over.
    pub(crate) fn ending(mut self, connection: &Rc<ConnectionState>) -> Self {
        self.over = Some(Rc::clone(connection));
        self
    }
}

impl Drop for ReplyBody {
    fn drop(&mut self) {
        if let Some(connection) = &self.over {
            connection.end_request();
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = AnswerBroken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerBroken>>> {
        match &mut self.source {
            Source::Whole(bytes) => {
                let bytes = bytes.take().filter(|bytes| !bytes.is_empty());
                Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
            }
            Source::Origin { incoming, patience, returning } => {
                if let Some(returning) = returning {
                    returning.drive(context);
                }
                let Poll::Ready(frame) = Pin::new(&mut *incoming).poll_frame(context) else {
                    ready!(patience.poll_lost(context));
                    return Poll::Ready(Some(Err(AnswerBroken)));
                };
                patience.renew();
                let frame = match frame {
                    None => None,
                    Some(Err(_)) => return Poll::Ready(Some(Err(AnswerBroken))),
                    Some(Ok(mut frame)) => {
                        if let Some(trailers) = frame.trailers_mut() {
                            strip_trailers(trailers);
                        }
                        Some(Ok(frame))
                    }
                };
                // hyper does not ask again once the announced length has come.
                if (frame.is_none() || incoming.is_end_stream())
                    && let Some(returning) = returning.take()
                {
                    returning.reuse();
                }
                Poll::Ready(frame)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Source::Origin { incoming, .. } => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole(bytes) => {
                let length = bytes.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).expect("usize fits in u64"))
            }
            Source::Origin { incoming, .. } => incoming.size_hint(),
        }
    }
}

/// A time limit on waiting. Costs nothing while nobody waits.
struct Patience {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
}

impl Patience {
    fn new(limit: Duration) -> Self {
        Self { limit, timer: None, waiting: false }
    }

    /// What was waited for is there.
    fn renew(&mut self) {
        self.waiting = false;
    }

    /// Ready when the wait, which begins with the first call after a renewal, has lasted too long.
    fn poll_lost(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        if !self.waiting {
            self.waiting = true;
            timer.as_mut().reset(Instant::now() + limit);
        }
        timer.as_mut().poll(context)
    }
}
