//! The chunked coding, read strictly (RFC 9112 §7.1).

/// Follows one chunked body to its end.
pub(crate) struct Chunked {
    state: State,
    /// Bytes of the current size line, or of all trailers.
    spent: usize,
}

/// How far a body has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All bytes belong to the body, which goes on.
    More,
    /// The body ended with the first so many bytes.
    Done(usize),
    /// Not a chunked body.
    Refused,
}

#[derive(Clone, Copy)]
enum State {
    /// At or in the digits of a chunk's size.
    Size {
        size: u64,
        digits: u8,
    },
    /// In an extension, which is ignored.
    Extension {
        size: u64,
    },
    /// Behind the carriage return of the size line.
    SizeFeed {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataReturn,
    DataFeed,
    /// At the beginning of a trailer line.
    TrailerStart,
    Trailer,
    TrailerFeed,
    /// Behind the carriage return of the empty last line.
    LastFeed,
}

impl Chunked {
    pub(crate) fn new() -> Self {
        Self { state: State::Size { size: 0, digits: 0 }, spent: 0 }
    }

    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Progress {
        let mut at = 0;
        while at < bytes.len() {
            if let State::Data { left } = self.state {
                let step = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - at);
                let left = left - u64::try_from(step).expect("usize fits in u64");
                at += step;
                self.state = if left == 0 { State::DataReturn } else { State::Data { left } };
                continue;
            }
            let Some(next) = self.step(bytes[at]) else { return Progress::Refused };
            at += 1;
            match next {
                Next::State(state) => self.state = state,
                Next::End => return Progress::Done(at),
            }
        }
        Progress::More
    }

    /// What a byte outside a chunk's data leads to.
    fn step(&mut self, byte: u8) -> Option<Next> {
        self.spent += 1;
        if self.spent > LONGEST_LINE {
            return None;
        }
        let state = match (self.state, byte) {
            (State::Size { size, digits }, digit) if digit.is_ascii_hexdigit() => {
                if digits == MOST_DIGITS {
                    return None;
                }
                let value = char::from(digit).to_digit(16).expect("a hexadecimal digit");
                State::Size { size: size * 16 + u64::from(value), digits: digits + 1 }
            }
            (State::Size { digits: 0, .. }, _) => return None,
            (State::Size { size, .. } | State::Extension { size }, b'\r') => State::SizeFeed { size },
            (State::Size { size, .. }, b';') | (State::Extension { size }, b'\t' | b' '..=b'~') => {
                State::Extension { size }
            }
            (State::SizeFeed { size }, b'\n') => {
                self.spent = 0;
                if size == 0 { State::TrailerStart } else { State::Data { left: size } }
            }
            (State::DataReturn, b'\r') => State::DataFeed,
            (State::DataFeed, b'\n') => {
                self.spent = 0;
                State::Size { size: 0, digits: 0 }
            }
            (State::TrailerStart, b'\r') => State::LastFeed,
            // A line that begins with white space would continue the one before it.
            (State::TrailerStart, b'!'..=b'~') | (State::Trailer, b'\t' | b' '..=b'~' | 0x80..) => {
                State::Trailer
            }
            (State::Trailer, b'\r') => State::TrailerFeed,
            (State::TrailerFeed, b'\n') => State::TrailerStart,
            (State::LastFeed, b'\n') => return Some(Next::End),
            _ => return None,
        };
        Some(Next::State(state))
    }
}

enum Next {
    State(State),
    End,
}

/// 60 bits: more than any length that is added up elsewhere.
const MOST_DIGITS: u8 = 15;
/// Bytes of a size line with its extensions, or of all trailers.
const LONGEST_LINE: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn run(body: &[u8]) -> Progress {
        let mut chunked = Chunked::new();
        let whole = chunked.advance(body);
        // Byte by byte it must come to the same.
        let mut bytewise = Chunked::new();
        let mut outcome = Progress::More;
        for (position, byte) in body.iter().enumerate() {
            outcome = match bytewise.advance(std::slice::from_ref(byte)) {
                Progress::Done(_) => Progress::Done(position + 1),
                other => other,
            };
            if outcome != Progress::More {
                break;
            }
        }
        assert_eq!(whole, outcome);
        whole
    }

    #[test]
    fn a_body_ends_behind_its_last_line() {
        assert_eq!(run(b"5\r\nhello\r\n0\r\n\r\nGET"), Progress::Done(15));
        assert_eq!(run(b"5;ext=1\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"), Progress::Done(31));
        assert_eq!(run(b"5\r\nhel"), Progress::More);
    }

    #[test]
    fn r34_a_chunk_with_two_readings_is_refused() {
        for body in [
            &b"5\nhello\r\n0\r\n\r\n"[..],
            b"5;a\nb\r\nhello\r\n0\r\n\r\n",
            b"5 \r\nhello\r\n0\r\n\r\n",
            b"+5\r\nhello\r\n0\r\n\r\n",
            b"0x5\r\nhello\r\n0\r\n\r\n",
            b"5\r\nhelloX\r\n0\r\n\r\n",
            b"5\r\nhello\n0\r\n\r\n",
            b"\r\nhello",
            b"0\r\n folded\r\n\r\n",
            b"0\r\nX: a\nb\r\n\r\n",
            b"1000000000000000\r\n",
        ] {
            assert_eq!(run(body), Progress::Refused, "{}", body.escape_ascii());
        }
    }
}
