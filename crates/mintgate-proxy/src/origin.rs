//! One worker's connections to one origin. No other worker sees them, so taking one costs no lock.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io,
    rc::Rc,
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use crate::{
    body::OutboundBody,
    config::{HostHeader, OriginConfig},
    connection::HeadLimits,
};

/// A protected backend, as one worker reaches it.
pub(crate) struct Origin {
    config: OriginConfig,
    /// The most recently used last. A borrow ends before the next await.
    idle: RefCell<VecDeque<Idle>>,
}

struct Idle {
    sender: SendRequest<OutboundBody>,
    since: Instant,
}

/// Why an origin gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OriginError {
    #[error("it cannot be connected to: {0}")]
    Connect(io::Error),
    #[error("it took too long to connect to")]
    ConnectTimeout,
    #[error("it took too long to begin an answer")]
    ResponseTimeout,
    #[error("it closed the connection without an answer")]
    Closed,
    #[error("its answer is not HTTP: {0}")]
    Nonsense(hyper::Error),
    #[error("it switches protocols without having been asked to")]
    Switching,
    #[error("the request cannot be sent: {0}")]
    Unsendable(hyper::Error),
}

impl Origin {
    pub(crate) fn new(config: OriginConfig) -> Rc<Self> {
        Rc::new(Self { config, idle: RefCell::default() })
    }

    pub(crate) fn config(&self) -> &OriginConfig {
        &self.config
    }

    /// What the origin is told in `Host`, where that is not what the client said.
    pub(crate) fn host_header(&self) -> Option<&HeaderValue> {
        match &self.config.host_header {
            HostHeader::Preserve => None,
            HostHeader::Fixed(value) => Some(value),
        }
    }

    /// Sends a request and waits for the head of the answer.
    ///
    /// An origin may close an idle connection just as a request is sent on it. Where nothing of the request was
    /// sent, it is sent again. Where something was, and the request has no body and may be repeated
    /// (RFC 9110 §9.2.2), it is sent once more on a fresh connection; not otherwise.
    pub(crate) async fn send(
        self: &Rc<Self>,
        mut request: Request<OutboundBody>,
        patience: Option<Duration>,
    ) -> Result<(Response<Incoming>, Returning), OriginError> {
        let patience = patience.unwrap_or(self.config.response_timeout);
        let mut spare = None;
        loop {
            let (mut sender, rested) = self.connection().await?;
            if rested >= RISKY_REST {
                spare = Spare::of(&request);
            }
            let outcome = timeout(patience, sender.try_send_request(request)).await;
            match outcome.map_err(|_| OriginError::ResponseTimeout)? {
                Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                    return Err(OriginError::Switching);
                }
                Ok(response) => return Ok((response, Returning { origin: Rc::clone(self), sender })),
                Err(mut error) => {
                    let unsent = error.take_message();
                    let error = error.into_error();
                    let was_closed =
                        error.is_incomplete_message() || error.is_canceled() || error.is_closed();
                    let again = unsent.filter(|_| rested > Duration::ZERO).or_else(|| {
                        let spare = spare.take().filter(|_| was_closed || is_reset(&error));
                        // What rested as long is as likely to be closed.
                        spare.inspect(|_| self.idle.borrow_mut().clear()).map(Spare::into_request)
                    });
                    request = again.ok_or_else(|| OriginError::from(error))?;
                }
            }
        }
    }

    /// Closes connections that have rested for too long.
    pub(crate) fn prune(&self) {
        let mut idle = self.idle.borrow_mut();
        while idle.front().is_some_and(|connection| connection.since.elapsed() >= self.config.idle_timeout) {
            idle.pop_front();
        }
    }

    /// A connection that can take a request, and for how long it has rested: zero for a new one.
    async fn connection(&self) -> Result<(SendRequest<OutboundBody>, Duration), OriginError> {
        while let Some(Idle { mut sender, since }) = self.take_idle() {
            let rested = since.elapsed();
            if rested < self.config.idle_timeout && sender.ready().await.is_ok() {
                return Ok((sender, rested.max(Duration::from_nanos(1))));
            }
        }
        Ok((self.connect().await?, Duration::ZERO))
    }

    fn take_idle(&self) -> Option<Idle> {
        self.idle.borrow_mut().pop_back()
    }

    async fn connect(&self) -> Result<SendRequest<OutboundBody>, OriginError> {
        let connecting = TcpStream::connect((self.config.host.as_str(), self.config.port));
        let stream = timeout(self.config.connect_timeout, connecting)
            .await
            .map_err(|_| OriginError::ConnectTimeout)?
            .map_err(OriginError::Connect)?;
        stream.set_nodelay(true).map_err(OriginError::Connect)?;
        let (sender, connection) = http1::Builder::new()
            .writev(false)
            .max_headers(HeadLimits::MOST_LINES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(OriginError::Unsendable)?;
        // Ends by itself with the connection, which ends when its sender is dropped.
        tokio::task::spawn_local(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "origin connection ended early");
            }
        });
        Ok(sender)
    }
}

impl From<hyper::Error> for OriginError {
    fn from(error: hyper::Error) -> Self {
        if error.is_incomplete_message() || error.is_canceled() || error.is_closed() || is_reset(&error) {
            Self::Closed
        } else if error.is_user() {
            Self::Unsendable(error)
        } else {
            Self::Nonsense(error)
        }
    }
}

fn is_reset(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted
        )
    })
}

/// A connection that goes back for reuse when the answer on it has ended well. Dropped instead, it is closed.
pub(crate) struct Returning {
    origin: Rc<Origin>,
    sender: SendRequest<OutboundBody>,
}

impl Returning {
    pub(crate) fn reuse(self) {
        let mut idle = self.origin.idle.borrow_mut();
        if !self.sender.is_closed() && idle.len() < self.origin.config.idle_connections {
            idle.push_back(Idle { sender: self.sender, since: Instant::now() });
        }
    }
}

/// A second copy of a request, for when the first is lost with its connection.
struct Spare {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Spare {
    fn of(request: &Request<OutboundBody>) -> Option<Self> {
        let is_repeatable = request.method().is_idempotent() && matches!(request.body(), OutboundBody::Empty);
        is_repeatable.then(|| Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        })
    }

    fn into_request(self) -> Request<OutboundBody> {
        let mut request = Request::new(OutboundBody::Empty);
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        request
    }
}

/// Origins close what rested for seconds, not what was used just now: only for those is a copy worth its price.
const RISKY_REST: Duration = Duration::from_millis(500);
