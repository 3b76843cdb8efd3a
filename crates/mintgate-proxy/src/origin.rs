//! One worker's connections to one origin. No other worker sees them, so taking one costs no lock.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, Connection, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use crate::{
    body::{OutboundBody, UploadFault},
    config::{HostHeader, OriginConfig},
    connection::HeadLimits,
    ticks::{Reminder, Ticks},
};

/// The origins of one worker, through changes of the configuration.
#[derive(Clone)]
pub(crate) struct Origins {
    ticks: Rc<Ticks>,
    /// In the order of the configuration in force.
    all: Rc<RefCell<Vec<Rc<Origin>>>>,
}

impl Origins {
    pub(crate) fn new(ticks: Rc<Ticks>) -> Self {
        Self { ticks, all: Rc::default() }
    }

    /// The origins of a configuration. Those that were there with the same settings keep their connections.
    pub(crate) fn take_up(&self, configs: &[OriginConfig]) -> Vec<Rc<Origin>> {
        let mut all = self.all.borrow_mut();
        *all = configs
            .iter()
            .map(|config| {
                let same = all.iter().find(|origin| origin.config == *config);
                same.map_or_else(|| Origin::new(config.clone(), Rc::clone(&self.ticks)), Rc::clone)
            })
            .collect();
        all.clone()
    }

    /// Closes connections that have rested for too long.
    pub(crate) fn prune(&self) {
        for origin in self.all.borrow().iter() {
            origin.prune();
        }
    }
}

/// A protected backend, as one worker reaches it.
pub(crate) struct Origin {
    config: OriginConfig,
    /// What it is told in `Host` by requests that had none.
    authority: HeaderValue,
    /// The most recently used last. A borrow ends before the next await.
    idle: RefCell<VecDeque<Idle>>,
    ticks: Rc<Ticks>,
}

struct Idle {
    link: Link,
    /// The tick at which it came to rest.
    since: u64,
}

/// One connection. It is polled by the request that uses it and by nobody else: a task of its own would have to be
/// woken, scheduled and answered through channels several times a request.
pub(crate) struct Link {
    sender: SendRequest<OutboundBody>,
    /// `None` once it is closed.
    connection: Option<Pin<Box<Http1>>>,
}

type Http1 = Connection<TokioIo<TcpStream>, OutboundBody>;

impl Link {
    /// Moves bytes in both directions as far as they go.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && let Poll::Ready(ended) = connection.as_mut().poll(context)
        {
            if let Err(error) = ended {
                tracing::debug!(%error, "origin connection ended early");
            }
            self.connection = None;
        }
    }

    /// Whether a request can be sent, now. A connection that still has to send the rest of an earlier request, whose
    /// answer came early, is none that waiting would help.
    async fn is_ready(&mut self) -> bool {
        poll_fn(|context| {
            self.drive(context);
            let is_ready = matches!(self.sender.poll_ready(context), Poll::Ready(Ok(())));
            Poll::Ready(is_ready && self.connection.is_some())
        })
        .await
    }
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
    #[error("its answer has a transfer coding other than chunked, or a length beside it")]
    Framing,
    #[error("the request cannot be sent: {0}")]
    Unsendable(hyper::Error),
}

impl Origin {
    fn new(config: OriginConfig, ticks: Rc<Ticks>) -> Rc<Self> {
        let authority = authority(&config);
        Rc::new(Self { config, authority, idle: RefCell::default(), ticks })
    }

    pub(crate) fn config(&self) -> &OriginConfig {
        &self.config
    }

