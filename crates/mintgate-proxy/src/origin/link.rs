//! One connection to an origin, with its two buffers, which it keeps from request to request.
//!
//! It is polled by the request that uses it and by nobody else: a task of its own would have to be woken, scheduled
//! and answered through channels several times a request. It knows nothing of answers; see `waiting.rs`.

use std::{
    future::Future,
    io,
    pin::pin,
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use tokio::{io::AsyncReadExt, net::TcpStream};

use super::outgoing::{Outgoing, Progress, SendError};

/// A connection to an origin.
pub(super) struct Link {
    stream: TcpStream,
    /// Bytes read and not yet taken. Pieces are split off without a copy; their room comes back when all are dropped.
    pub(super) read: BytesMut,
    /// How much to read at once.
    step: usize,
    pub(super) outgoing: Outgoing,
}

impl Link {
    pub(super) fn new(stream: TcpStream) -> Box<Self> {
        Box::new(Self { stream, read: BytesMut::new(), step: FIRST_STEP, outgoing: Outgoing::new() })
    }

    pub(super) fn poll_send(&mut self, context: &mut Context<'_>) -> Result<Progress, SendError> {
        self.outgoing.poll_send(&mut self.stream, context)
    }

    /// Reads more. No bytes are the end.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.read.reserve(self.step);
        let count = ready!(pin!(self.stream.read_buf(&mut self.read)).poll(context))?;
        if count >= self.step {
            self.step = (2 * self.step).min(LAST_STEP);
        }
        Poll::Ready(Ok(count))
    }

    /// Whether the origin has neither closed a resting connection nor sent anything unasked.
    pub(super) fn is_quiet(&self) -> bool {
        self.read.is_empty()
            && self.stream.try_read(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Readies a connection for resting, if another request can be sent on it: this one is complete, and nothing
    /// lies behind the answer, which could only be taken for the next one.
    pub(super) fn at_rest(mut self: Box<Self>) -> Option<Box<Self>> {
        if !self.outgoing.is_complete() || !self.read.is_empty() {
            return None;
        }
        if self.step > FIRST_STEP {
            (self.read, self.step) = (BytesMut::new(), FIRST_STEP);
        }
        self.outgoing.rest();
        Some(self)
    }
}

/// Enough for a small answer in one read.
const FIRST_STEP: usize = 8 * 1024;
const LAST_STEP: usize = 64 * 1024;
