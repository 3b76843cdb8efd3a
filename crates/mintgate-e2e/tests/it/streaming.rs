//! Bodies on their way: as they come, as large as they are, and only as fast as the other side takes them.

use std::{
    io::{ErrorKind, Write},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use mintgate_e2e::{End, Gateway, Origin, Request};

const MIB: usize = 1 << 20;
const LENGTH: usize = 100 * MIB;
/// What the gateway may grow by for a body of any length: buffers of both connections, and no more.
const MOST_GROWTH_KB: u64 = 8 * 1024;

fn unlimited(origin: &Origin) -> Gateway {
    Gateway::builder().limit("body_bytes = \"unlimited\"").origin("orders", origin.address()).start()
}

/// Writes until nobody takes more for a while; how much that was.
fn write_until_stalled(mut stream: &std::net::TcpStream, length: usize) -> usize {
    stream.set_write_timeout(Some(Duration::from_millis(400))).expect("a time that is not zero");
    let piece = vec![b'a'; 64 * 1024];
    let mut written = 0;
    while written < length {
        match stream.write(&piece[..piece.len().min(length - written)]) {
            Ok(count) => written += count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
            Err(error) => panic!("{error}"),
        }
    }
    written
}

#[test]
fn a_large_upload_is_passed_on_as_fast_as_the_origin_reads_and_is_kept_nowhere() {
    let (go, may_go) = mpsc::channel::<()>();
    let may_go = Mutex::new(may_go);
    let origin = Origin::start(move |visit| {
        visit.request_head();
        may_go.lock().expect("one visit").recv().expect("the test says go");
        let whole = visit.skip(LENGTH).is_some();
        visit.send(format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{whole}").as_bytes());
    });
    let mut gateway = unlimited(&origin);
    let key = gateway.key_for("alice");
    let before = gateway.process().memory_kb("VmHWM");
    let mut wire = gateway.connect();
    wire.send(&Request::new("POST", "/").key(&key).lines(format!("Content-Length: {LENGTH}\r\n")).bytes());
    let written = write_until_stalled(wire.stream(), LENGTH);
    assert!(written < LENGTH / 2, "nobody reads, and {written} bytes were taken");
    go.send(()).expect("the origin waits");
    let rest = vec![b'a'; MIB];
    wire.stream().set_write_timeout(Some(mintgate_e2e::PATIENCE)).expect("a time that is not zero");
    let mut left = LENGTH - written;
    while left > 0 {
        let step = left.min(rest.len());
        wire.send(&rest[..step]);
        left -= step;
    }
    assert_eq!(wire.reply().text(), "true");
    let grown = gateway.process().memory_kb("VmHWM") - before;
    assert!(grown < MOST_GROWTH_KB, "{grown} kB");
}

#[test]
fn a_large_download_is_passed_on_as_fast_as_the_client_reads_and_is_kept_nowhere() {
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let origin = Origin::start(move |visit| {
        visit.request();
        visit.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n").as_bytes());
        let written = write_until_stalled(visit.stream(), LENGTH);
        tell.lock().expect("one visit").send(written).expect("the test listens");
        visit.stream().set_write_timeout(Some(mintgate_e2e::PATIENCE)).expect("a time that is not zero");
        visit.send(&vec![b'a'; LENGTH - written]);
    });
    let mut gateway = unlimited(&origin);
    let key = gateway.key_for("alice");
    let before = gateway.process().memory_kb("VmHWM");
    let mut wire = gateway.connect();
    wire.send(&Request::get("/").key(&key).bytes());
    let written = told.recv_timeout(mintgate_e2e::PATIENCE).expect("the origin comes to a stand");
    assert!(written < LENGTH / 2, "nobody reads, and {written} bytes were taken");
    assert_eq!(wire.head().one("content-length"), Some(LENGTH.to_string().as_str()));
    wire.skip(LENGTH).expect("all of it");
    let grown = gateway.process().memory_kb("VmHWM") - before;
    assert!(grown < MOST_GROWTH_KB, "{grown} kB");
}

#[test]
fn pieces_are_passed_on_as_they_come_in_both_directions() {
    let origin = Origin::start(|visit| {
        visit.request_head();
        visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while let Some(piece) = visit.exactly(b"4\r\nping\r\n".len()) {
            if piece.starts_with(b"0") {
                break;
            }
            visit.send(b"4\r\npong\r\n");
        }
    });
    let gateway = unlimited(&origin);
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    wire.send(&Request::new("POST", "/").key(&key).lines("Transfer-Encoding: chunked\r\n").bytes());
    // Each answer comes before the next question is asked: nothing waits for the end of anything.
    wire.send(b"4\r\nping\r\n");
    let head = wire.head();
    assert!(
        head.start.starts_with("HTTP/1.1 200 ") && head.lists("transfer-encoding", "chunked"),
        "{head:?}"
    );
    for round in 0..5 {
        assert_eq!(wire.exactly(9).expect("a chunk"), b"4\r\npong\r\n", "{round}");
        wire.send(b"4\r\nping\r\n");
    }
}

#[test]
fn trailers_pass_in_both_directions_but_for_those_that_could_lie() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, Set-Cookie, Content-Length\r\n\r\n\
                  2\r\nok\r\n0\r\nX-Sum: 42\r\nSet-Cookie: a=b\r\nContent-Length: 9\r\n\r\n";
    let origin = Origin::answering(answer);
    let gateway = unlimited(&origin);
    let key = gateway.key_for("alice");
    let lines = "Transfer-Encoding: chunked\r\nTE: trailers\r\nTrailer: X-Sum, Authorization, X_Auth_User, Content_Length\r\n";
    let mut bytes = Request::new("POST", "/").key(&key).lines(lines).bytes();
    bytes.extend_from_slice(b"2\r\nhi\r\n0\r\nX-Sum: 1\r\nAuthorization: Bearer evil\r\nX_Auth_User: evil\r\nContent_Length: 1\r\n\r\n");
    let mut wire = gateway.connect();
    wire.send(&bytes);
    let reply = wire.reply();
    assert_eq!(reply.text(), "ok");
    assert_eq!(lower(&reply.trailers), [("x-sum".to_owned(), "42".to_owned())]);
    let got = origin.the_request();
    assert_eq!(got.body, b"hi");
    assert_eq!(lower(&got.trailers), [("x-sum".to_owned(), "1".to_owned())]);
    assert_eq!(got.header("te"), Some("trailers"));
    origin.assert_never_saw("evil");
}

fn lower(lines: &[(String, String)]) -> Vec<(String, String)> {
    lines.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}

#[test]
fn bodies_arrive_whole_whatever_their_length_and_coding() {
    let origin = Origin::echo();
    let gateway = unlimited(&origin);
    let key = gateway.key_for("alice");
    for length in [0, 1, 1000, 65_535, 65_536, 1_000_000] {
        let body: Vec<u8> = (b'a'..=b'z').cycle().take(length).collect();
        let seen = origin.requests().len();
        assert_eq!(gateway.ask(&Request::post("/", body.clone()).key(&key)).status(), 200);
        let mut bytes = Request::new("POST", "/").key(&key).lines("Transfer-Encoding: chunked\r\n").bytes();
        for chunk in body.chunks(1777) {
            bytes.extend_from_slice(format!("{:X};ext=\"1\"\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        let mut wire = gateway.connect();
        wire.send(&bytes);
        assert_eq!(wire.reply().status(), 200);
        let requests = origin.requests().split_off(seen);
        assert!(requests.len() == 2 && requests.iter().all(|request| request.body == body), "{length}");
    }
}

#[test]
fn a_client_that_leaves_in_the_middle_of_an_answer_ends_it_at_the_origin_too() {
    let (tell, told) = mpsc::channel();
    let tell = Arc::new(Mutex::new(tell));
    let origin = Origin::start(move |visit| {
        visit.request();
        visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
        visit.wait_for_close();
        tell.lock().expect("one visit").send(()).expect("the test listens");
    });
    let gateway = unlimited(&origin);
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    wire.send(&Request::get("/").key(&key).bytes());
    wire.head();
    drop(wire);
    told.recv_timeout(mintgate_e2e::PATIENCE).expect("the origin is told");
}

#[test]
fn an_upload_that_breaks_off_ends_at_the_origin_and_is_no_request() {
    let (tell, told) = mpsc::channel();
    let tell = Arc::new(Mutex::new(tell));
    let origin = Origin::start(move |visit| {
        let whole = visit.request().is_some();
        tell.lock().expect("one visit").send(whole).expect("the test listens");
    });
    let gateway = unlimited(&origin);
    let key = gateway.key_for("alice");
    for (lines, body) in
        [("Content-Length: 10\r\n", &b"hello"[..]), ("Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n")]
    {
        let mut wire = gateway.connect();
        wire.send(&Request::new("POST", "/").key(&key).lines(lines).bytes());
        wire.send(body);
        wire.finish();
        let whole = told.recv_timeout(mintgate_e2e::PATIENCE).expect("the origin is told");
        assert!(!whole, "{lines:?}");
        let (heard, end) = wire.rest();
        assert!(heard.is_empty() || heard.starts_with(b"HTTP/1.1 400 "), "{}", heard.escape_ascii());
        assert_ne!(end, End::StillOpen);
    }
}
