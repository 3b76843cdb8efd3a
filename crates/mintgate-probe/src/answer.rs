//! What an origin answered.

use std::time::Duration;

/// A whole answer, after interim ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The bytes are no answer.
#[derive(Debug)]
pub(crate) struct NotHttp;

impl Answer {
    /// Reads the first final answer and says how many bytes it took; `None` while there is more to come.
    pub(crate) fn parse(bytes: &[u8], has_ended: bool) -> Result<Option<(Self, usize)>, NotHttp> {
        let mut start = 0;
        loop {
            let mut lines = [httparse::EMPTY_HEADER; 128];
            let mut head = httparse::Response::new(&mut lines);
            let length = match head.parse(&bytes[start..]).map_err(|_| NotHttp)? {
                httparse::Status::Complete(length) => length,
                httparse::Status::Partial => return Ok(None),
            };
            let status = head.code.ok_or(NotHttp)?;
            start += length;
            if (100..200).contains(&status) {
                continue;
            }
            let headers: Vec<(String, String)> = head.headers.iter().map(line).collect();
            let found = body(&headers, status, &bytes[start..], has_ended)?;
            return Ok(found.map(|(body, length)| (Self { status, headers, body }, start + length)));
        }
    }

    /// All values of a header.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it accepts.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// How long it asks to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.all("retry-after").next()?.parse().ok().map(Duration::from_secs)
    }
}

fn line(header: &httparse::Header<'_>) -> (String, String) {
    (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).trim().to_owned())
}

/// The body and its length on the wire.
fn body(
    headers: &[(String, String)],
    status: u16,
    rest: &[u8],
    has_ended: bool,
) -> Result<Option<(Vec<u8>, usize)>, NotHttp> {
    let value = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    if status == 204 || status == 304 {
        return Ok(Some((Vec::new(), 0)));
    }
    if value("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return chunked(rest);
    }
    if let Some(length) = value("content-length") {
        let length: usize = length.parse().map_err(|_| NotHttp)?;
        // An origin that closes early has still said its status.
        let available = if has_ended { length.min(rest.len()) } else { length };
        return Ok(rest.get(..available).map(|body| (body.to_vec(), available)));
    }
    Ok(has_ended.then(|| (rest.to_vec(), rest.len())))
}

fn chunked(rest: &[u8]) -> Result<Option<(Vec<u8>, usize)>, NotHttp> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let (begin, size) = match httparse::parse_chunk_size(&rest[at..]).map_err(|_| NotHttp)? {
            httparse::Status::Complete(found) => found,
            httparse::Status::Partial => return Ok(None),
        };
        let size = usize::try_from(size).map_err(|_| NotHttp)?;
        let begin = at + begin;
        let Some(end) = begin.checked_add(size).filter(|end| end + 2 <= rest.len()) else { return Ok(None) };
        body.extend_from_slice(&rest[begin..end]);
        at = end + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, has_ended: bool) -> Option<(u16, String, usize)> {
        let found = Answer::parse(text.as_bytes(), has_ended).unwrap();
        found.map(|(answer, length)| {
            (answer.status, String::from_utf8(answer.body).unwrap(), text.len() - length)
        })
    }

    #[test]
    fn bodies_end_by_length_by_chunks_and_with_the_connection() {
        let by_length = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP";
        assert_eq!(read(by_length, false), Some((200, "hi".into(), 4)));
        let by_chunks = "HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nx";
        assert_eq!(read(by_chunks, false), Some((401, "hi".into(), 1)));
        let by_end = "HTTP/1.0 500 No\r\n\r\nhi";
        assert_eq!(read(by_end, false), None);
        assert_eq!(read(by_end, true), Some((500, "hi".into(), 0)));
    }

    #[test]
    fn interim_answers_are_passed_over() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(read(text, false), Some((401, String::new(), 0)));
        assert_eq!(read("HTTP/1.1 100 Continue\r\n\r\n", false), None);
    }

    #[test]
    fn half_an_answer_is_none_yet_and_garbage_is_none_ever() {
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Le", false), None);
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", false), None);
        assert!(Answer::parse(b"SSH-2.0-x\r\n", false).is_err());
    }
}
