use proptest::prelude::*;

use super::*;

const LIMITS: HeadLimits = HeadLimits { bytes: 1024, lines: 16, target: 256 };

fn violation(bytes: &[u8]) -> Option<Violation> {
    Framing::new(LIMITS).scan(bytes).violation.map(|(violation, _)| violation)
}

fn get(lines: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n").into_bytes()
}

#[test]
fn r34_a_framing_with_two_readings_is_refused() {
    for (lines, expected) in [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Violation::LengthAndCoding),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", Violation::LengthAndCoding),
        ("Content-Length: 5\r\nContent-Length: 5\r\n", Violation::ManyLengths),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", Violation::ManyLengths),
        ("Content-Length: 5, 5\r\n", Violation::BadLength),
        ("Content-Length: +5\r\n", Violation::BadLength),
        ("Content-Length: -5\r\n", Violation::BadLength),
        ("Content-Length:\r\n", Violation::BadLength),
        ("Content-Length: 0x5\r\n", Violation::BadLength),
        ("Content-Length: 99999999999999999999\r\n", Violation::BadLength),
        ("Transfer-Encoding: gzip\r\n", Violation::UnknownCoding),
        ("Transfer-Encoding: chunked, gzip\r\n", Violation::UnknownCoding),
        ("Transfer-Encoding: gzip, chunked\r\n", Violation::UnknownCoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Violation::UnknownCoding),
        ("Transfer-Encoding: xchunked\r\n", Violation::UnknownCoding),
        ("Transfer-Encoding : chunked\r\n", Violation::Malformed),
        (": empty\r\n", Violation::Malformed),
        ("X: a\r\n folded\r\n", Violation::Malformed),
        ("X: a\nY: b\r\n", Violation::BareLineFeed),
        ("X: a\rb\r\n", Violation::Malformed),
        ("X: a\0b\r\n", Violation::Malformed),
        ("Host: b\r\n", Violation::Host),
    ] {
        assert_eq!(violation(&get(lines)), Some(expected), "{lines:?}");
    }
    assert_eq!(
        violation(b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Some(Violation::CodingBefore11)
    );
    assert_eq!(violation(b"GET / HTTP/1.1\n\n"), Some(Violation::BareLineFeed));
    assert_eq!(violation(b"GET / HTTP/1.1\r\n\r\n"), Some(Violation::Host));
    assert_eq!(violation(b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"), Some(Violation::Malformed));
    assert_eq!(violation(b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), Some(Violation::Malformed));
}

#[test]
fn heads_over_a_limit_are_told_apart() {
    assert_eq!(violation(&get(&format!("X: {}\r\n", "a".repeat(2000)))), Some(Violation::HeadTooLarge));
    assert_eq!(violation(&vec![b'a'; 2000]), Some(Violation::HeadTooLarge));
    assert_eq!(violation(&get(&"X: a\r\n".repeat(16))), Some(Violation::TooManyLines));
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(300));
    assert_eq!(violation(long.as_bytes()), Some(Violation::TargetTooLong));
}

#[test]
fn r18_a_target_that_is_no_path_is_refused_before_hyper_sees_it() {
    for target in ["*", "http://a/", "a", "a:80", "?x", "/a#b", "/a?b#c", "/a`b", "/a?<"] {
        let head = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(violation(head.as_bytes()), Some(Violation::Target), "{target}");
    }
}

proptest! {
    /// hyper answers what its parser refuses in its own words, without a problem's body.
    #[test]
    fn a_target_that_passes_is_one_for_hyper_too(target in "/[ -~\u{80}-\u{ff}]{0,12}") {
        let head = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        if violation(head.as_bytes()).is_none() {
            let uri: http::Uri = target.parse().expect("hyper takes it");
            prop_assert_eq!(uri.path_and_query().map(http::uri::PathAndQuery::as_str), Some(target.as_str()));
        }
    }
}

#[test]
fn pipelined_requests_are_counted_and_an_unfinished_head_is_held() {
    let stream =
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\nGET /";
    let mut framing = Framing::new(LIMITS);
    let scan = framing.scan(stream);
    assert_eq!((scan.passed, scan.heads), (stream.len() - 5, 2));
    assert!(scan.violation.is_none());
    assert!(framing.is_in_head());
}

#[test]
fn an_empty_line_before_a_request_is_ignored() {
    let stream = b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let scan = Framing::new(LIMITS).scan(stream);
    assert_eq!((scan.passed, scan.heads, scan.violation), (stream.len(), 1, None));
}

#[test]
fn nothing_behind_a_refused_request_is_passed_on() {
    let mut framing = Framing::new(LIMITS);
    let mut stream = get("Content-Length: 1\r\nContent-Length: 1\r\n");
    stream.extend_from_slice(&get(""));
    assert_eq!(framing.scan(&stream).passed, 0);
    assert_eq!(framing.scan(&get("")).passed, 0);
}

proptest! {
    #[test]
    fn the_reading_does_not_depend_on_how_the_bytes_arrive(
        bytes in proptest::collection::vec(prop_oneof![
            Just(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec()),
            Just(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc".to_vec()),
            Just(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_vec()),
            Just(b"\r\n".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..8),
        ], 0..6),
        cut in 1_usize..40,
    ) {
        let stream = bytes.concat();
        let whole = Framing::new(LIMITS).scan(&stream);
        let mut framing = Framing::new(LIMITS);
        let (mut held, mut passed, mut heads, mut refused) = (Vec::new(), 0, 0, None);
        for piece in stream.chunks(cut) {
            held.extend_from_slice(piece);
            let scan = framing.scan(&held);
            held.drain(..scan.passed);
            passed += scan.passed;
            heads += scan.heads;
            refused = refused.or(scan.violation);
            if refused.is_some() {
                break;
            }
        }
        prop_assert_eq!((whole.passed, whole.heads), (passed, heads));
        prop_assert_eq!(whole.violation.map(|(_, within)| within), refused.map(|(_, within)| within));
    }
}
