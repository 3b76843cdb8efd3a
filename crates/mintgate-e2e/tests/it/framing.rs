//! Where one request ends and the next begins: what has two readings is refused, and nothing behind it is a request.

use mintgate_e2e::{End, Gateway, Origin, Request, Wire};

/// What would be a second request, if it were read as one.
fn smuggled(key: &str) -> String {
    format!("GET /smuggled HTTP/1.1\r\nHost: gate.test\r\nAuthorization: Bearer {key}\r\n\r\n")
}

/// The bytes are answered with one refusal and an end, and the origin hears of nothing.
fn assert_refused_and_closed(gateway: &Gateway, origin: &Origin, bytes: &[u8]) {
    let shown = bytes.escape_ascii().to_string();
    let mut wire = gateway.connect();
    wire.send(bytes);
    let reply = wire.reply();
    assert_eq!(reply.status(), 400, "{shown}: {:?}", reply.head);
    reply.assert_refused(400, "invalid_request");
    assert!(reply.head.lists("connection", "close"), "{shown}: {:?}", reply.head);
    assert_eq!(wire.end(), End::Closed, "{shown}");
    assert_eq!(origin.requests(), [], "{shown}");
}

#[test]
fn r34_a_message_with_two_readings_is_refused_and_its_connection_closed() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let smuggled = smuggled(&key);
    let chunks = format!("0\r\n\r\n{smuggled}");
    for (lines, rest) in [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", &chunks),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", &chunks),
        ("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", &chunks),
        ("Transfer-Encoding: chunked\r\ncontent-length: 0\r\n", &chunks),
        ("Transfer-Encoding: chunked, identity\r\n", &chunks),
        ("Transfer-Encoding: gzip\r\n", &chunks),
        ("Transfer-Encoding: chunked, gzip\r\n", &chunks),
        ("Transfer-Encoding: gzip, chunked\r\n", &chunks),
        ("Transfer-Encoding: identity\r\n", &chunks),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", &chunks),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", &chunks),
        ("Transfer-Encoding: xchunked\r\n", &chunks),
        ("Transfer-Encoding: \"chunked\"\r\n", &chunks),
        ("Transfer-Encoding:\x0bchunked\r\n", &chunks),
        ("Transfer-Encoding: chunked;q=1\r\n", &chunks),
        ("Transfer-Encoding:\r\n", &chunks),
        ("Transfer-Encoding : chunked\r\n", &chunks),
        ("Content-Length: 5\r\nContent-Length: 5\r\n", &smuggled),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", &smuggled),
        ("Content-Length: 0\r\nContent-Length: 90\r\n", &smuggled),
        ("Content-Length: 5, 5\r\n", &smuggled),
        ("Content-Length: 5,6\r\n", &smuggled),
        ("Content-Length:\r\n", &smuggled),
        ("Content-Length:  \r\n", &smuggled),
        ("Content-Length: +5\r\n", &smuggled),
        ("Content-Length: -5\r\n", &smuggled),
        ("Content-Length: 0x5\r\n", &smuggled),
        ("Content-Length: 5 5\r\n", &smuggled),
        ("Content-Length: 5;\r\n", &smuggled),
        ("Content-Length: 18446744073709551621\r\n", &smuggled),
        ("Content-Length : 5\r\n", &smuggled),
        (" Content-Length: 5\r\n", &smuggled),
        ("\tContent-Length: 5\r\n", &smuggled),
        (": 5\r\n", &smuggled),
        ("X\r\n", &smuggled),
        ("X: a\r\n folded\r\n", &smuggled),
        ("X: a\r\n\tContent-Length: 5\r\n", &smuggled),
        ("X: a\nContent-Length: 5\r\n", &smuggled),
        ("X: a\n\nGET /smuggled HTTP/1.1\r\n", &smuggled),
        ("X: a\rContent-Length: 5\r\n", &smuggled),
        ("X: a\0b\r\n", &smuggled),
        ("X: a\x01b\r\n", &smuggled),
        ("X Y: a\r\n", &smuggled),
        ("X\0: a\r\n", &smuggled),
        ("X(: a\r\n", &smuggled),
        ("Caf\u{e9}: a\r\n", &smuggled),
        ("Host: gate.test\r\n", &smuggled),
        ("Host: other.test\r\n", &smuggled),
    ] {
        let head =
            format!("POST / HTTP/1.1\r\nHost: gate.test\r\nAuthorization: Bearer {key}\r\n{lines}\r\n{rest}");
        assert_refused_and_closed(&gateway, &origin, head.as_bytes());
    }
}

