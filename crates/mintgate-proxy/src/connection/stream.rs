//! The bytes of one client connection, framed and timed, on their way to hyper.
//!
//! A head is passed on whole or not at all. One that is refused is replaced by a harmless one, and the refusal is
//! left in [`ConnectionState`] for the service to answer with: so every refusal looks like every other. The time
//! limits live here too, where it is known whether bytes are due; one lazy timer for each connection serves them
//! all, because arming one for each request would cost more than looking at the clock.

use std::{
    future::Future,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use super::{
    framing::{Framing, HeadLimits, Violation, Within},
    state::ConnectionState,
};

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub struct ClientTimeouts {
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// To take any byte of an answer.
    pub write: Duration,
}

/// A client connection that lets through only requests with one reading.
pub(crate) struct StrictStream<S> {
    inner: S,
    framing: Framing,
    state: Rc<ConnectionState>,
    /// Bytes read and not passed on: the beginning of a head, or what replaces a refused one.
    held: Vec<u8>,
    /// How many of them may be passed on.
    due: usize,
    /// Where something was refused, if it was. Nothing more is read then.
    refused: Option<Within>,
    timeouts: ClientTimeouts,
    timer: Pin<Box<Sleep>>,
    head_since: Option<Instant>,
    write_since: Option<Instant>,
    linger: Option<Linger>,
}

/// Reading on after the last answer, so that closing does not reset the connection before the client has read it
/// (RFC 9112 §9.6).
struct Linger {
    until: Instant,
    bytes: usize,
}

impl<S> StrictStream<S> {
    pub(crate) fn new(
        inner: S,
        limits: HeadLimits,
        timeouts: ClientTimeouts,
        state: Rc<ConnectionState>,
    ) -> Self {
        let now = Instant::now();
        Self {
            inner,
            framing: Framing::new(limits),
            state,
            held: Vec::new(),
            due: 0,
            refused: None,
            timeouts,
            timer: Box::pin(tokio::time::sleep_until(now + timeouts.head.min(timeouts.idle))),
            // A connection that says nothing has as long as one that is in its head.
            head_since: Some(now),
            write_since: None,
            linger: None,
        }
    }

    /// Passes on what of `buffer[from..]` may be passed on, and holds back the rest.
    fn admit(&mut self, buffer: &mut ReadBuf<'_>, from: usize) {
        let scan = if self.held.is_empty() {
            let scan = self.framing.scan(&buffer.filled()[from..]);
            let passed = from + scan.passed;
            if passed < buffer.filled().len() {
                self.held.extend_from_slice(&buffer.filled()[passed..]);
                buffer.set_filled(passed);
            }
            scan
        } else {
            self.held.extend_from_slice(&buffer.filled()[from..]);
            buffer.set_filled(from);
            let scan = self.framing.scan(&self.held);
            self.due = scan.passed;
            scan
        };
        self.state.count_heads(scan.heads);
        self.head_since = match self.head_since {
            Some(since) if scan.passed == 0 => Some(since),
            _ => self.framing.is_in_head().then(Instant::now),
        };
        match scan.violation {
            Some((violation, Within::Body)) => {
                self.state.refuse_body(violation);
                self.refused = Some(Within::Body);
            }
            Some((violation, Within::Head)) => self.refuse(violation),
            None => {}
        }
    }

    /// Puts a harmless head in the place of whatever was held.
    fn refuse(&mut self, violation: Violation) {
        self.state.refuse_next_head(violation);
        self.held.truncate(self.due);
        self.held.extend_from_slice(REPLACEMENT);
        self.due = self.held.len();
        self.refused = Some(Within::Head);
        self.head_since = None;
    }

    fn pass_held(&mut self, buffer: &mut ReadBuf<'_>) {
        let count = self.due.min(buffer.remaining());
        buffer.put_slice(&self.held[..count]);
        self.held.drain(..count);
        self.due -= count;
    }

    /// Whether the client had its time. Wakes the task when it may have.
    fn poll_overdue(&mut self, context: &mut Context<'_>) -> Poll<Overdue> {
        loop {
            ready!(self.timer.as_mut().poll(context));
            let now = Instant::now();
            let deadline = match (self.head_since, self.state.idle_since()) {
                (Some(since), _) if now >= since + self.timeouts.head => {
                    let began = self.framing.is_in_head();
                    return Poll::Ready(if began { Overdue::Head } else { Overdue::Idle });
                }
                (Some(since), _) => since + self.timeouts.head,
                (None, Some(since)) if now >= since + self.timeouts.idle => {
                    return Poll::Ready(Overdue::Idle);
                }
                (None, Some(since)) => since + self.timeouts.idle,
                // A request is under way: its own parts have limits. Look again when the next could be due.
                (None, None) => now + self.timeouts.idle,
            };
            self.timer.as_mut().reset(deadline);
        }
    }
}

enum Overdue {
    Head,
    Idle,
}

impl<S: AsyncRead + Unpin> AsyncRead for StrictStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if this.due > 0 {
                this.pass_held(buffer);
                return Poll::Ready(Ok(()));
            }
            match this.refused {
                // An end here would make hyper give up before the refusal is written.
                Some(Within::Head) => return Poll::Pending,
                // Only after what came before it, or hyper would not know of the request that is refused.
                Some(Within::Body) => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
                None => {}
            }
            let from = buffer.filled().len();
            match Pin::new(&mut this.inner).poll_read(context, buffer) {
                Poll::Ready(Ok(())) if buffer.filled().len() == from => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) => {
                    this.admit(buffer, from);
                    if buffer.filled().len() > from {
                        return Poll::Ready(Ok(()));
                    }
                    if this.framing.is_in_head()
                        && let Some(since) = this.head_since
                    {
                        this.timer.as_mut().reset(since + this.timeouts.head);
                    }
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => match ready!(this.poll_overdue(context)) {
                    Overdue::Head => this.refuse(Violation::HeadTooSlow),
                    Overdue::Idle => return Poll::Ready(Ok(())),
                },
            }
        }
    }
}

