//! The body of an origin's answer. Its connection goes back for reuse when the body has ended well; in every other
//! case it is closed.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Body, Frame, SizeHint};

use super::{
    Origin,
    decoding::{Decoded, Decoder},
    head::{AnswerFraming, AnswerHead},
    link::Link,
};
use crate::ticks::Reminder;

/// The body of an answer.
pub(crate) enum Answer {
    /// All of it came with the head, and its connection is free already.
    Whole(Bytes),
    Flowing(Box<Flow>),
}

/// A body that is still coming.
pub(crate) struct Flow {
    state: State,
    decoder: Decoder,
    origin: Rc<Origin>,
    /// Whether the connection will take another request.
    persists: bool,
    /// Runs while the origin is waited for.
    limit: Option<Reminder>,
}

enum State {
    Open(Box<Link>),
    Ended,
    Broken,
}

/// The origin stopped in the middle of a body. All that is left is to close.
#[derive(Debug, thiserror::Error)]
#[error("the origin's answer broke off")]
pub(crate) struct AnswerBroken;

impl Answer {
    /// The answer that began with `head` on `link`.
    pub(super) fn begin(origin: &Rc<Origin>, mut link: Box<Link>, head: AnswerHead) -> Response<Self> {
        let AnswerHead { status, headers, framing, persists } = head;
        let body = match whole_length(framing, &link) {
            Some(length) => {
                let body = link.read.split_to(length).freeze();
                if persists {
                    origin.keep(link);
                }
                Self::Whole(body)
            }
            None => Self::Flowing(Box::new(Flow {
                state: State::Open(link),
                decoder: Decoder::new(framing),
                origin: Rc::clone(origin),
                persists,
                limit: None,
            })),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

/// The length of a body of which all has been read.
fn whole_length(framing: AnswerFraming, link: &Link) -> Option<usize> {
    let AnswerFraming::Length(length) = framing else { return None };
    usize::try_from(length).ok().filter(|length| *length <= link.read.len())
}

impl Flow {
    /// The next piece, of which trailers are the last.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Frame<Bytes>>, AnswerBroken>> {
        let link = match &mut self.state {
            State::Open(link) => link,
            State::Ended => return Poll::Ready(Ok(None)),
            State::Broken => return Poll::Ready(Err(AnswerBroken)),
        };
        // The origin may want to see more of the request before it says more. That a request cannot be sent to its
        // end is no reason to withhold its answer: the connection is not used again, and that is all.
        if link.outgoing.is_under_way()
            && let Err(error) = link.poll_send(context)
        {
            tracing::debug!(?error, "an answer came before its request was sent, and the rest cannot be");
        }
        loop {
            match self.decoder.decode(&mut link.read).map_err(|_| AnswerBroken)? {
                Decoded::Data(data) => {
                    self.limit = None;
                    if self.decoder.is_over(&mut link.read) {
                        self.end();
                    }
                    return Poll::Ready(Ok(Some(Frame::data(data))));
                }
                Decoded::Trailers(trailers) => return Poll::Ready(Ok(Some(self.end_with(trailers)))),
                Decoded::End => {
                    self.end();
                    return Poll::Ready(Ok(None));
                }
                Decoded::More => {}
            }
            let Poll::Ready(read) = link.poll_read(context) else {
                ready!(self.poll_lost(context));
                return Poll::Ready(Err(AnswerBroken));
            };
            match read {
                Ok(0) if self.decoder.may_close() => {
                    self.end();
                    return Poll::Ready(Ok(None));
                }
                Ok(0) | Err(_) => return Poll::Ready(Err(AnswerBroken)),
                Ok(_) => self.limit = None,
            }
        }
    }

    /// Ready when the origin has been waited for too long.
    fn poll_lost(&mut self, context: &Context<'_>) -> Poll<()> {
        let origin = &self.origin;
        let limit =
            self.limit.get_or_insert_with(|| Reminder::new(&origin.ticks, origin.config.response_timeout));
        if limit.has_passed(context.waker()) { Poll::Ready(()) } else { Poll::Pending }
    }

    fn end_with(&mut self, trailers: HeaderMap) -> Frame<Bytes> {
        self.end();
        Frame::trailers(trailers)
    }

    fn end(&mut self) {
        if let State::Open(link) = std::mem::replace(&mut self.state, State::Ended)
            && self.persists
        {
            self.origin.keep(link);
        }
    }
}

impl Body for Flow {
    type Data = Bytes;
    type Error = AnswerBroken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerBroken>>> {
        let piece = ready!(self.poll_piece(context));
        if piece.is_err() {
            self.state = State::Broken;
        }
        Poll::Ready(piece.transpose())
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    fn size_hint(&self) -> SizeHint {
        self.decoder.left().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
