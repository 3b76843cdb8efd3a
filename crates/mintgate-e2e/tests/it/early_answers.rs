//! Answers that come before the request is over: what is left of the request is never read as another one.

use std::thread;

use mintgate_e2e::{End, Gateway, Origin, Reply, Request, Wire};

const MIB: usize = 1 << 20;

/// A body that is full of requests.
fn body_of_requests(length: usize, key: &str) -> Vec<u8> {
    let request = format!("GET /smuggled HTTP/1.1\r\nHost: gate.test\r\nAuthorization: Bearer {key}\r\n\r\n");
    request.bytes().cycle().take(length).collect()
}

/// Sends all that it can, whatever is answered meanwhile, then reads the answer and the end.
fn upload(gateway: &Gateway, head: &[u8], body: &[u8]) -> (Reply, End) {
    let mut wire = gateway.connect();
    wire.send(head);
    let mut sending = Wire::of(wire.stream().try_clone().expect("a descriptor is free"));
    let reply = thread::scope(|scope| {
        scope.spawn(move || {
            // The gateway may stop to listen; then the rest stays unsaid.
            let _ = sending.try_send(body);
        });
        wire.reply()
    });
    let (rest, end) = wire.rest();
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    (reply, end)
}

#[test]
fn r36_a_refused_upload_is_answered_readably_and_its_rest_is_no_request() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    for length in [100, 100 * 1024, 10 * MIB - 1] {
        let body = body_of_requests(length, &key);
        let lines = format!("Connection: close\r\nContent-Length: {length}\r\n");
        let head = format!("POST / HTTP/1.1\r\nHost: gate.test\r\n{lines}\r\n");
        let (reply, end) = upload(&gateway, head.as_bytes(), &body);
        reply.assert_refused(401, "credential_required");
        assert_ne!(end, End::StillOpen, "{length}");
        let chunks = [format!("{length:x}\r\n").as_bytes(), &body[..], b"\r\n0\r\n\r\n"].concat();
        let head =
            Request::new("POST", "/").key("mgk_bad").close().lines("Transfer-Encoding: chunked\r\n").bytes();
        let (reply, _) = upload(&gateway, &head, &chunks);
        reply.assert_refused(401, "invalid_token");
    }
    assert_eq!(origin.requests(), []);
}

#[test]
fn r36_a_client_that_reads_only_when_all_is_sent_gets_the_answer() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let body = body_of_requests(10 * MIB - 1, "x");
    let head = format!("POST / HTTP/1.1\r\nHost: gate.test\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut wire = gateway.connect();
    wire.send(head.as_bytes());
    // Fails when the gateway closes before all is said; the answer must be there all the same.
    let _ = wire.try_send(&body);
    wire.reply().assert_refused(401, "credential_required");
    assert_eq!(origin.requests(), []);
}

#[test]
fn r36_what_was_announced_and_not_sent_is_not_waited_for() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let mut wire = gateway.connect();
    wire.send(b"POST / HTTP/1.1\r\nHost: gate.test\r\nContent-Length: 1000\r\n\r\nbegun");
    wire.reply().assert_refused(401, "credential_required");
    // Whatever comes now is body or nothing.
    let _ = wire.try_send(b"GET /smuggled HTTP/1.1\r\nHost: gate.test\r\n\r\n");
    let (heard, end) = wire.rest();
    assert!(heard.is_empty(), "{}", String::from_utf8_lossy(&heard));
    assert_ne!(end, End::StillOpen);
    assert_eq!(origin.connections(), 0);
}

#[test]
fn r36_a_small_refused_body_is_read_over_and_the_connection_serves_on() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    for _ in 0..3 {
        wire.send(&Request::post("/", body_of_requests(200, &key)).bytes());
        wire.reply().assert_refused(401, "credential_required");
    }
    wire.send(&Request::get("/after").key(&key).bytes());
    assert_eq!(wire.reply().status(), 200);
    assert_eq!(origin.the_request().target(), "/after");
}

#[test]
fn r36_a_body_over_the_limit_is_refused_by_its_length_and_by_its_chunks() {
    let origin = Origin::echo();
    let gateway =
        Gateway::builder().limit("body_bytes = \"64KiB\"").origin("orders", origin.address()).start();
    let key = gateway.key_for("alice");
    let body = body_of_requests(256 * 1024, &key);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: gate.test\r\nAuthorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let (reply, _) = upload(&gateway, head.as_bytes(), &body);
    reply.assert_refused(413, "body_too_large");
    let head = Request::new("POST", "/").key(&key).lines("Transfer-Encoding: chunked\r\n").bytes();
    let chunks = [format!("{:x}\r\n", body.len()).as_bytes(), &body[..], b"\r\n0\r\n\r\n"].concat();
    let (reply, _) = upload(&gateway, &head, &chunks);
    reply.assert_refused(413, "body_too_large");
    assert_eq!(origin.requests(), [], "no whole request came");
    let just = vec![b'a'; 64 * 1024];
    assert_eq!(gateway.ask(&Request::post("/", just).key(&key)).status(), 200);
}

#[test]
fn r36_an_origin_that_answers_before_it_has_read_the_body_is_heard() {
    let origin = Origin::start(|visit| {
        visit.request_head();
        visit.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        visit.finish();
        visit.wait_for_close();
    });
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let body = body_of_requests(5 * MIB, &key);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: gate.test\r\nAuthorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let (reply, _) = upload(&gateway, head.as_bytes(), &body);
    assert_eq!((reply.status(), reply.text().as_str()), (403, "no"));
    assert_eq!(origin.connections(), 1);
}

#[test]
fn nothing_is_asked_for_before_the_key_is_checked() {
    let origin = Origin::echo();
    let gateway =
        Gateway::builder().limit("body_bytes = \"64KiB\"").origin("orders", origin.address()).start();
    let key = gateway.key_for("alice");
    let waiting = |request: Request, length: usize| {
        let mut wire = gateway.connect();
        let lines = format!("Expect: 100-continue\r\nContent-Length: {length}\r\n");
        wire.send(&request.lines(lines).bytes());
        wire
    };
    let mut wire = waiting(Request::new("POST", "/"), 5);
    assert!(wire.head().start.starts_with("HTTP/1.1 401 "), "no 100 without a key");
    let mut wire = waiting(Request::new("POST", "/").key(&key), 65 * 1024);
    assert!(wire.head().start.starts_with("HTTP/1.1 413 "), "no 100 for what is too large");
    let mut wire = waiting(Request::new("POST", "/").key(&key), 5);
    assert_eq!(wire.head().start, "HTTP/1.1 100 Continue");
    wire.send(b"hello");
    assert_eq!(wire.reply().json()["body"], "hello");
    assert_eq!(origin.the_request().header("expect"), None);
    let other = Request::post("/", "hello").key(&key).header("Expect", "a-miracle");
    gateway.ask(&other).assert_refused(417, "expectation_failed");
    assert_eq!(origin.requests().len(), 1);
}
