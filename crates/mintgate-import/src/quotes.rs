//! Whether quotes stand where RFC 4180 has them. Readers of CSV are lenient, and take a file with one quote too many for
//! other rows than its author meant: a key must not be attached to the wrong consumer.

use std::ops::Range;

/// A quote that is out of place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OddQuote {
    pub(crate) line: u64,
    pub(crate) message: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Bare,
    Quoted,
    /// After a quote within quotes: the end, or the first half of a quote.
    Closing,
}

/// The first quote that is out of place.
pub(crate) fn first_odd(text: &[u8]) -> Option<OddQuote> {
    let (mut at, mut line, mut opened) = (At::Start, 1, 1);
    for (place, byte) in text.iter().enumerate() {
        at = match (at, byte) {
            (At::Start, b'"') => {
                opened = line;
                At::Quoted
            }
            (At::Bare, b'"') => return Some(OddQuote { line, message: "a quote stands within a cell" }),
            (At::Quoted, b'"') => At::Closing,
            (At::Closing, b'"') | (At::Quoted, _) => At::Quoted,
            (_, b',' | b'\r' | b'\n') => At::Start,
            (At::Closing, _) => return Some(OddQuote { line, message: "text follows a closing quote" }),
            (At::Start | At::Bare, _) => At::Bare,
        };
        line += u64::from(ends_line(text, place));
    }
    (at == At::Quoted).then_some(OddQuote { line: opened, message: "a quote is opened and not closed" })
}

/// How many lines end in a part of a text: in LF, in CR and LF, or in CR alone, as old spreadsheets have it.
pub(crate) fn line_ends(text: &[u8], part: Range<usize>) -> u64 {
    part.map(|place| u64::from(ends_line(text, place))).sum()
}

fn ends_line(text: &[u8], place: usize) -> bool {
    match text[place] {
        b'\n' => true,
        b'\r' => text.get(place + 1) != Some(&b'\n'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_where_they_belong_are_not_odd() {
        for text in ["", "a,\"b\"\n", "\"a\nb\",\"c\"\"d\"\r\n\"\",x", "\"a\""] {
            assert_eq!(first_odd(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_first_quote_out_of_place_is_found_with_its_line() {
        for (text, line, message) in [
            ("a\nb,\"c", 2, "a quote is opened and not closed"),
            ("a\nb\"c\n\"", 2, "a quote stands within a cell"),
            ("a\n\"b\nc\" d\n", 3, "text follows a closing quote"),
        ] {
            assert_eq!(first_odd(text.as_bytes()), Some(OddQuote { line, message }), "{text}");
        }
    }
}
