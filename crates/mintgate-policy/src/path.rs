//! The path of a request, refused unless it has exactly one reading.
//!
//! An origin decodes, cleans up and splits the path by rules of its own. A path that two programs could read as two
//! different ones is a way around a route, so it is refused here rather than repaired: what was matched is, byte for
//! byte, what is forwarded. See `docs/decisions/002-paths.md` for every case.

use std::fmt;

/// The target of a request in origin form: a path in its only spelling, and the query as it came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestPath<'a> {
    target: &'a str,
    path_length: usize,
    // Which of the slow comparisons matching needs; both are false for nearly every request.
    has_escapes: bool,
    has_semicolons: bool,
}

/// Why a request target was refused. The words are for logs; a caller learns only that the request was bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PathRefusal {
    /// Absolute form, authority form, `*`, or nothing: anything that does not begin with a slash.
    #[error("the target does not begin with a slash")]
    NotOriginForm,
    /// A `.` or `..` segment, with or without path parameters.
    #[error("the path has a dot segment")]
    DotSegment,
    /// Two slashes in a row, or a segment that consists of path parameters only.
    #[error("the path has an empty segment")]
    EmptySegment,
    /// A backslash, which some origins take for a slash.
    #[error("the path has a backslash")]
    Backslash,
    /// A control character or a space.
    #[error("the path has a control character or a space")]
    Control,
    /// A raw byte outside ASCII.
    #[error("the path has a raw byte outside ASCII")]
    NotAscii,
    /// A fragment, which has no place in a request.
    #[error("the target has a fragment")]
    Fragment,
    /// A `%` without two hexadecimal digits behind it.
    #[error("the path has a broken escape")]
    BrokenEscape,
    /// `%2f` or `%5c`: a slash or backslash that appears on decoding.
    #[error("the path has an escaped slash or backslash")]
    EscapedSeparator,
    /// `%00` to `%1f` or `%7f`.
    #[error("the path has an escaped control character")]
    EscapedControl,
    /// A letter, digit, `-`, `.`, `_` or `~` that was escaped without need, such as the dots of `%2e%2e`.
    #[error("the path has an escaped letter, digit, dot, dash, underscore or tilde")]
    EscapedUnreserved,
    /// `%25` before two hexadecimal digits: an escape that appears on decoding.
    #[error("the path is escaped twice")]
    EscapedTwice,
    /// Escapes that do not decode to UTF-8.
    #[error("the path's escapes are not UTF-8")]
    NotUtf8,
}

impl<'a> RequestPath<'a> {
    /// Reads a request target as it stood in the request line.
    pub fn parse(target: &'a str) -> Result<Self, PathRefusal> {
        let bytes = target.as_bytes();
        if bytes.first() != Some(&b'/') {
            return Err(PathRefusal::NotOriginForm);
        }
        let mut path = Self { target, path_length: bytes.len(), has_escapes: false, has_semicolons: false };
        let mut at = 0;
        while at < bytes.len() {
            at += match CLASSES[usize::from(bytes[at])] {
                Class::Plain => 1,
                Class::Slash => check_segment_start(&bytes[at + 1..]).map(|()| 1)?,
                Class::Percent => {
                    path.has_escapes = true;
                    let escape = Escape::read(&bytes[at..])?;
                    path.has_semicolons |= escape.byte == b';';
                    escape.length
                }
                Class::Semicolon => {
                    path.has_semicolons = true;
                    1
                }
                Class::Query => {
                    path.path_length = at;
                    break;
                }
                Class::Refused(refusal) => return Err(refusal),
            };
        }
        // A fragment behind the query: no client sends one, and programs differ on where the query then ends.
        if bytes[path.path_length..].contains(&b'#') { Err(PathRefusal::Fragment) } else { Ok(path) }
    }

    /// The path, without the query.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        &self.target[..self.path_length]
    }

    /// What stands behind the `?`, as it came; `None` without a `?`.
    #[must_use]
    pub fn query(&self) -> Option<&'a str> {
        self.target.get(self.path_length + 1..)
    }

    /// Path and query, as they came.
    #[must_use]
    pub fn target(&self) -> &'a str {
        self.target
    }

    /// The segments, joined, without the leading slash. One at the end stays; it opens no segment.
    pub(crate) fn segments(&self) -> &'a str {
        &self.as_str()[1..]
    }

    pub(crate) fn has_escapes(&self) -> bool {
        self.has_escapes
    }

    pub(crate) fn has_semicolons(&self) -> bool {
        self.has_semicolons
    }
}

