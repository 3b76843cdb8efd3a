//! A connection on which a test says exactly what it means to, and hears exactly what came.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use crate::{
    PATIENCE,
    message::{Head, Reply, parse_line, status_of},
};

/// A client's end of a connection.
pub struct Wire {
    stream: TcpStream,
    heard: Vec<u8>,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Properly.
    Closed,
    /// With a reset.
    Reset,
    /// Not within the time.
    StillOpen,
}

/// Sends bytes on a new connection and hears all that comes until it ends.
#[must_use]
pub fn raw(address: SocketAddr, bytes: &[u8]) -> (Vec<u8>, End) {
    let mut wire = Wire::connect(address);
    wire.send(bytes);
    wire.rest()
}

impl Wire {
    /// Connects, or fails the test.
    #[must_use]
    pub fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).expect("somebody listens")
    }

    /// Connects, if somebody listens.
    pub fn try_connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        Ok(Self::of(stream))
    }

    /// Speaks over a connection that exists.
    #[must_use]
    pub fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a connection takes options");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
        stream.set_write_timeout(Some(PATIENCE)).expect("a time that is not zero");
        Self { stream, heard: Vec::new() }
    }

    /// Says bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).expect("the other side takes bytes");
    }

    /// Says bytes, if the other side takes them.
    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Says that nothing more will come.
    pub fn finish(&self) {
        self.stream.shutdown(Shutdown::Write).expect("the connection is open");
    }

    /// How long to wait for what is read next.
    pub fn be_patient_for(&self, patience: Duration) {
        self.stream.set_read_timeout(Some(patience)).expect("a time that is not zero");
    }

    /// The connection itself.
    #[must_use]
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The next head, whatever its status.
    pub fn head(&mut self) -> Head {
        let end = loop {
            if let Some(end) = find(&self.heard, b"\r\n\r\n") {
                break end;
            }
            if let Err(error) = self.hear_more() {
                panic!("no head, but {error} behind {:?}", String::from_utf8_lossy(&self.heard));
            }
        };
        let head = Head::parse(&self.heard[..end]);
        self.heard.drain(..end + 4);
        head
    }

    /// The final reply to a request with `method`, without the interim ones before it.
    pub fn reply_to(&mut self, method: &str) -> Reply {
        self.try_reply_to(method).expect("a whole reply")
    }

    /// The final reply, if all of it comes.
    pub fn try_reply_to(&mut self, method: &str) -> io::Result<Reply> {
        let head = loop {
            let head = self.head();
            if status_of(&head) >= 200 {
                break head;
            }
        };
        let (mut body, mut trailers) = (Vec::new(), Vec::new());
        let bodiless = method == "HEAD" || matches!(status_of(&head), 204 | 304);
        if bodiless {
        } else if head.lists("transfer-encoding", "chunked") {
            trailers = self.chunks(&mut body)?;
        } else if let Some(length) = head.one("content-length") {
            let length = length.parse().expect("a length is a number");
            body = self.exactly(length)?;
        } else {
            let (rest, end) = self.rest();
            assert_eq!(end, End::Closed, "a body without a length must end properly");
            body = rest;
        }
        Ok(Reply { head, body, trailers })
    }

    /// The final reply to a GET.
    pub fn reply(&mut self) -> Reply {
        self.reply_to("GET")
    }

    /// All that comes until the end.
    pub fn rest(&mut self) -> (Vec<u8>, End) {
        let end = loop {
            match self.hear_more() {
                Ok(()) => {}
                Err(error) => break end_of(&error),
            }
        };
        (std::mem::take(&mut self.heard), end)
    }

    /// How the connection ends, when nothing more comes; fails the test when something does.
    pub fn end(&mut self) -> End {
        let (rest, end) = self.rest();
        assert!(rest.is_empty(), "more came: {:?}", String::from_utf8_lossy(&rest));
        end
    }

    /// Exactly so many bytes.
    pub fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.heard.len() < length {
            self.hear_more()?;
        }
        Ok(self.heard.drain(..length).collect())
    }

    /// Reads and drops so many bytes.
    pub fn skip(&mut self, mut length: usize) -> io::Result<()> {
        while length > 0 {
            if self.heard.is_empty() {
                self.hear_more()?;
            }
            let step = length.min(self.heard.len());
            self.heard.drain(..step);
            length -= step;
        }
        Ok(())
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> io::Result<Vec<(String, String)>> {
        loop {
            let line = self.line()?;
            let size = line.split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
            if size == 0 {
                break;
            }
            body.extend(self.exactly(size)?);
            assert_eq!(self.line()?, "", "a chunk ends with its line");
        }
        let mut trailers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(trailers);
            }
            trailers.push(parse_line(&line));
        }
    }

    /// One line, without its end.
    pub fn line(&mut self) -> io::Result<String> {
        let end = loop {
            if let Some(end) = find(&self.heard, b"\r\n") {
                break end;
            }
            self.hear_more()?;
        };
        let line = String::from_utf8_lossy(&self.heard[..end]).into_owned();
        self.heard.drain(..end + 2);
        Ok(line)
    }

    /// Hears something, or why not. An end is an error here.
    fn hear_more(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.heard.extend_from_slice(&buffer[..count]);
                Ok(())
            }
        }
    }
}

fn end_of(error: &io::Error) -> End {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => End::Closed,
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => End::StillOpen,
        _ => End::Reset,
    }
}

pub(crate) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