#[test]
fn r34_a_request_line_with_two_readings_is_refused_and_its_connection_closed() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let authorization = format!("Authorization: Bearer {key}\r\n");
    for line in [
        "GET / HTTP/1.1\n",
        "GET /\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / HTTP/1.2\r\n",
        "GET / HTTP/0.9\r\n",
        "GET / http/1.1\r\n",
        "GET  / HTTP/1.1\r\n",
        "GET / HTTP/1.1 \r\n",
        "GET / x HTTP/1.1\r\n",
        "GET\t/\tHTTP/1.1\r\n",
        " GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\rX: y\r\n",
        "G(T / HTTP/1.1\r\n",
        "\0GET / HTTP/1.1\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\n",
        "\nGET / HTTP/1.1\r\n",
    ] {
        let bytes = format!("{line}Host: gate.test\r\n{authorization}\r\n{}", smuggled(&key));
        assert_refused_and_closed(&gateway, &origin, bytes.as_bytes());
    }
    let no_host = format!("GET / HTTP/1.1\r\n{authorization}\r\n");
    assert_refused_and_closed(&gateway, &origin, no_host.as_bytes());
}

#[test]
fn r34_a_transfer_coding_in_http_1_0_is_refused_and_its_connection_closed() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    for lines in
        ["Transfer-Encoding: chunked\r\n", "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n"]
    {
        let bytes = format!(
            "POST / HTTP/1.0\r\nHost: gate.test\r\nAuthorization: Bearer {key}\r\n{lines}\r\n0\r\n\r\n{}",
            smuggled(&key)
        );
        assert_refused_and_closed(&gateway, &origin, bytes.as_bytes());
    }
}

#[test]
fn r34_a_chunk_with_two_readings_ends_the_request_and_the_connection() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    for body in [
        "5\nhello\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "5 \r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "\r\n5\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\n folded\r\n\r\n",
        "5\r\nhello\r\n0\r\nX: a\nY: b\r\n\r\n",
        "5\r\nhello\r\nzz\r\n\r\n",
        "g\r\n",
    ] {
        let mut bytes = Request::new("POST", "/").key(&key).lines("Transfer-Encoding: chunked\r\n").bytes();
        bytes.extend_from_slice(body.as_bytes());
        bytes.extend_from_slice(smuggled(&key).as_bytes());
        assert_refused_and_closed(&gateway, &origin, &bytes);
    }
}

#[test]
fn r34_a_refused_head_behind_good_requests_is_answered_in_its_turn() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let mut bytes = Request::get("/one").key(&key).bytes();
    bytes.extend(Request::post("/two", "hello").key(&key).bytes());
    bytes
        .extend(Request::get("/three").key(&key).lines("Content-Length: 1\r\nContent-Length: 1\r\n").bytes());
    bytes.extend(smuggled(&key).as_bytes());
    let mut wire = gateway.connect();
    wire.send(&bytes);
    for target in ["/one", "/two"] {
        let reply = wire.reply();
        assert_eq!((reply.status(), reply.json()["target"].as_str()), (200, Some(target)));
    }
    wire.reply().assert_refused(400, "invalid_request");
    assert_eq!(wire.end(), End::Closed);
    assert_eq!(origin.requests().len(), 2);
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let chunked = Request::new("POST", "/2").key(&key).lines("Transfer-Encoding: chunked\r\n").bytes();
    let pieces = [
        Request::get("/0").key(&key).bytes(),
        Request::post("/1", "hello").key(&key).bytes(),
        [chunked, b"3\r\nabc\r\n0\r\n\r\n".to_vec()].concat(),
        b"\r\n".to_vec(),
        Request::get("/3").key(&key).bytes(),
    ];
    let stream = pieces.concat();
    // At once, in small pieces, and byte by byte: the reading does not depend on how bytes arrive.
    for size in [stream.len(), 7, 1] {
        let mut wire = gateway.connect();
        for piece in stream.chunks(size) {
            wire.send(piece);
        }
        for (number, body) in ["", "hello", "abc", ""].into_iter().enumerate() {
            let reply = wire.reply();
            assert_eq!(reply.json()["target"], format!("/{number}"));
            assert_eq!(reply.json()["body"], body);
        }
    }
    assert_eq!(origin.requests().len(), 12);
}

