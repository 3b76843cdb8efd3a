//! Where one request ends and the next begins, read strictly.
//!
//! hyper forgives some framings that another server would read otherwise: equal `Content-Length` lines, a length
//! beside `Transfer-Encoding`, bare line feeds. Two readings of one byte stream are how requests are smuggled
//! (RFC 9112 §11.2), so this reader follows every byte and refuses what has more than one. It decides nothing else,
//! and it parses heads with the parser that hyper uses, so that both see the same lines.

use std::mem::MaybeUninit;

use super::chunked::{Chunked, Progress};

/// Follows the requests of one connection.
pub(crate) struct Framing {
    limits: HeadLimits,
    phase: Phase,
    /// How many bytes of an unfinished head were searched for its end.
    searched: usize,
    /// Where the line that the search is in began.
    line: usize,
}

/// How large a head may be.
#[derive(Debug, Clone, Copy)]
pub struct HeadLimits {
    /// Request line and headers.
    pub bytes: usize,
    /// Header lines; at most [`HeadLimits::MOST_LINES`].
    pub lines: usize,
    /// The request target.
    pub target: usize,
}

impl HeadLimits {
    /// The most header lines that can be allowed.
    pub const MOST_LINES: usize = 256;
}

enum Phase {
    Head,
    Fixed(u64),
    Chunked(Chunked),
    /// A refused request: nothing behind it is read.
    Refused,
}

/// Why a request cannot be read in one way only, or is more than is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Violation {
    #[error("a line feed without a carriage return")]
    BareLineFeed,
    #[error("a request line or header line that is not HTTP/1.1")]
    Malformed,
    #[error("more than one Content-Length")]
    ManyLengths,
    #[error("a Content-Length that is not a number")]
    BadLength,
    #[error("Content-Length beside Transfer-Encoding")]
    LengthAndCoding,
    #[error("a Transfer-Encoding other than chunked")]
    UnknownCoding,
    #[error("Transfer-Encoding in HTTP/1.0")]
    CodingBefore11,
    #[error("no Host, or more than one")]
    Host,
    #[error("a chunk that is not one")]
    BadChunk,
    #[error("a head of more bytes than allowed")]
    HeadTooLarge,
    #[error("more header lines than allowed")]
    TooManyLines,
    #[error("a target of more bytes than allowed")]
    TargetTooLong,
    #[error("a target that is not a path, with or without a query, of the bytes that one may hold")]
    Target,
    #[error("a head that took too long")]
    HeadTooSlow,
}

/// What a stretch of bytes turned out to be.
pub(crate) struct Scan {
    /// How many of the bytes may be passed on. The rest is the beginning of a head, to be shown again with more.
    pub(crate) passed: usize,
    /// How many heads ended in the bytes passed.
    pub(crate) heads: u64,
    /// What stopped the scan.
    pub(crate) violation: Option<(Violation, Within)>,
}

/// Where a violation was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    Head,
    Body,
}

impl Framing {
    pub(crate) fn new(limits: HeadLimits) -> Self {
        Self { limits, phase: Phase::Head, searched: 0, line: 0 }
    }

    /// Whether the last byte seen was the last of a request, or none was seen yet.
    pub(crate) fn is_between_requests(&self) -> bool {
        matches!(self.phase, Phase::Head) && self.searched == 0
    }

    /// Whether a head has begun and not ended.
    pub(crate) fn is_in_head(&self) -> bool {
        matches!(self.phase, Phase::Head) && self.searched > 0
    }

    /// Reads `bytes`, which begin where the last scan's `passed` ended.
    pub(crate) fn scan(&mut self, bytes: &[u8]) -> Scan {
        let mut scan = Scan { passed: 0, heads: 0, violation: None };
        while scan.passed < bytes.len() {
            let rest = &bytes[scan.passed..];
            let step = match &mut self.phase {
                Phase::Head => self.scan_head(rest),
                Phase::Fixed(left) => {
                    let step = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    *left -= u64::try_from(step).expect("usize fits in u64");
                    Ok(Step { length: step, then: (*left == 0).then_some(Phase::Head) })
                }
                Phase::Chunked(chunked) => match chunked.advance(rest) {
                    Progress::More => Ok(Step { length: rest.len(), then: None }),
                    Progress::Done(length) => Ok(Step { length, then: Some(Phase::Head) }),
                    Progress::Refused => Err((Violation::BadChunk, Within::Body)),
                },
                Phase::Refused => Ok(Step { length: 0, then: None }),
            };
            match step {
                Ok(Step { length, then }) => {
                    if matches!(self.phase, Phase::Head) {
                        if length == 0 {
                            break;
                        }
                        (self.searched, self.line) = (0, 0);
                        scan.heads += 1;
                    }
                    scan.passed += length;
                    match then {
                        Some(phase) => self.phase = phase,
                        None if matches!(self.phase, Phase::Refused) => break,
                        None => {}
                    }
                }
                Err(violation) => {
                    self.phase = Phase::Refused;
                    scan.violation = Some(violation);
                    break;
                }
            }
        }
        scan
    }

