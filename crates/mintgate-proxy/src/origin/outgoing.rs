//! A request on its way to an origin: its head and what has come of its body, in one buffer.

use std::{
    io::Write,
    pin::Pin,
    task::{Context, Poll},
};

use http::request::Parts;
use http_body::Body;
use tokio::{io::AsyncWrite, net::TcpStream};

use super::head::{self, RequestFraming};
use crate::body::{Fault, OutboundBody};

/// What is sent on one connection. The buffer outlives the request.
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    /// How many of `bytes` the connection has taken.
    written: usize,
    /// Whether the connection has taken anything of the request.
    begun: bool,
    /// Whether `bytes` are the whole request, from its first byte.
    whole: bool,
    body: Rest,
}

/// What is still to be put in the buffer.
enum Rest {
    Nothing,
    Sized(OutboundBody),
    Chunked(OutboundBody),
    /// The rest will never come: the request is not complete.
    Lost,
}

/// How far sending came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Complete,
    /// It goes on: something was sent, or the client has to send something first.
    Moving,
    /// The connection takes nothing.
    Stuck,
}

/// Why a request is not sent.
#[derive(Debug)]
pub(super) enum SendError {
    Body(Fault),
    /// The origin takes no more. It may have said why.
    Connection,
}

impl Outgoing {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), written: 0, begun: false, whole: true, body: Rest::Nothing }
    }

    /// Begins another request.
    pub(super) fn begin(&mut self, request: &Parts, body: OutboundBody) {
        self.bytes.clear();
        (self.written, self.begun, self.whole) = (0, false, true);
        let framing = match (&body, body.size_hint().exact()) {
            (OutboundBody::Empty, _) => RequestFraming::Empty,
            (OutboundBody::Streaming(_), Some(length)) => RequestFraming::Length(length),
            (OutboundBody::Streaming(_), None) => RequestFraming::Chunked,
        };
        head::write_request(request, framing, &mut self.bytes);
        self.body = match framing {
            RequestFraming::Empty => Rest::Nothing,
            RequestFraming::Length(_) => Rest::Sized(body),
            RequestFraming::Chunked => Rest::Chunked(body),
        };
    }

    /// Whether all of the request was sent.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.body, Rest::Nothing) && self.written == self.bytes.len()
    }

    /// Whether sending can go on.
    pub(super) fn is_under_way(&self) -> bool {
        !self.is_complete() && !matches!(self.body, Rest::Lost)
    }

    /// Whether nothing of the request was sent.
    pub(super) fn is_unsent(&self) -> bool {
        !self.begun
    }

    /// The same request from its beginning, for another connection, if all of it is still there.
    pub(super) fn rewound(mut self) -> Option<Self> {
        (self.written, self.begun) = (0, false);
        self.whole.then_some(self)
    }

    /// Frees what one large request made the buffer grow to.
    pub(super) fn rest(&mut self) {
        if self.bytes.capacity() > MOST_KEPT {
            self.bytes = Vec::new();
            self.written = 0;
        }
    }

    /// Sends as much as there is, while the connection takes it.
    pub(super) fn poll_send(
        &mut self,
        stream: &mut TcpStream,
        context: &mut Context<'_>,
    ) -> Result<Progress, SendError> {
        let mut moved = false;
        loop {
            let waits_for_client = self.fill(context).map_err(SendError::Body)?;
            while self.written < self.bytes.len() {
                match Pin::new(&mut *stream).poll_write(context, &self.bytes[self.written..]) {
                    Poll::Pending => return Ok(if moved { Progress::Moving } else { Progress::Stuck }),
                    Poll::Ready(Ok(count)) if count > 0 => {
                        self.written += count;
                        self.begun = true;
                        moved = true;
                    }
                    Poll::Ready(_) => {
                        // Whoever asks again must not be told that all is well.
                        if self.begun {
                            self.body = Rest::Lost;
                        }
                        return Err(SendError::Connection);
                    }
                }
            }
            match self.body {
                Rest::Nothing => return Ok(Progress::Complete),
                Rest::Lost => return Ok(Progress::Stuck),
                Rest::Sized(_) | Rest::Chunked(_) if waits_for_client => return Ok(Progress::Moving),
                Rest::Sized(_) | Rest::Chunked(_) => {}
            }
        }
    }

    /// Takes as much of the body as is there and has room. Whether the client has to send some first.
    fn fill(&mut self, context: &mut Context<'_>) -> Result<bool, Fault> {
        loop {
            let (body, is_chunked) = match &mut self.body {
                Rest::Nothing | Rest::Lost => return Ok(false),
                Rest::Sized(body) => (body, false),
                Rest::Chunked(body) => (body, true),
            };
            if self.bytes.len() - self.written >= HIGH_WATER {
                return Ok(false);
            }
            let Poll::Ready(frame) = Pin::new(body).poll_frame(context) else { return Ok(true) };
            let Some(frame) = frame.transpose().inspect_err(|_| self.body = Rest::Lost)? else {
                if is_chunked {
                    self.bytes.extend_from_slice(b"0\r\n\r\n");
                }
                self.body = Rest::Nothing;
                continue;
            };
            self.make_room();
            if let Some(data) = frame.data_ref().filter(|data| !data.is_empty()) {
                if is_chunked {
                    write!(self.bytes, "{:x}\r\n", data.len()).expect("a vector takes everything");
                }
                self.bytes.extend_from_slice(data);
                if is_chunked {
                    self.bytes.extend_from_slice(b"\r\n");
                }
            } else if let Some(trailers) = frame.trailers_ref().filter(|_| is_chunked) {
                self.bytes.extend_from_slice(b"0\r\n");
                for (name, value) in trailers {
                    head::write_line(name, value, &mut self.bytes);
                }
                self.bytes.extend_from_slice(b"\r\n");
                self.body = Rest::Nothing;
            }
        }
    }

    /// Forgets what was sent, once that is a body's bytes: such a request is never sent again.
    fn make_room(&mut self) {
        // Moving the rest forward for every piece would cost more than the room is worth.
        if self.written == self.bytes.len() || self.written >= HIGH_WATER / 2 {
            self.bytes.drain(..self.written);
            self.whole &= self.written == 0;
            self.written = 0;
        }
    }
}

/// How many bytes may wait in the buffer before no more are taken from the client.
const HIGH_WATER: usize = 64 * 1024;
/// How large a buffer may rest.
const MOST_KEPT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(head: http::request::Builder) -> Parts {
        head.body(()).expect("a request").into_parts().0
    }

    fn written(parts: &Parts) -> String {
        let mut outgoing = Outgoing::new();
        outgoing.begin(parts, OutboundBody::Empty);
        String::from_utf8(outgoing.bytes).expect("text")
    }

    #[test]
    fn framing_is_never_taken_from_the_header_map() {
        let hostile = parts(
            Request::builder()
                .uri("/a?b")
                .header("content-length", "7")
                .header("transfer-encoding", "chunked")
                .header("x", "y"),
        );
        assert_eq!(written(&hostile), "GET /a?b HTTP/1.1\r\nx: y\r\ncontent-length: 0\r\n\r\n");
    }

    #[test]
    fn a_request_without_a_body_and_without_a_length_gets_none() {
        let plain = parts(Request::builder().method("DELETE").uri("/").header("host", "a"));
        assert_eq!(written(&plain), "DELETE / HTTP/1.1\r\nhost: a\r\n\r\n");
    }
}