#[test]
fn r35_an_upgrade_is_no_tunnel() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let request = Request::get("/chat").key(&key).lines(
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n",
    );
    let mut wire = gateway.connect();
    wire.send(&request.bytes());
    // Sent too early: if this were a tunnel by now, the origin would get these bytes as they are.
    wire.send(b"GET /smuggled HTTP/1.1\r\nHost: gate.test\r\n\r\n");
    assert_eq!(wire.reply().status(), 200);
    wire.reply().assert_refused(401, "credential_required");
    let got = origin.the_request();
    assert_eq!((got.header("upgrade"), got.header("connection")), (None, None), "{got:?}");
    origin.assert_never_saw("smuggled");
}

#[test]
fn r35_an_origin_that_switches_protocols_unasked_is_not_believed() {
    let switching =
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\nraw bytes";
    let origin = Origin::answering(&switching[..]);
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    wire.send(&Request::get("/").key(&key).lines("Connection: Upgrade\r\nUpgrade: raw\r\n").bytes());
    wire.reply().assert_refused(502, "origin_unreachable");
    wire.send(&Request::get("/").key(&key).bytes());
    wire.reply().assert_refused(502, "origin_unreachable");
    assert!(origin.requests().iter().all(|request| request.header("upgrade").is_none()));
}

#[test]
fn r37_http_2_with_prior_knowledge_and_by_upgrade_is_refused_or_ignored() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    assert_refused_and_closed(&gateway, &origin, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    let upgrade =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";
    assert_eq!(gateway.ask(&Request::get("/").key(&key).lines(upgrade)).status(), 200);
    let names = origin.the_request().head.names();
    assert!(!names.iter().any(|name| name.contains("upgrade") || name.contains("http2")), "{names:?}");
}

#[test]
fn garbage_on_the_socket_is_refused_and_harms_nobody() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let tls_hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n";
    for bytes in [
        &tls_hello[..],
        b"\0\0\0\0\r\n\r\n",
        &[0xff; 64],
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\n",
        b"\r\n\r\n\r\n",
    ] {
        let mut wire = gateway.connect();
        wire.send(bytes);
        wire.finish();
        let (heard, end) = wire.rest();
        let is_answer = heard.is_empty() || heard.starts_with(b"HTTP/1.1 400 Bad Request\r\n");
        assert!(is_answer && end == End::Closed, "{}: {}", bytes.escape_ascii(), heard.escape_ascii());
    }
    for _ in 0..50 {
        drop(gateway.connect());
    }
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    assert_eq!(origin.requests().len(), 1);
}

#[test]
fn a_client_that_leaves_in_the_middle_of_anything_harms_nobody() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let whole = Request::post("/", "hello").key(&key).bytes();
    for length in (0..whole.len()).step_by(9) {
        let mut wire = Wire::connect(gateway.address());
        wire.send(&whole[..length]);
    }
    assert_eq!(gateway.ask(&Request::get("/after").key(&key)).status(), 200);
    let whole_ones = origin.requests().len();
    assert_eq!(whole_ones, 1, "an unfinished request is not a request");
}
