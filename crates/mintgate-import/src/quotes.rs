//! Whether quotes stand where RFC 4180 has them. Readers of CSV are lenient, and take a file with one quote too many for
//! other rows than its author meant: a key must not be attached to the wrong consumer.

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
    for byte in text {
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
        line += u64::from(*byte == b'\n');
    }
    (at == At::Quoted).then_some(OddQuote { line: opened, message: "a quote is opened and not closed" })
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
