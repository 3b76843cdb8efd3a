//! The heads of requests to an origin, written; the heads of its answers, read.
//!
//! An answer has one reading or none (RFC 9112 §6.3): what another reader of the same bytes could end elsewhere is
//! refused. How a message is framed is said by this connection and by nothing that a header map holds.

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts, uri::PathAndQuery,
};

/// How the body of a request is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestFraming {
    /// There is none.
    Empty,
    Length(u64),
    Chunked,
}

/// Writes the head of a request.
pub(super) fn write_request(request: &Parts, framing: RequestFraming, into: &mut Vec<u8>) {
    let target = request.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    into.extend_from_slice(request.method.as_str().as_bytes());
    into.push(b' ');
    into.extend_from_slice(target.as_bytes());
    into.extend_from_slice(b" HTTP/1.1\r\n");
    let mut had_length = false;
    for (name, value) in &request.headers {
        if *name == header::CONTENT_LENGTH {
            had_length = true;
        } else if *name != header::TRANSFER_ENCODING {
            write_line(name, value, into);
        }
    }
    match framing {
        RequestFraming::Length(length) => {
            into.extend_from_slice(b"content-length: ");
            into.extend_from_slice(length.to_string().as_bytes());
            into.extend_from_slice(b"\r\n");
        }
        RequestFraming::Chunked => into.extend_from_slice(b"transfer-encoding: chunked\r\n"),
        // The client said that there is nothing. Some origins insist on hearing it.
        RequestFraming::Empty if had_length => into.extend_from_slice(b"content-length: 0\r\n"),
        RequestFraming::Empty => {}
    }
    into.extend_from_slice(b"\r\n");
}

/// Writes one header or trailer.
pub(super) fn write_line(name: &HeaderName, value: &HeaderValue, into: &mut Vec<u8>) {
    into.extend_from_slice(name.as_str().as_bytes());
    into.extend_from_slice(b": ");
    into.extend_from_slice(value.as_bytes());
    into.extend_from_slice(b"\r\n");
}

/// Why an answer is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Nonsense {
    #[error("a line feed without a carriage return")]
    BareLineFeed,
    #[error("a status line or header line that is not HTTP/1")]
    Malformed,
    #[error("a head of more bytes than are read")]
    TooLarge,
    #[error("more header lines than are read")]
    TooManyLines,
    #[error("several lengths")]
    ManyLengths,
    #[error("a length that is not a number")]
    BadLength,
    #[error("a length beside a transfer coding")]
    LengthAndCoding,
    #[error("a transfer coding other than chunked")]
    UnknownCoding,
    #[error("a transfer coding in HTTP/1.0")]
    CodingBefore11,
}

/// Looks for the end of a head, and goes on where it stopped: a head that comes byte by byte costs no more than one
/// that comes at once.
#[derive(Default)]
pub(super) struct HeadSearch {
    searched: usize,
    /// Where the line that the search is in began.
    line: usize,
}

impl HeadSearch {
    /// The length of the head that `bytes` begin with, if its end is there.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Nonsense> {
        // Nothing else begins like this, an empty line included.
        if bytes.first().is_some_and(|first| *first != b'H') {
            return Err(Nonsense::Malformed);
        }
        for feed in memchr::memchr_iter(b'\n', &bytes[self.searched..]) {
            let feed = self.searched + feed;
            if bytes[feed - 1] != b'\r' {
                return Err(Nonsense::BareLineFeed);
            }
            if feed - 1 == self.line {
                return if feed < MOST_BYTES { Ok(Some(feed + 1)) } else { Err(Nonsense::TooLarge) };
            }
            self.line = feed + 1;
        }
        self.searched = bytes.len();
        if bytes.len() < MOST_BYTES { Ok(None) } else { Err(Nonsense::TooLarge) }
    }
}

/// The head of an answer.
#[derive(Debug)]
pub(super) enum Head {
    /// Another one follows (RFC 9110 §15.2).
    Interim,
    /// The connection is to be for something else, which nobody asked for.
    Switching,
    Final(AnswerHead),
}

#[derive(Debug)]
pub(super) struct AnswerHead {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) framing: AnswerFraming,
    /// Whether the origin will take another request on the connection.
    pub(super) persists: bool,
}

/// How the body of an answer is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerFraming {
    Length(u64),
    Chunked,
    UntilClose,
}

