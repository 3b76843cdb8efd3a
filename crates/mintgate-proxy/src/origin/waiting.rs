//! From a request that is ready to be sent to the head of its answer.

use std::{
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use http::Method;

use super::{
    OriginError,
    head::{self, AnswerHead, Head, HeadSearch},
    link::Link,
    outgoing::{Progress, SendError},
};
use crate::ticks::{Reminder, Ticks};

/// What is known while an answer is waited for.
pub(super) struct Waiting<'r> {
    method: &'r Method,
    search: HeadSearch,
    /// Whether anything of an answer has come.
    heard: bool,
    /// On the origin to take the next piece of the request, or to begin an answer once it has all there is.
    limit: Reminder,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The origin took nothing of the request.
    Unsent,
    /// It closed the connection without a word, whatever it had taken.
    Unheard,
    Final(OriginError),
}

impl<'r> Waiting<'r> {
    pub(super) fn new(method: &'r Method, ticks: &Rc<Ticks>, patience: Duration) -> Self {
        let limit = Reminder::new(ticks, patience);
        Self { method, search: HeadSearch::default(), heard: false, limit }
    }

    /// Sends and reads until the head of the answer is there. The body may have been sent in part only.
    pub(super) fn poll(
        &mut self,
        link: &mut Link,
        context: &mut Context<'_>,
    ) -> Poll<Result<AnswerHead, Failure>> {
        if let Err(failure) = self.send(link, context) {
            return Poll::Ready(Err(failure));
        }
        loop {
            match link.poll_read(context) {
                Poll::Pending if self.limit.has_passed(context.waker()) => {
                    return Poll::Ready(Err(Failure::Final(OriginError::ResponseTimeout)));
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(count)) if count > 0 => self.heard = true,
                Poll::Ready(_) if self.heard => {
                    return Poll::Ready(Err(Failure::Final(OriginError::Closed)));
                }
                Poll::Ready(_) => return Poll::Ready(Err(Failure::Unheard)),
            }
            match self.take_head(link) {
                Ok(None) => {}
                Ok(Some(head)) => return Poll::Ready(Ok(head)),
                Err(error) => return Poll::Ready(Err(Failure::Final(error))),
            }
        }
    }

    fn send(&mut self, link: &mut Link, context: &mut Context<'_>) -> Result<(), Failure> {
        if !link.outgoing.is_under_way() {
            return Ok(());
        }
        match link.poll_send(context) {
            Ok(Progress::Complete | Progress::Moving) => self.limit.renew(),
            Err(SendError::Body(fault)) => return Err(Failure::Final(OriginError::Unsendable(fault))),
            Err(SendError::Connection) if link.outgoing.is_unsent() => return Err(Failure::Unsent),
            // It may have answered before it closed.
            Ok(Progress::Stuck) | Err(SendError::Connection) => {}
        }
        Ok(())
    }

    fn take_head(&mut self, link: &mut Link) -> Result<Option<AnswerHead>, OriginError> {
        while let Some(length) = self.search.end(&link.read).map_err(OriginError::Nonsense)? {
            self.search = HeadSearch::default();
            let head = link.read.split_to(length).freeze();
            match head::read_answer(&head, self.method).map_err(OriginError::Nonsense)? {
                Head::Interim => {}
                Head::Switching => return Err(OriginError::Switching),
                Head::Final(head) => return Ok(Some(head)),
            }
        }
        Ok(None)
    }
}
