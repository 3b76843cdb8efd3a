//! One worker's connections to one origin. No other worker sees them, so taking one costs no lock.
//!
//! What is spoken on them is HTTP/1.1 as far as a gateway needs it, written and read in the modules below; why not by
//! hyper, as towards clients, says `docs/decisions/005-data-plane.md`.

mod answer;
mod decoding;
#[cfg(fuzzing)]
mod fuzzing;
mod head;
mod link;
mod outgoing;
mod waiting;

use std::{cell::RefCell, collections::VecDeque, future::poll_fn, io, rc::Rc, time::Duration};

use http::{HeaderValue, Response, request::Parts};
use tokio::{net::TcpStream, time::timeout};

#[cfg(fuzzing)]
pub use self::fuzzing::answer;
pub(crate) use self::{
    answer::{Answer, AnswerBroken, Flow},
    head::Nonsense,
};
use self::{
    link::Link,
    waiting::{Failure, Waiting},
};
use crate::{
    body::{Fault, OutboundBody},
    config::{HostHeader, OriginConfig},
    ticks::Ticks,
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
    link: Box<Link>,
    /// The tick at which it came to rest.
    since: u64,
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
    Nonsense(Nonsense),
    #[error("it switches protocols without having been asked to")]
    Switching,
    #[error("the request cannot be sent: {0}")]
    Unsendable(Fault),
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
        request: &Parts,
        body: OutboundBody,
        patience: Option<Duration>,
    ) -> Result<Response<Answer>, OriginError> {
        let patience = patience.unwrap_or(self.config.response_timeout);
        let may_repeat = matches!(body, OutboundBody::Empty) && request.method.is_idempotent();
        let (mut link, mut is_used) = self.link().await?;
        link.outgoing.begin(request, body);
        loop {
            let mut waiting = Waiting::new(&request.method, &self.ticks, patience);
            match poll_fn(|context| waiting.poll(&mut link, context)).await {
                Ok(head) => return Ok(Answer::begin(self, link, head)),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Unsent) if is_used => {}
                Err(Failure::Unheard) if may_repeat && is_used => {
                    // An origin that closed one is likely to have closed the others, and one repetition is enough.
                    self.idle.borrow_mut().clear();
                }
                Err(Failure::Unsent | Failure::Unheard) => return Err(OriginError::Closed),
            }
            let outgoing = link.outgoing.rewound().ok_or(OriginError::Closed)?;
            (link, is_used) = self.link().await?;
            link.outgoing = outgoing;
        }
    }

    fn prune(&self) {
        let mut idle = self.idle.borrow_mut();
        while idle.front().is_some_and(|link| self.ticks.since(link.since) >= self.config.idle_timeout) {
            idle.pop_front();
        }
    }

    /// A connection that can take a request, and whether it has carried others before.
    async fn link(&self) -> Result<(Box<Link>, bool), OriginError> {
        while let Some(Idle { link, since }) = self.take_idle() {
            if self.ticks.since(since) < self.config.idle_timeout && link.is_quiet() {
                return Ok((link, true));
            }
        }
        // In a box, because it is large, seldom needed, and would be moved with every request.
        Ok((Box::pin(self.connect()).await?, false))
    }

    fn take_idle(&self) -> Option<Idle> {
        self.idle.borrow_mut().pop_back()
    }

    /// Keeps a connection whose answer has ended well, if it can be used again.
    fn keep(&self, link: Box<Link>) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < self.config.idle_connections
            && let Some(link) = link.at_rest()
        {
            idle.push_back(Idle { link, since: self.ticks.now() });
        }
    }

    async fn connect(&self) -> Result<Box<Link>, OriginError> {
        let connecting = TcpStream::connect((self.config.host.as_str(), self.config.port));
        let stream = timeout(self.config.connect_timeout, connecting)
            .await
            .map_err(|_| OriginError::ConnectTimeout)?
            .map_err(OriginError::Connect)?;
        stream.set_nodelay(true).map_err(OriginError::Connect)?;
        Ok(Link::new(stream))
    }
}

fn authority(config: &OriginConfig) -> HeaderValue {
    let host = if config.host.contains(':') { format!("[{}]", config.host) } else { config.host.clone() };
    let authority = if config.port == 80 { host } else { format!("{host}:{}", config.port) };
    HeaderValue::try_from(authority).expect("a host is visible ASCII")
}

#[cfg(test)]
mod tests;
