//! The body of an answer, taken out of the bytes that it comes in.
//!
//! Works on whatever has been read; knows of no connection. A chunk has one reading or none (RFC 9112 §7.1).

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::head::AnswerFraming;

/// Follows one body to its end.
pub(super) enum Decoder {
    Fixed { left: u64 },
    Chunked(Chunks),
    UntilClose,
}

/// Where in a chunked body the next byte is.
#[derive(Clone, Copy)]
pub(super) enum Chunks {
    Size,
    Data {
        left: u64,
    },
    /// Behind a chunk's data.
    DataEnd,
    Trailers,
    Over,
}

/// What the bytes read so far come to.
#[derive(Debug, PartialEq)]
pub(super) enum Decoded {
    /// Never empty.
    Data(Bytes),
    /// The body has ended with these.
    Trailers(HeaderMap),
    End,
    /// Nothing before more is read.
    More,
}

/// Not a body of its framing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadBody;

impl Decoder {
    pub(super) fn new(framing: AnswerFraming) -> Self {
        match framing {
            AnswerFraming::Length(left) => Self::Fixed { left },
            AnswerFraming::Chunked => Self::Chunked(Chunks::Size),
            AnswerFraming::UntilClose => Self::UntilClose,
        }
    }

    /// Takes the next piece out of `read`.
    pub(super) fn decode(&mut self, read: &mut BytesMut) -> Result<Decoded, BadBody> {
        match self {
            Self::Fixed { left: 0 } => Ok(Decoded::End),
            Self::Fixed { left } => Ok(take_data(left, read)),
            Self::Chunked(chunks) => chunks.decode(read),
            Self::UntilClose if read.is_empty() => Ok(Decoded::More),
            Self::UntilClose => Ok(Decoded::Data(read.split().freeze())),
        }
    }

    /// Whether the body has ended, as far as can be told without reading more. For asking after a piece of data, so
    /// that the last one is known to be the last.
    pub(super) fn is_over(&mut self, read: &mut BytesMut) -> bool {
        match self {
            Self::Fixed { left } => *left == 0,
            Self::Chunked(chunks) => {
                if matches!(chunks, Chunks::DataEnd) && read.starts_with(LAST) {
                    read.advance(LAST.len());
                    *chunks = Chunks::Over;
                }
                matches!(chunks, Chunks::Over)
            }
            Self::UntilClose => false,
        }
    }

    /// Whether the end of the connection is the end of the body.
    pub(super) fn may_close(&self) -> bool {
        matches!(self, Self::UntilClose)
    }

    /// How much is still to come, where that is known.
    pub(super) fn left(&self) -> Option<u64> {
        match self {
            Self::Fixed { left } => Some(*left),
            Self::Chunked(_) | Self::UntilClose => None,
        }
    }
}

impl Chunks {
    fn decode(&mut self, read: &mut BytesMut) -> Result<Decoded, BadBody> {
        loop {
            match self {
                Self::Size => {
                    let Some(line) = take_line(read)? else { return Ok(Decoded::More) };
                    let size = parse_size(&line)?;
                    *self = if size == 0 { Self::Trailers } else { Self::Data { left: size } };
                }
                Self::Data { left } => {
                    let data = take_data(left, read);
                    if *left == 0 {
                        *self = Self::DataEnd;
                    }
                    return Ok(data);
                }
                Self::DataEnd => {
                    let seen = read.len().min(2);
                    if read[..seen] != b"\r\n"[..seen] {
                        return Err(BadBody);
                    }
                    if seen < 2 {
                        return Ok(Decoded::More);
                    }
                    read.advance(2);
                    *self = Self::Size;
                }
                Self::Trailers => {
                    let Some(block) = take_trailers(read)? else { return Ok(Decoded::More) };
                    *self = Self::Over;
                    return parse_trailers(&block);
                }
                Self::Over => return Ok(Decoded::End),
            }
        }
    }
}

fn take_data(left: &mut u64, read: &mut BytesMut) -> Decoded {
    let length = usize::try_from(*left).unwrap_or(usize::MAX).min(read.len());
    if length == 0 {
        return Decoded::More;
    }
    *left -= u64::try_from(length).expect("usize fits in u64");
    Decoded::Data(read.split_to(length).freeze())
}

/// A line with its end.
fn take_line(read: &mut BytesMut) -> Result<Option<BytesMut>, BadBody> {
    let Some(length) = line_length(read)? else { return Ok(None) };
    Ok(Some(read.split_to(length)))
}

/// The length of the first line of `bytes`, its end included, if that is there.
fn line_length(bytes: &[u8]) -> Result<Option<usize>, BadBody> {
    let seen = &bytes[..bytes.len().min(LONGEST_LINE)];
    match memchr::memchr(b'\n', seen) {
        Some(feed) if feed > 0 && seen[feed - 1] == b'\r' => Ok(Some(feed + 1)),
        None if seen.len() < LONGEST_LINE => Ok(None),
        Some(_) | None => Err(BadBody),
    }
}

/// The size of a chunk. Extensions are ignored, but must be text.
fn parse_size(line: &[u8]) -> Result<u64, BadBody> {
    let line = line.strip_suffix(b"\r\n").ok_or(BadBody)?;
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let extension = &line[digits..];
    let is_extension = extension.first().is_none_or(|first| *first == b';')
        && extension.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    if !(1..=MOST_DIGITS).contains(&digits) || !is_extension {
        return Err(BadBody);
    }
    let digits = std::str::from_utf8(&line[..digits]).map_err(|_| BadBody)?;
    u64::from_str_radix(digits, 16).map_err(|_| BadBody)
}

/// All trailer lines with the empty one behind them.
fn take_trailers(read: &mut BytesMut) -> Result<Option<BytesMut>, BadBody> {
    let mut end = 0;
    while let Some(length) = line_length(&read[end..])? {
        end += length;
        if end > LONGEST_LINE {
            return Err(BadBody);
        }
        if length == 2 {
            return Ok(Some(read.split_to(end)));
        }
    }
    // What has come of the last line counts too, or the limit would depend on how the bytes arrive.
    if read.len() < LONGEST_LINE { Ok(None) } else { Err(BadBody) }
}

fn parse_trailers(block: &[u8]) -> Result<Decoded, BadBody> {
    if block == b"\r\n" {
        return Ok(Decoded::End);
    }
    let mut lines = [httparse::EMPTY_HEADER; MOST_TRAILERS];
    let Ok(httparse::Status::Complete((length, lines))) = httparse::parse_headers(block, &mut lines) else {
        return Err(BadBody);
    };
    if length != block.len() {
        return Err(BadBody);
    }
    let mut trailers = HeaderMap::with_capacity(lines.len());
    for line in lines {
        let name = HeaderName::from_bytes(line.name.as_bytes()).map_err(|_| BadBody)?;
        trailers.append(name, HeaderValue::from_bytes(line.value).map_err(|_| BadBody)?);
    }
    Ok(Decoded::Trailers(trailers))
}

/// What most chunked bodies end with, behind the last data.
const LAST: &[u8] = b"\r\n0\r\n\r\n";
/// Bytes of a size line with its extensions, or of all trailers.
const LONGEST_LINE: usize = 8 * 1024;
/// 60 bits: more than any length that is added up elsewhere.
const MOST_DIGITS: usize = 15;
const MOST_TRAILERS: usize = 64;

#[cfg(test)]
mod tests;