/// Reads one whole head of an answer to a request with `method`. The headers share its bytes.
pub(super) fn read_answer(head: &Bytes, method: &Method) -> Result<Head, Nonsense> {
    let mut lines = [const { MaybeUninit::uninit() }; MOST_LINES];
    let mut answer = httparse::Response::new(&mut []);
    let parsed =
        httparse::ParserConfig::default().parse_response_with_uninit_headers(&mut answer, head, &mut lines);
    match parsed {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Nonsense::TooManyLines),
        Ok(_) | Err(_) => return Err(Nonsense::Malformed),
    }
    let status = answer.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(Nonsense::Malformed)?;
    if status == StatusCode::SWITCHING_PROTOCOLS || (*method == Method::CONNECT && status.is_success()) {
        return Ok(Head::Switching);
    }
    if status.is_informational() {
        return Ok(Head::Interim);
    }
    let is_11 = answer.version == Some(1);
    // A few are added on the way to the client.
    let mut headers = HeaderMap::with_capacity(answer.headers.len() + 4);
    let said = read_lines(head, answer.headers, &mut headers)?;
    let framing = said.framing(status, method, is_11)?;
    let persists = framing != AnswerFraming::UntilClose && !said.close && (is_11 || said.keep_alive);
    Ok(Head::Final(AnswerHead { status, headers, framing, persists }))
}

/// Moves the lines of a head into `headers`, but for those which concern nobody but this connection.
fn read_lines(
    head: &Bytes,
    lines: &[httparse::Header<'_>],
    headers: &mut HeaderMap,
) -> Result<Said, Nonsense> {
    let mut said = Said::default();
    for line in lines {
        let passes = match line.name.len() {
            10 if line.name.eq_ignore_ascii_case("connection") => said.connection(line.value),
            14 if line.name.eq_ignore_ascii_case("content-length") => said.length(line.value)?,
            17 if line.name.eq_ignore_ascii_case("transfer-encoding") => said.coding(line.value)?,
            _ => true,
        };
        if passes {
            let name = HeaderName::from_bytes(line.name.as_bytes()).map_err(|_| Nonsense::Malformed)?;
            let value = HeaderValue::from_maybe_shared(head.slice_ref(line.value))
                .map_err(|_| Nonsense::Malformed)?;
            headers.append(name, value);
        }
    }
    Ok(said)
}

/// What the lines of a head say of its connection and its body. Each reading says whether the line passes on.
#[derive(Default)]
struct Said {
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
}

impl Said {
    /// Passes on what names headers that must not pass on, for them to be found.
    fn connection(&mut self, value: &[u8]) -> bool {
        let mut names_headers = false;
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            if option.eq_ignore_ascii_case(b"close") {
                self.close = true;
            } else if option.eq_ignore_ascii_case(b"keep-alive") {
                self.keep_alive = true;
            } else {
                names_headers = true;
            }
        }
        names_headers
    }

    fn length(&mut self, value: &[u8]) -> Result<bool, Nonsense> {
        if value.is_empty() || value.len() > MOST_DIGITS || !value.iter().all(u8::is_ascii_digit) {
            return Err(Nonsense::BadLength);
        }
        let length = value.iter().fold(0, |length, digit| length * 10 + u64::from(digit - b'0'));
        match self.length.replace(length) {
            None => Ok(true),
            Some(same) if same == length => Ok(false),
            Some(_) => Err(Nonsense::ManyLengths),
        }
    }

    fn coding(&mut self, value: &[u8]) -> Result<bool, Nonsense> {
        if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
            return Err(Nonsense::UnknownCoding);
        }
        self.chunked = true;
        Ok(false)
    }

    fn framing(&self, status: StatusCode, method: &Method, is_11: bool) -> Result<AnswerFraming, Nonsense> {
        if self.chunked && self.length.is_some() {
            return Err(Nonsense::LengthAndCoding);
        }
        if self.chunked && !is_11 {
            return Err(Nonsense::CodingBefore11);
        }
        let has_no_body =
            *method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        Ok(match self.length {
            _ if has_no_body => AnswerFraming::Length(0),
            Some(length) => AnswerFraming::Length(length),
            None if self.chunked => AnswerFraming::Chunked,
            None => AnswerFraming::UntilClose,
        })
    }
}

const MOST_BYTES: usize = 64 * 1024;
const MOST_LINES: usize = 256;
/// As many as always fit in a `u64`, even when added up.
const MOST_DIGITS: usize = 18;

#[cfg(test)]
mod tests;