    /// What the origin is told in `Host`, where that is not what the client `said`. HTTP/1.0 clients may say nothing,
    /// but the origin is spoken to in HTTP/1.1.
    pub(crate) fn host_header(&self, said: &str) -> Option<&HeaderValue> {
        match &self.config.host_header {
            HostHeader::Preserve => said.is_empty().then_some(&self.authority),
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
        let upload = request.body().fault();
        let mut spare = None;
        loop {
            let (mut link, rest) = self.link().await?;
            if matches!(rest, Rest::For(rested) if rested >= RISKY_REST) {
                spare = Spare::of(&request);
            }
            let mut sending = pin!(link.sender.try_send_request(request));
            let mut reminder = Reminder::new(&self.ticks, patience);
            let outcome = poll_fn(|context| {
                link.drive(context);
                match sending.as_mut().poll(context) {
                    Poll::Pending if reminder.has_passed(context.waker()) => Poll::Ready(None),
                    polled => polled.map(Some),
                }
            });
            match outcome.await.ok_or(OriginError::ResponseTimeout)? {
                Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                    return Err(OriginError::Switching);
                }
                Ok(response) if !has_one_length(response.headers()) => return Err(OriginError::Framing),
                Ok(response) => return Ok((response, Returning { origin: Rc::clone(self), link, upload })),
                Err(mut error) => {
                    let unsent = error.take_message();
                    let error = error.into_error();
                    let was_closed =
                        error.is_incomplete_message() || error.is_canceled() || error.is_closed();
                    let again = unsent.filter(|_| matches!(rest, Rest::For(_))).or_else(|| {
                        let spare = spare.take().filter(|_| was_closed || is_reset(&error));
                        // What rested as long is as likely to be closed.
                        spare.inspect(|_| self.idle.borrow_mut().clear()).map(Spare::into_request)
                    });
                    request = again.ok_or_else(|| OriginError::from(error))?;
                }
            }
        }
    }

    fn prune(&self) {
        let mut idle = self.idle.borrow_mut();
        while idle.front().is_some_and(|link| self.ticks.since(link.since) >= self.config.idle_timeout) {
            idle.pop_front();
        }
    }

    /// A connection that can take a request.
    async fn link(&self) -> Result<(Link, Rest), OriginError> {
        while let Some(Idle { mut link, since }) = self.take_idle() {
            let rested = self.ticks.since(since);
            if rested < self.config.idle_timeout && link.is_ready().await {
                return Ok((link, Rest::For(rested)));
            }
        }
        Ok((self.connect().await?, Rest::New))
    }

    fn take_idle(&self) -> Option<Idle> {
        self.idle.borrow_mut().pop_back()
    }

    async fn connect(&self) -> Result<Link, OriginError> {
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
        let mut link = Link { sender, connection: Some(Box::pin(connection)) };
        if link.is_ready().await { Ok(link) } else { Err(OriginError::Closed) }
    }
}

/// What a connection did before.
#[derive(Clone, Copy)]
enum Rest {
    /// It was made just now.
    New,
    /// It rested after another request.
    For(Duration),
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

/// hyper goes by the coding and leaves the length standing, and hands on what was coded otherwise as if it were not.
fn has_one_length(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let Some(coding) = codings.next() else { return true };
    coding.as_bytes().eq_ignore_ascii_case(b"chunked")
        && codings.next().is_none()
        && !headers.contains_key(header::CONTENT_LENGTH)
}

fn authority(config: &OriginConfig) -> HeaderValue {
    let host = if config.host.contains(':') { format!("[{}]", config.host) } else { config.host.clone() };
    let authority = if config.port == 80 { host } else { format!("{host}:{}", config.port) };
    HeaderValue::try_from(authority).expect("a host is visible ASCII")
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
    link: Link,
    upload: Option<UploadFault>,
}

impl Returning {
    /// Lets the rest of the answer come.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        self.link.drive(context);
    }

    pub(crate) fn reuse(self) {
        // The answer came before the whole request was sent: nobody would send the rest, and the client would wait.
        if self.upload.is_some_and(|upload| !upload.is_over()) {
            return;
        }
        let mut idle = self.origin.idle.borrow_mut();
        if self.link.connection.is_some() && idle.len() < self.origin.config.idle_connections {
            idle.push_back(Idle { link: self.link, since: self.origin.ticks.now() });
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
