//! How much and how slowly a client may speak.

use std::time::{Duration, Instant};

use mintgate_e2e::{End, Gateway, Origin, Request};

#[test]
fn a_head_over_its_limits_is_refused_and_one_just_under_passes() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .limit("header_bytes = \"16KiB\"")
        .limit("header_count = 20")
        .limit("uri_bytes = \"1KiB\"")
        .origin("orders", origin.address())
        .start();
    let key = gateway.key_for("alice");
    let filled = |bytes: usize| Request::get("/").key(&key).header("X-Filler", &"a".repeat(bytes));
    assert_eq!(gateway.ask(&filled(10_000)).status(), 200);
    assert_eq!(gateway.ask(&filled(16 * 1024 - 200)).status(), 200);
    let over = gateway.ask(&filled(16 * 1024));
    over.assert_refused(431, "headers_too_large");
    assert!(over.head.lists("connection", "close"));
    let many = |lines: usize| Request::get("/").key(&key).lines("X: a\r\n".repeat(lines));
    assert_eq!(gateway.ask(&many(18)).status(), 200, "with Host and Authorization just twenty");
    gateway.ask(&many(19)).assert_refused(431, "headers_too_large");
    let long = |length: usize| Request::get(&format!("/{}", "a".repeat(length - 1))).key(&key);
    assert_eq!(gateway.ask(&long(1024)).status(), 200);
    gateway.ask(&long(1025)).assert_refused(414, "target_too_long");
    let query = Request::get(&format!("/?{}", "a".repeat(1023))).key(&key);
    gateway.ask(&query).assert_refused(414, "target_too_long");
    assert_eq!(origin.requests().len(), 4);
}

#[test]
fn r28_a_megabyte_in_a_header_costs_little_and_is_refused() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let before = gateway.process().memory_kb("VmHWM");
    for text in ["a".repeat(1 << 20), ".".repeat(1 << 20)] {
        for name in ["Authorization: Bearer ", "X-Other: "] {
            let mut wire = gateway.connect();
            wire.send(b"GET / HTTP/1.1\r\nHost: gate.test\r\n");
            // The gateway may have refused before all is said.
            let _ = wire.try_send(format!("{name}{text}\r\n\r\n").as_bytes());
            wire.reply().assert_refused(431, "headers_too_large");
        }
    }
    let grown = gateway.process().memory_kb("VmHWM") - before;
    assert!(grown < 4096, "{grown} kB for what was refused");
    assert_eq!(origin.connections(), 0);
}

#[test]
fn a_token_of_a_megabyte_is_a_bad_key_where_heads_may_be_that_large() {
    let origin = Origin::echo();
    let gateway =
        Gateway::builder().limit("header_bytes = \"1MiB\"").origin("orders", origin.address()).start();
    let token = "a".repeat((1 << 20) - 1000);
    gateway.ask(&Request::get("/").key(&token)).assert_refused(401, "invalid_token");
    assert_eq!(origin.connections(), 0);
}

#[test]
fn a_head_that_comes_too_slowly_is_answered_and_the_connection_closed() {
    let origin = Origin::echo();
    let gateway =
        Gateway::builder().limit("header_timeout = \"1s\"").origin("orders", origin.address()).start();
    let began = Instant::now();
    let mut wire = gateway.connect();
    wire.send(b"GET / HTTP/1.1\r\nHost: gate.test\r\n");
    // A byte now and then is no progress: the time is for the whole head.
    wire.be_patient_for(Duration::from_millis(200));
    while began.elapsed() < Duration::from_millis(700) {
        wire.send(b"X");
        let (heard, end) = wire.rest();
        assert_eq!((heard.len(), end), (0, End::StillOpen), "not before its time");
    }
    wire.be_patient_for(Duration::from_secs(10));
    wire.reply().assert_refused(408, "request_timeout");
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(wire.end(), End::Closed);
    assert_eq!(origin.connections(), 0);
}

#[test]
fn a_connection_that_says_nothing_is_closed_without_a_word() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .limit("header_timeout = \"1s\"")
        .limit("idle_timeout = \"1s\"")
        .origin("orders", origin.address())
        .start();
    let key = gateway.key_for("alice");
    let mut silent = gateway.connect();
    let mut used = gateway.connect();
    used.send(&Request::get("/").key(&key).bytes());
    assert_eq!(used.reply().status(), 200);
    assert_eq!(silent.end(), End::Closed);
    assert_eq!(used.end(), End::Closed);
}

#[test]
fn a_request_under_way_is_not_idle() {
    let origin = Origin::start(|visit| {
        while visit.request().is_some() {
            std::thread::park_timeout(Duration::from_millis(1500));
            visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let gateway = Gateway::builder()
        .limit("header_timeout = \"1s\"")
        .limit("idle_timeout = \"1s\"")
        .origin("orders", origin.address())
        .start();
    let key = gateway.key_for("alice");
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).text(), "ok");
}

#[test]
fn a_body_that_stands_still_is_given_up() {
    let origin = Origin::echo();
    let gateway =
        Gateway::builder().limit("body_idle_timeout = \"1s\"").origin("orders", origin.address()).start();
    let key = gateway.key_for("alice");
    for lines in ["Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n"] {
        let mut wire = gateway.connect();
        wire.send(&Request::new("POST", "/").key(&key).lines(lines).bytes());
        wire.send(b"5\r\nab");
        wire.reply().assert_refused(408, "request_timeout");
        assert_eq!(wire.end(), End::Closed);
    }
    assert_eq!(origin.requests(), [], "an unfinished request is not a request");
}

#[test]
fn a_client_that_takes_nothing_of_its_answer_is_given_up() {
    let origin = Origin::start(|visit| {
        visit.request();
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
        let piece = vec![b'a'; 1 << 20];
        while visit.send(&piece) {}
    });
    let gateway =
        Gateway::builder().limit("body_idle_timeout = \"1s\"").origin("orders", origin.address()).start();
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    wire.send(&Request::get("/").key(&key).bytes());
    // Nothing is read from here on. When the gateway gives up, writing to it fails.
    let began = Instant::now();
    while wire.try_send(b"X").is_ok() {
        assert!(began.elapsed() < Duration::from_secs(15), "the client is not given up");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    assert!(began.elapsed() >= Duration::from_millis(900), "not before its time");
}

#[test]
fn more_connections_than_allowed_wait_for_their_turn() {
    let origin = Origin::echo();
    let gateway = Gateway::builder().limit("connections = 2").origin("orders", origin.address()).start();
    let key = gateway.key_for("alice");
    let ask = Request::get("/").key(&key).bytes();
    let mut first: Vec<_> = (0..2).map(|_| gateway.connect()).collect();
    for wire in &mut first {
        wire.send(&ask);
        assert_eq!(wire.reply().status(), 200);
    }
    let mut third = gateway.connect();
    third.send(&ask);
    third.be_patient_for(Duration::from_millis(300));
    assert_eq!(third.rest().1, End::StillOpen);
    first.pop();
    third.be_patient_for(Duration::from_secs(10));
    assert_eq!(third.reply().status(), 200);
}
