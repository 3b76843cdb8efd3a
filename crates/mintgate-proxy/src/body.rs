//! Bodies on their way: towards the origin with a limit and a clock, towards the client with what must happen when
//! the last byte has gone.

use std::{
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
    config::BodyLimit,
    connection::ConnectionState,
    headers::strip_trailers,
    origin::{Answer, AnswerBroken, Flow},
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
}

/// Why a body cannot be sent on.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the body is too large")]
    TooLarge,
    #[error("the client is too slow")]
    TooSlow,
    #[error("the body broke off")]
    Broken,
}

impl Fault {
    /// What the client is told.
    pub(crate) fn refusal(self, connection: &ConnectionState) -> Refusal {
        connection.body_violation().map_or(
            match self {
                Self::TooLarge => Refusal::BodyTooLarge,
                Self::TooSlow => Refusal::BodyTooSlow,
                Self::Broken => Refusal::BodyBroken,
            },
            Refusal::Framing,
        )
    }
}

impl OutboundBody {
    /// The body of a request.
    pub(crate) fn of(incoming: Incoming, limit: BodyLimit, timeout: Duration) -> Self {
        if incoming.is_end_stream() {
            return Self::Empty;
        }
        Self::Streaming(Upload { incoming, limit, patience: Patience::new(timeout) })
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
            return Poll::Ready(Some(Err(Fault::TooSlow)));
        };
        upload.patience.renew();
        let mut frame = match frame {
            None => return Poll::Ready(None),
            Some(Err(_)) => return Poll::Ready(Some(Err(Fault::Broken))),
            Some(Ok(frame)) => frame,
        };
        if let (BodyLimit::Bytes(left), Some(data)) = (&mut upload.limit, frame.data_ref()) {
            let Some(rest) = left.checked_sub(u64::try_from(data.len()).expect("usize fits in u64")) else {
                return Poll::Ready(Some(Err(Fault::TooLarge)));
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
    /// The origin's, as it comes.
    Origin(Box<Flow>),
}

impl ReplyBody {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { source: Source::Whole(Some(bytes)), over: None }
    }

    pub(crate) fn of_origin(answer: Answer) -> Self {
        let source = match answer {
            Answer::Whole(bytes) => Source::Whole(Some(bytes)),
            Answer::Flowing(flow) => Source::Origin(flow),
        };
        Self { source, over: None }
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
            Source::Origin(flow) => Pin::new(&mut **flow).poll_frame(context).map_ok(|mut frame| {
                if let Some(trailers) = frame.trailers_mut() {
                    strip_trailers(trailers);
                }
                frame
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Source::Origin(flow) => flow.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole(bytes) => {
                let length = bytes.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).expect("usize fits in u64"))
            }
            Source::Origin(flow) => flow.size_hint(),
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