impl fmt::Debug for RequestPath<'_> {
    /// Without the query, which may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RequestPath").field(&self.as_str()).finish()
    }
}

/// The bytes of `segment` with its escapes decoded. Lazy, so that comparing a segment allocates nothing.
pub(crate) fn decoded(segment: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let byte = *segment.get(at)?;
        let escaped = escaped_byte(&segment[at..]);
        at += if escaped.is_some() { 3 } else { 1 };
        Some(escaped.unwrap_or(byte))
    })
}

/// One escape, or the escapes of one character where it needs several.
struct Escape {
    /// The decoded byte, the first one of several.
    byte: u8,
    /// How many raw bytes it took.
    length: usize,
}

impl Escape {
    /// Reads the escape at the start of `rest`, which begins with `%`.
    fn read(rest: &[u8]) -> Result<Self, PathRefusal> {
        let byte = escaped_byte(rest).ok_or(PathRefusal::BrokenEscape)?;
        match byte {
            b'/' | b'\\' => Err(PathRefusal::EscapedSeparator),
            0..0x20 | 0x7f => Err(PathRefusal::EscapedControl),
            b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                Err(PathRefusal::EscapedUnreserved)
            }
            // Only raw digits count: escaped ones are refused where they stand.
            b'%' if is_hexadecimal(rest.get(3)) && is_hexadecimal(rest.get(4)) => {
                Err(PathRefusal::EscapedTwice)
            }
            0x80.. => Self::read_character(rest),
            _ => Ok(Self { byte, length: 3 }),
        }
    }

    /// A character outside ASCII must stand there whole, escape after escape.
    fn read_character(rest: &[u8]) -> Result<Self, PathRefusal> {
        let mut character = [0; 4];
        for count in 1..=4 {
            character[count - 1] = escaped_byte(&rest[(count - 1) * 3..]).ok_or(PathRefusal::NotUtf8)?;
            match std::str::from_utf8(&character[..count]) {
                Ok(_) => return Ok(Self { byte: character[0], length: count * 3 }),
                Err(error) if error.error_len().is_some() => return Err(PathRefusal::NotUtf8),
                Err(_) => {}
            }
        }
        Err(PathRefusal::NotUtf8)
    }
}

/// What `%XX` at the start of `rest` stands for.
fn escaped_byte(rest: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = *rest else { return None };
    let (high, low) = (char::from(high).to_digit(16)?, char::from(low).to_digit(16)?);
    u8::try_from(high << 4 | low).ok()
}

fn is_hexadecimal(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_hexdigit)
}

/// Refuses a segment that an origin would read as empty or as a dot segment. `rest` begins behind a slash. Path
/// parameters (`..;x`, also escaped) do not hide one: several servers cut them off before they resolve dots.
fn check_segment_start(rest: &[u8]) -> Result<(), PathRefusal> {
    let dots = match rest {
        [b'.', b'.', ..] => 2,
        [b'.', ..] => 1,
        _ => 0,
    };
    let ends = match &rest[dots..] {
        [] | [b'?', ..] => dots > 0,
        [b'/' | b';', ..] | [b'%', b'3', b'b' | b'B', ..] => true,
        _ => false,
    };
    match (ends, dots) {
        (false, _) => Ok(()),
        (true, 0) => Err(PathRefusal::EmptySegment),
        (true, _) => Err(PathRefusal::DotSegment),
    }
}

#[derive(Clone, Copy)]
enum Class {
    Plain,
    Slash,
    Percent,
    Semicolon,
    Query,
    Refused(PathRefusal),
}

/// What to do about each byte. A table, because nearly all bytes are plain and one look-up says so.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 256 {
        if byte <= 0x20 || byte == 0x7f {
            classes[byte] = Class::Refused(PathRefusal::Control);
        } else if byte >= 0x80 {
            classes[byte] = Class::Refused(PathRefusal::NotAscii);
        }
        byte += 1;
    }
    classes[b'/' as usize] = Class::Slash;
    classes[b'%' as usize] = Class::Percent;
    classes[b';' as usize] = Class::Semicolon;
    classes[b'?' as usize] = Class::Query;
    classes[b'#' as usize] = Class::Refused(PathRefusal::Fragment);
    classes[b'\\' as usize] = Class::Refused(PathRefusal::Backslash);
    classes
};
