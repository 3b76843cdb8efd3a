//! Servers that a gateway forwards to: well-behaved ones and others.

mod recorded;
mod visit;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

pub use self::{recorded::Recorded, visit::Visit};
use crate::{PATIENCE, ports::ReservedPort};

/// A server on threads of its own. It keeps what it got, and ends with this value.
pub struct Origin {
    address: SocketAddr,
    shared: Arc<Shared>,
    _reserved: ReservedPort,
}

#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    book: Mutex<Book>,
    changed: Condvar,
}

/// What came so far.
#[derive(Default)]
struct Book {
    requests: Vec<Recorded>,
    /// Every byte of each connection.
    bytes: Vec<Vec<u8>>,
    /// Open while its visit lasts.
    streams: Vec<Weak<TcpStream>>,
}

impl Origin {
    /// Lets `serve` handle each connection, on a thread of its own. When it returns, the connection is closed.
    #[must_use]
    pub fn start(serve: impl Fn(&mut Visit) + Send + Sync + 'static) -> Self {
        let reserved = ReservedPort::new();
        Self::start_at(reserved, serve)
    }

    /// The same at a chosen place.
    #[must_use]
    pub fn start_at(reserved: ReservedPort, serve: impl Fn(&mut Visit) + Send + Sync + 'static) -> Self {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, reserved.address().port())).expect("a reserved port");
        let address = listener.local_addr().expect("it listens");
        let shared = Arc::new(Shared::default());
        let (serve, accepting) = (Arc::new(serve), Arc::clone(&shared));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.stopping.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let mut visit = Visit::new(stream, Arc::clone(&accepting));
                let serve = Arc::clone(&serve);
                thread::spawn(move || serve(&mut visit));
            }
        });
        Self { address, shared, _reserved: reserved }
    }

    /// Answers every request with what it got, as JSON, and keeps connections open.
    #[must_use]
    pub fn echo() -> Self {
        Self::start(|visit| {
            while let Some(request) = visit.request() {
                visit.send(&request.as_json_reply());
            }
        })
    }

    /// Answers every request with the same bytes, and keeps connections open.
    #[must_use]
    pub fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |visit| {
            while visit.request().is_some() {
                visit.send(&bytes);
            }
        })
    }

    /// Takes requests and never answers.
    #[must_use]
    pub fn hanging() -> Self {
        Self::start(|visit| while visit.request().is_some() {})
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All requests so far, in the order in which their last byte came.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.book().requests.clone()
    }

    /// The only request so far.
    #[must_use]
    pub fn the_request(&self) -> Recorded {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:#?}");
        requests.remove(0)
    }

    /// Waits until there were `count` requests.
    #[must_use]
    pub fn wait_for_requests(&self, count: usize) -> Vec<Recorded> {
        let guard = self.shared.book();
        let (guard, outcome) = self
            .shared
            .changed
            .wait_timeout_while(guard, PATIENCE, |book| book.requests.len() < count)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!outcome.timed_out(), "{} requests came, not {count}", guard.requests.len());
        guard.requests.clone()
    }

    /// Everything that came, a list of bytes for each connection.
    #[must_use]
    pub fn bytes(&self) -> Vec<Vec<u8>> {
        self.shared.book().bytes.clone()
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.book().bytes.len()
    }

    /// Fails the test if `text` stands anywhere in what came.
    pub fn assert_never_saw(&self, text: &str) {
        for bytes in self.bytes() {
            let at = crate::wire::find(&bytes, text.as_bytes());
            assert!(at.is_none(), "the origin saw {text}: {}", String::from_utf8_lossy(&bytes));
        }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts; if that fails, it has ended.
        let _ = TcpStream::connect_timeout(&self.address, PATIENCE);
        for stream in self.shared.book().streams.iter().filter_map(Weak::upgrade) {
            // Wakes whoever reads from it; it may be closed already.
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, stream: Weak<TcpStream>) -> usize {
        let mut book = self.book();
        book.streams.push(stream);
        book.bytes.push(Vec::new());
        book.bytes.len() - 1
    }

    fn keep_bytes(&self, connection: usize, bytes: &[u8]) {
        self.book().bytes[connection].extend_from_slice(bytes);
    }

    fn keep_request(&self, request: Recorded) {
        self.book().requests.push(request);
        self.changed.notify_all();
    }
}
