//! A connection on which exactly the given bytes are said, and what came back. Never waits longer than it is told.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustls::{ClientConfig, ClientConnection, StreamOwned, crypto::aws_lc_rs, pki_types::ServerName};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::{answer::Answer, target::Target};

/// How connections to the origin are made.
#[derive(Clone)]
pub(crate) struct Dialer {
    target: Target,
    tls: Option<Arc<ClientConfig>>,
    timeout: Duration,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// Nobody listens, or TLS failed.
    NoConnection,
    /// The connection ended before an answer was whole.
    Closed,
    /// The time was over.
    TimedOut,
    /// What came is not HTTP.
    NotHttp,
}

impl Dialer {
    /// Trusts whom the operating system trusts (`SSL_CERT_FILE` is heard).
    pub(crate) fn new(target: Target, timeout: Duration) -> Result<Self, rustls::Error> {
        let tls = target.is_tls().then(|| {
            let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?;
            Ok::<_, rustls::Error>(Arc::new(builder.with_platform_verifier()?.with_no_client_auth()))
        });
        Ok(Self { target, tls: tls.transpose()?, timeout })
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// How long an answer may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn dial(&self) -> Result<Wire, NoAnswer> {
        let plain = TcpStream::connect_timeout(&self.target.address(), self.timeout);
        let plain = plain.map_err(|_| NoAnswer::NoConnection)?;
        // An origin that reads nothing must not hold us either.
        let bounded = plain.set_write_timeout(Some(self.timeout)).and_then(|()| plain.set_nodelay(true));
        bounded.map_err(|_| NoAnswer::NoConnection)?;
        let stream = match &self.tls {
            None => Stream::Plain(plain),
            Some(config) => {
                let name = ServerName::try_from(self.target.host().to_owned());
                let name = name.map_err(|_| NoAnswer::NoConnection)?;
                let connection = ClientConnection::new(Arc::clone(config), name);
                let connection = connection.map_err(|_| NoAnswer::NoConnection)?;
                Stream::Tls(Box::new(StreamOwned::new(connection, plain)))
            }
        };
        Ok(Wire { stream, received: Vec::new() })
    }

    /// Says `request` on a connection of its own, and hears the answer. A long one is still being said meanwhile: an
    /// origin that refuses early may read the rest slowly or not at all.
    pub(crate) fn ask(&self, request: &[u8]) -> Result<Answer, NoAnswer> {
        let mut wire = self.dial()?;
        if let (Stream::Plain(stream), true) = (&wire.stream, request.len() > AT_ONCE) {
            let writer = stream.try_clone().map_err(|_| NoAnswer::NoConnection)?;
            return thread::scope(|scope| {
                scope.spawn(|| (&writer).write_all(request));
                let heard = wire.answer(self.timeout);
                // Whoever has answered need not read the rest.
                let _ = writer.shutdown(Shutdown::Both);
                heard
            });
        }
        // An origin may answer and close before it has read everything; the answer counts.
        let sent = wire.send(request);
        let heard = wire.answer(self.timeout);
        if sent.is_err() && heard.is_err() { Err(NoAnswer::Closed) } else { heard }
    }
}

/// One connection.
pub(crate) struct Wire {
    stream: Stream,
    /// What was read and not yet taken for an answer.
    received: Vec<u8>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Wire {
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    /// The next answer, after interim ones.
    pub(crate) fn answer(&mut self, patience: Duration) -> Result<Answer, NoAnswer> {
        let start = Instant::now();
        let until = start + patience;
        let mut has_ended = false;
        loop {
            match Answer::parse(&self.received, has_ended) {
                Ok(Some((answer, length))) => {
                    self.received.drain(..length);
                    return Ok(answer);
                }
                Ok(None) if has_ended => return Err(NoAnswer::Closed),
                Ok(None) => {}
                Err(_) => return Err(NoAnswer::NotHttp),
            }
            has_ended = self.receive(until)? == 0;
        }
    }

    fn receive(&mut self, until: Instant) -> Result<usize, NoAnswer> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || self.received.len() > LONGEST_ANSWER {
            return Err(NoAnswer::TimedOut);
        }
        let mut piece = [0; 16 * 1024];
        let read = match &mut self.stream {
            Stream::Plain(stream) => {
                stream.set_read_timeout(Some(left)).and_then(|()| stream.read(&mut piece))
            }
            Stream::Tls(stream) => {
                stream.sock.set_read_timeout(Some(left)).and_then(|()| stream.read(&mut piece))
            }
        };
        match read {
            Ok(length) => {
                self.received.extend_from_slice(&piece[..length]);
                Ok(length)
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Err(NoAnswer::TimedOut),
                io::ErrorKind::Interrupted => self.receive(until),
                // Reset, or TLS without its farewell: nothing more will come.
                _ => Ok(0),
            },
        }
    }
}

/// What fits into the buffers of a connection.
const AT_ONCE: usize = 32 * 1024;
const LONGEST_ANSWER: usize = 4 << 20;
