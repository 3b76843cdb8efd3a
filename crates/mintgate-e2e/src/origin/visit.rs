//! One connection to an origin, as its script sees it.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    sync::Arc,
    time::Duration,
};

use socket2::SockRef;

use super::{Recorded, Shared};
use crate::{
    PATIENCE,
    message::{Head, parse_line},
    wire::find,
};

/// A connection to an origin. Whatever is read from it is kept by the [`super::Origin`].
pub struct Visit {
    stream: Arc<TcpStream>,
    shared: Arc<Shared>,
    connection: usize,
    unread: Vec<u8>,
}

impl Visit {
    pub(super) fn new(stream: TcpStream, shared: Arc<Shared>) -> Self {
        stream.set_read_timeout(Some(3 * PATIENCE)).expect("a time that is not zero");
        stream.set_write_timeout(Some(3 * PATIENCE)).expect("a time that is not zero");
        stream.set_nodelay(true).expect("a connection takes options");
        let stream = Arc::new(stream);
        let connection = shared.enter(Arc::downgrade(&stream));
        Self { stream, shared, connection, unread: Vec::new() }
    }

    /// Which connection it is: 0 for the first.
    #[must_use]
    pub fn number(&self) -> usize {
        self.connection
    }

    /// The next request with its whole body; `None` when the connection ends first.
    pub fn request(&mut self) -> Option<Recorded> {
        let mut request = self.request_head()?;
        if request.head.lists("transfer-encoding", "chunked") {
            loop {
                let line = self.line()?;
                let size = usize::from_str_radix(&line, 16).ok()?;
                if size == 0 {
                    break;
                }
                request.body.extend(self.exactly(size)?);
                self.line()?;
            }
            loop {
                let line = self.line()?;
                if line.is_empty() {
                    break;
                }
                request.trailers.push(parse_line(&line));
            }
        } else if let Some(length) = request.head.all("content-length").first() {
            let length = length.parse().ok()?;
            request.body = self.exactly(length)?;
        }
        self.shared.keep_request(request.clone());
        Some(request)
    }

    /// The head of the next request, without reading its body or counting it as a request.
    pub fn request_head(&mut self) -> Option<Recorded> {
        let end = self.read_until(b"\r\n\r\n")?;
        let head_bytes: Vec<u8> = self.unread.drain(..end + 4).collect();
        let head = Head::parse(&head_bytes);
        let connection = self.connection;
        Some(Recorded { connection, head, head_bytes, body: Vec::new(), trailers: Vec::new() })
    }

    /// So many bytes; `None` when the connection ends first.
    pub fn exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.unread.len() < length {
            self.read_more()?;
        }
        Some(self.unread.drain(..length).collect())
    }

    /// Reads and drops so many bytes without keeping them anywhere; `None` when the connection ends first.
    pub fn skip(&mut self, length: usize) -> Option<()> {
        let mut left = length.saturating_sub(self.unread.len());
        self.unread.drain(..self.unread.len().min(length));
        let mut buffer = vec![0; 64 * 1024];
        while left > 0 {
            let most = left.min(buffer.len());
            match (&*self.stream).read(&mut buffer[..most]) {
                Ok(0) | Err(_) => return None,
                Ok(count) => left -= count,
            }
        }
        Some(())
    }

    /// Says bytes. False when nobody takes them.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        (&*self.stream).write_all(bytes).is_ok()
    }

    /// The connection itself.
    #[must_use]
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Says that nothing more will come.
    pub fn finish(&mut self) {
        // The other side may have been first.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Makes the end of the connection, when the script returns, a reset.
    pub fn end_with_reset(&mut self) {
        SockRef::from(&*self.stream).set_linger(Some(Duration::ZERO)).expect("a connection takes options");
    }

    /// Waits until the other side closes.
    pub fn wait_for_close(&mut self) {
        while self.read_more().is_some() {}
    }

    fn line(&mut self) -> Option<String> {
        let end = self.read_until(b"\r\n")?;
        let line = String::from_utf8_lossy(&self.unread[..end]).into_owned();
        self.unread.drain(..end + 2);
        Some(line)
    }

    fn read_until(&mut self, what: &[u8]) -> Option<usize> {
        loop {
            if let Some(end) = find(&self.unread, what) {
                return Some(end);
            }
            self.read_more()?;
        }
    }

    fn read_more(&mut self) -> Option<()> {
        let mut buffer = [0; 16 * 1024];
        match (&*self.stream).read(&mut buffer) {
            Ok(0) | Err(_) => None,
            Ok(count) => {
                self.shared.keep_bytes(self.connection, &buffer[..count]);
                self.unread.extend_from_slice(&buffer[..count]);
                Some(())
            }
        }
    }
}