impl<S: AsyncRead + Unpin> StrictStream<S> {
    /// Reads and drops what the client still sends, within limits.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(linger) = &mut self.linger else { return Poll::Ready(()) };
        let mut scrap = [0; 8 * 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut scrap);
            match Pin::new(&mut self.inner).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(()))
                    if !buffer.filled().is_empty() && buffer.filled().len() <= linger.bytes =>
                {
                    linger.bytes -= buffer.filled().len();
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending if Instant::now() >= linger.until => return Poll::Ready(()),
                Poll::Pending => return self.timer.as_mut().poll(context),
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> StrictStream<S> {
    /// Ends a connection whose client takes nothing.
    fn poll_write_overdue<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.write_since = None;
            return written;
        }
        let since = *self.write_since.get_or_insert_with(Instant::now);
        let deadline = since + self.timeouts.write;
        if self.timer.deadline() > deadline || self.timer.is_elapsed() {
            self.timer.as_mut().reset(deadline);
        }
        if self.timer.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        if Instant::now() >= deadline {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        self.timer.as_mut().reset(deadline);
        self.timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for StrictStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.poll_write_overdue(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.poll_write_overdue(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.linger.is_none() {
            ready!(Pin::new(&mut this.inner).poll_shutdown(context))?;
            if this.framing.is_between_requests() && this.refused.is_none() {
                return Poll::Ready(Ok(()));
            }
            let until = Instant::now() + LINGER_TIME;
            this.timer.as_mut().reset(until);
            this.linger = Some(Linger { until, bytes: LINGER_BYTES });
        }
        this.poll_linger(context).map(Ok)
    }
}

/// What hyper reads where a head was refused. The service never acts on it.
const REPLACEMENT: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";
const LINGER_TIME: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1024 * 1024;
