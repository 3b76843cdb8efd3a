use proptest::prelude::*;

use super::*;

/// The first whole head of `bytes`, read.
fn read(bytes: &[u8], method: &Method) -> Result<Head, Nonsense> {
    let length = HeadSearch::default().end(bytes)?.expect("a whole head");
    read_answer(&Bytes::copy_from_slice(&bytes[..length]), method)
}

fn head_of(lines: &str, method: &Method) -> Result<AnswerHead, Nonsense> {
    match read(format!("{lines}\r\n\r\n").as_bytes(), method)? {
        Head::Final(head) => Ok(head),
        other => panic!("not final: {other:?}"),
    }
}

#[test]
fn the_end_of_a_body_is_where_the_head_says() {
    for (lines, method, framing, persists) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5", Method::GET, AnswerFraming::Length(5), true),
        ("HTTP/1.1 200\r\ncontent-length: 0", Method::GET, AnswerFraming::Length(0), true),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConTent-length: 5",
            Method::GET,
            AnswerFraming::Length(5),
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 05\r\nContent-Length: 5",
            Method::GET,
            AnswerFraming::Length(5),
            true,
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked", Method::GET, AnswerFraming::Chunked, true),
        ("HTTP/1.1 200 OK", Method::GET, AnswerFraming::UntilClose, false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5", Method::HEAD, AnswerFraming::Length(0), true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", Method::HEAD, AnswerFraming::Length(0), true),
        ("HTTP/1.1 204 None", Method::GET, AnswerFraming::Length(0), true),
        ("HTTP/1.1 304 Same\r\nContent-Length: 9", Method::GET, AnswerFraming::Length(0), true),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x, Close",
            Method::GET,
            AnswerFraming::Length(5),
            false,
        ),
        ("HTTP/1.0 200 OK\r\nContent-Length: 5", Method::GET, AnswerFraming::Length(5), false),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive",
            Method::GET,
            AnswerFraming::Length(5),
            true,
        ),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive", Method::GET, AnswerFraming::UntilClose, false),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\nConnection: close",
            Method::GET,
            AnswerFraming::Length(5),
            false,
        ),
    ] {
        let head = head_of(lines, &method).expect("an answer");
        assert_eq!((head.framing, head.persists), (framing, persists), "{method} {lines:?}");
    }
}

#[test]
fn r34_an_answer_with_two_readings_is_refused() {
    for (lines, expected) in [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", Nonsense::LengthAndCoding),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5", Nonsense::LengthAndCoding),
        ("Content-Length: 5\r\nContent-Length: 6", Nonsense::ManyLengths),
        ("Content-Length: 5, 5", Nonsense::BadLength),
        ("Content-Length: +5", Nonsense::BadLength),
        ("Content-Length: -5", Nonsense::BadLength),
        ("Content-Length: 0x5", Nonsense::BadLength),
        ("Content-Length:", Nonsense::BadLength),
        ("Content-Length: 5 5", Nonsense::BadLength),
        ("Content-Length: 99999999999999999999", Nonsense::BadLength),
        ("Transfer-Encoding: gzip", Nonsense::UnknownCoding),
        ("Transfer-Encoding: gzip, chunked", Nonsense::UnknownCoding),
        ("Transfer-Encoding: chunked, chunked", Nonsense::UnknownCoding),
        ("Transfer-Encoding: xchunked", Nonsense::UnknownCoding),
        ("Transfer-Encoding:", Nonsense::UnknownCoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", Nonsense::UnknownCoding),
        ("Transfer-Encoding : chunked", Nonsense::Malformed),
        ("Content-Length : 5", Nonsense::Malformed),
        (" X: a", Nonsense::Malformed),
        ("X: a\r\n folded", Nonsense::Malformed),
        ("X: a\r\n\tfolded", Nonsense::Malformed),
        ("X: a\nY: b", Nonsense::BareLineFeed),
        ("X: a\n\nbody", Nonsense::BareLineFeed),
        ("X: a\rb", Nonsense::Malformed),
        ("X: a\0b", Nonsense::Malformed),
        (": empty", Nonsense::Malformed),
        ("no colon", Nonsense::Malformed),
    ] {
        // What has no body must not be read more kindly: the next reader may not know that it has none.
        for method in [Method::GET, Method::HEAD] {
            let outcome = head_of(&format!("HTTP/1.1 200 OK\r\n{lines}"), &method);
            assert_eq!(outcome.map(|_| ()), Err(expected), "{lines:?}");
        }
    }
    let before = head_of("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", &Method::GET);
    assert_eq!(before.map(|_| ()), Err(Nonsense::CodingBefore11));
}

