use proptest::prelude::*;

use super::*;

/// What a whole body comes to.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// Its data, its trailers, and how many bytes lie behind it.
    Whole(Vec<u8>, Option<HeaderMap>, usize),
    /// It goes on.
    Cut(Vec<u8>),
    Bad,
}

/// Decodes `body`, of which `cut` bytes come at a time.
fn decode(framing: AnswerFraming, body: &[u8], cut: usize, asks: bool) -> Outcome {
    let mut decoder = Decoder::new(framing);
    let (mut read, mut data) = (BytesMut::new(), Vec::new());
    let mut coming = body.chunks(cut);
    let rest = |read: &BytesMut, coming: std::slice::Chunks<'_, u8>| {
        read.len() + coming.map(<[u8]>::len).sum::<usize>()
    };
    loop {
        match decoder.decode(&mut read) {
            Err(BadBody) => return Outcome::Bad,
            Ok(Decoded::Data(piece)) => {
                assert!(!piece.is_empty());
                data.extend_from_slice(&piece);
                if asks && decoder.is_over(&mut read) {
                    assert_eq!(decoder.decode(&mut read), Ok(Decoded::End));
                    return Outcome::Whole(data, None, rest(&read, coming));
                }
            }
            Ok(Decoded::Trailers(trailers)) => {
                assert_eq!(decoder.decode(&mut read), Ok(Decoded::End));
                return Outcome::Whole(data, Some(trailers), rest(&read, coming));
            }
            Ok(Decoded::End) => return Outcome::Whole(data, None, rest(&read, coming)),
            Ok(Decoded::More) => match coming.next() {
                Some(piece) => read.extend_from_slice(piece),
                None => return Outcome::Cut(data),
            },
        }
    }
}

fn chunked(body: &[u8]) -> Outcome {
    let whole = decode(AnswerFraming::Chunked, body, body.len(), true);
    assert_eq!(whole, decode(AnswerFraming::Chunked, body, 1, false), "{}", body.escape_ascii());
    whole
}

#[test]
fn a_chunked_body_ends_behind_its_last_line() {
    let hello = |behind| Outcome::Whole(b"hello".to_vec(), None, behind);
    assert_eq!(chunked(b"5\r\nhello\r\n0\r\n\r\n"), hello(0));
    assert_eq!(chunked(b"2\r\nhe\r\n00003\r\nllo\r\n000\r\n\r\nHTTP"), hello(4));
    assert_eq!(chunked(b"5;a=\"b\"\r\nhello\r\n0;last\r\n\r\n"), hello(0));
    assert_eq!(chunked(b"0\r\n\r\n"), Outcome::Whole(Vec::new(), None, 0));
}

#[test]
fn what_ends_before_its_end_is_cut() {
    assert_eq!(chunked(b"5\r\nhel"), Outcome::Cut(b"hel".to_vec()));
    assert_eq!(chunked(b"5\r\nhello\r\n0\r\n"), Outcome::Cut(b"hello".to_vec()));
    assert_eq!(chunked(b"5\r\nhello\r\n0\r\nX: y\r\n"), Outcome::Cut(b"hello".to_vec()));
    assert_eq!(decode(AnswerFraming::Length(6), b"hello", 5, true), Outcome::Cut(b"hello".to_vec()));
    assert!(!Decoder::new(AnswerFraming::Length(1)).may_close());
    assert!(!Decoder::new(AnswerFraming::Chunked).may_close());
}

#[test]
fn trailers_are_read() {
    let Outcome::Whole(_, Some(trailers), 1) = chunked(b"1\r\na\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n!")
    else {
        panic!("a body with trailers");
    };
    assert_eq!(trailers.get_all("x-sum").iter().collect::<Vec<_>>(), ["1", "2"]);
}

#[test]
fn r34_a_chunk_with_two_readings_is_refused() {
    for body in [
        &b"5\nhello\r\n0\r\n\r\n"[..],
        b"5;a\nb\r\nhello\r\n0\r\n\r\n",
        b"5;a\rb\r\nhello\r\n0\r\n\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"\r\nhello",
        b";a\r\nhello",
        b"0\r\n folded: x\r\n\r\n",
        b"0\r\nX: a\r\n b\r\n\r\n",
        b"0\r\nX: a\nb\r\n\r\n",
        b"0\r\nX: a\0\r\n\r\n",
        b"0\r\nno colon\r\n\r\n",
        b"0\r\n\n",
        b"1000000000000000\r\n",
    ] {
        assert_eq!(chunked(body), Outcome::Bad, "{}", body.escape_ascii());
    }
    assert_eq!(chunked(&vec![b'0'; LONGEST_LINE]), Outcome::Bad);
    let many = format!("0\r\n{}\r\n", "x: y\r\n".repeat(LONGEST_LINE / 6));
    assert_eq!(chunked(many.as_bytes()), Outcome::Bad);
}

proptest! {
    #[test]
    fn the_reading_of_a_body_does_not_depend_on_how_its_bytes_arrive(
        pieces in proptest::collection::vec(prop_oneof![
            Just(b"5\r\nhello\r\n".to_vec()),
            Just(b"1;x\r\na\r\n".to_vec()),
            Just(b"0\r\n\r\n".to_vec()),
            Just(b"0\r\nX: y\r\n\r\n".to_vec()),
            Just(b"\r\n".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..6),
        ], 1..8),
        length in proptest::option::of(0_u64..40),
        cut in 1_usize..20,
        asks in any::<bool>(),
    ) {
        let body = pieces.concat();
        let framing = length.map_or(AnswerFraming::Chunked, AnswerFraming::Length);
        let whole = decode(framing, &body, body.len().max(1), true);
        prop_assert_eq!(whole, decode(framing, &body, cut, asks));
    }
}