    /// Takes a whole head, or nothing.
    fn scan_head(&mut self, bytes: &[u8]) -> Result<Step, (Violation, Within)> {
        let refuse = |violation| (violation, Within::Head);
        let Some(length) = self.head_end(bytes).map_err(refuse)? else {
            // The beginning of a head: all of it is held back until the end is there.
            let is_full = bytes.len() >= self.limits.bytes;
            return if is_full { Err(refuse(Violation::HeadTooLarge)) } else { Ok(Step::HOLD) };
        };
        if length > self.limits.bytes {
            return Err(refuse(Violation::HeadTooLarge));
        }
        let then = check_head(&bytes[..length], self.limits).map_err(refuse)?;
        Ok(Step { length, then: Some(then) })
    }

    /// The length of the head that `bytes` begin with, if its end is there. Continues where it last stopped, so that
    /// a head that comes byte by byte costs no more than one that comes at once.
    fn head_end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Violation> {
        for feed in memchr::memchr_iter(b'\n', &bytes[self.searched..]) {
            let feed = self.searched + feed;
            if feed == 0 || bytes[feed - 1] != b'\r' {
                return Err(Violation::BareLineFeed);
            }
            let is_empty = feed - 1 == self.line;
            // One empty line before the request line is to be ignored (RFC 9112 §2.2).
            if is_empty && self.line > 2 {
                return Ok(Some(feed + 1));
            }
            if is_empty && self.line == 2 {
                return Err(Violation::Malformed);
            }
            self.line = feed + 1;
        }
        self.searched = bytes.len();
        Ok(None)
    }
}

struct Step {
    length: usize,
    then: Option<Phase>,
}

impl Step {
    const HOLD: Self = Self { length: 0, then: None };
}

/// What follows the head, if the head is one.
fn check_head(head: &[u8], limits: HeadLimits) -> Result<Phase, Violation> {
    let mut lines = [const { MaybeUninit::uninit() }; HeadLimits::MOST_LINES];
    let mut request = httparse::Request::new(&mut []);
    let allowed = limits.lines.min(HeadLimits::MOST_LINES);
    match request.parse_with_uninit_headers(head, &mut lines[..allowed]) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Violation::TooManyLines),
        Ok(_) | Err(_) => return Err(Violation::Malformed),
    }
    check_target(request.path.unwrap_or_default().as_bytes(), limits)?;
    let before_11 = request.version == Some(0);
    let mut length = None;
    let mut chunked = false;
    let mut hosts = 0;
    for line in request.headers.iter() {
        match line.name.len() {
            4 if line.name.eq_ignore_ascii_case("host") => hosts += 1,
            14 if line.name.eq_ignore_ascii_case("content-length") => {
                let another = length.replace(parse_length(line.value)?);
                another.map_or(Ok(()), |_| Err(Violation::ManyLengths))?;
            }
            17 if line.name.eq_ignore_ascii_case("transfer-encoding") => {
                if before_11 {
                    return Err(Violation::CodingBefore11);
                }
                if chunked || !line.value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Violation::UnknownCoding);
                }
                chunked = true;
            }
            _ => {}
        }
    }
    // HTTP/1.0 had no Host; HTTP/1.1 has exactly one (RFC 9112 §3.2).
    if hosts > 1 || (hosts == 0 && !before_11) {
        return Err(Violation::Host);
    }
    match (length, chunked) {
        (Some(_), true) => Err(Violation::LengthAndCoding),
        (None, true) => Ok(Phase::Chunked(Chunked::new())),
        (Some(length), false) if length > 0 => Ok(Phase::Fixed(length)),
        (_, false) => Ok(Phase::Head),
    }
}

/// Refuses what hyper would answer in its own words, and the fragment, which it would cut off: what a route is found
/// by must be what the client wrote. Which paths have one reading is not decided here.
fn check_target(target: &[u8], limits: HeadLimits) -> Result<(), Violation> {
    if target.len() > limits.target.min(LONGEST_TARGET) {
        return Err(Violation::TargetTooLong);
    }
    let (path, query) = target.split_at(memchr::memchr(b'?', target).unwrap_or(target.len()));
    let is_path = path.first() == Some(&b'/')
        && path.iter().all(|byte| !matches!(byte, b'#' | b'<' | b'>' | b'`' | ..=b' ' | 0x7f));
    let is_query = query.iter().all(|byte| !matches!(byte, b'#' | b'"' | b'<' | b'>' | ..=b' ' | 0x7f));
    if is_path && is_query { Ok(()) } else { Err(Violation::Target) }
}

/// Digits only: no sign, no list, no space within (RFC 9110 §8.6).
fn parse_length(value: &[u8]) -> Result<u64, Violation> {
    if value.is_empty() || value.len() > 18 || !value.iter().all(u8::is_ascii_digit) {
        return Err(Violation::BadLength);
    }
    Ok(value.iter().fold(0, |length, digit| length * 10 + u64::from(digit - b'0')))
}

/// What the `http` crate takes for a target, whatever the limit.
const LONGEST_TARGET: usize = 65_534;

#[cfg(test)]
mod tests;