#[test]
fn what_is_no_status_line_is_refused() {
    for line in [
        "HTTP/2.0 200 OK",
        "HTTP/1.2 200 OK",
        "HTTP/0.9 200 OK",
        "http/1.1 200 OK",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 -20 OK",
        "HTTP/1.1 099 OK",
        "HTTP/1.1 OK",
        "HTTP/1.1  200 OK",
        "HTTP/1.1",
        "HELO",
        "\r\nHTTP/1.1 200 OK",
        "SSH-2.0-x",
        "<html>",
        " HTTP/1.1 200 OK",
        "HTTP/1.1 200 \x01",
    ] {
        let head = format!("{line}\r\nContent-Length: 0");
        assert_eq!(head_of(&head, &Method::GET).map(|_| ()), Err(Nonsense::Malformed), "{line:?}");
    }
}

#[test]
fn heads_beyond_every_measure_are_refused() {
    let mut long = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
    long.resize(MOST_BYTES, b'a');
    assert_eq!(HeadSearch::default().end(&long), Err(Nonsense::TooLarge));
    assert_eq!(HeadSearch::default().end(&long[..MOST_BYTES - 1]), Ok(None));
    long.extend_from_slice(b"\r\n\r\n");
    assert_eq!(HeadSearch::default().end(&long), Err(Nonsense::TooLarge));
    let many = format!("HTTP/1.1 200 OK{}", "\r\nx: y".repeat(MOST_LINES + 1));
    assert_eq!(head_of(&many, &Method::GET).map(|_| ()), Err(Nonsense::TooManyLines));
}

#[test]
fn what_concerns_the_connection_alone_does_not_pass() {
    let head = head_of(
        "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\nContent-Length: 3\r\nX: a\r\nX: b",
        &Method::GET,
    )
    .expect("an answer");
    let lines: Vec<_> = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    assert_eq!(lines, [("content-length", &b"3"[..]), ("x", b"a"), ("x", b"b")]);
    // What it names has to be found by whoever removes it.
    let head = head_of("HTTP/1.1 204 None\r\nConnection: close, X-Hop\r\nX-Hop: 1", &Method::GET);
    assert!(head.expect("an answer").headers.contains_key("connection"));
}

#[test]
fn interim_answers_and_switches_are_told_apart() {
    for (head, method, interim) in [
        (&b"HTTP/1.1 100 Continue\r\n\r\n"[..], Method::POST, true),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", Method::GET, true),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Method::GET, false),
        (b"HTTP/1.1 200 Connected\r\n\r\n", Method::CONNECT, false),
    ] {
        match read(head, &method) {
            Ok(Head::Interim) => assert!(interim, "{}", head.escape_ascii()),
            Ok(Head::Switching) => assert!(!interim, "{}", head.escape_ascii()),
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #[test]
    fn the_end_of_a_head_does_not_depend_on_how_its_bytes_arrive(
        pieces in proptest::collection::vec(prop_oneof![
            Just(b"HTTP/1.1 200 OK\r\n".to_vec()),
            Just(b"X: y\r\n".to_vec()),
            Just(b"\r\n".to_vec()),
            Just(b"\n".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..8),
        ], 0..8),
        cut in 1_usize..20,
    ) {
        let bytes = pieces.concat();
        let whole = HeadSearch::default().end(&bytes);
        let mut search = HeadSearch::default();
        let mut outcome = Ok(None);
        for end in (0..bytes.len()).step_by(cut).map(|start| (start + cut).min(bytes.len())) {
            outcome = search.end(&bytes[..end]);
            if outcome != Ok(None) {
                break;
            }
        }
        prop_assert_eq!(whole, outcome);
    }
}
