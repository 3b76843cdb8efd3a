//! Origins that fail, in every way that they can: the caller gets a whole refusal or a broken connection, never a
//! wrong answer.

use std::{
    sync::{Mutex, mpsc},
    time::{Duration, Instant},
};

use mintgate_e2e::{End, Gateway, Origin, Request, ReservedPort, Visit};

/// What an origin does with a connection.
type Script = fn(&mut Visit);

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn an_origin_that_is_not_there_is_a_502_and_its_return_is_noticed() {
    let reserved = ReservedPort::new();
    let gateway = Gateway::before(reserved.address());
    let key = gateway.key_for("alice");
    let ask = Request::get("/").key(&key);
    gateway.ask(&ask).assert_refused(502, "origin_unreachable");
    let origin = Origin::start_at(reserved, |visit| while visit.request().is_some() && visit.send(OK) {});
    assert_eq!(gateway.ask(&ask).status(), 200);
    drop(origin);
}

#[test]
fn an_origin_that_does_not_answer_in_time_is_a_504() {
    let origin = Origin::hanging();
    let gateway = Gateway::builder()
        .origin_with("orders", origin.address(), "response_timeout = \"300ms\"")
        .route("path = \"/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"")
        .route("path = \"/slow\"\norigin = \"orders\"\nauth = \"api-key\"\ntimeout = \"900ms\"")
        .start();
    let key = gateway.key_for("alice");
    for (path, least, most) in [("/", 300, 800), ("/slow", 900, 3000)] {
        let began = Instant::now();
        gateway.ask(&Request::get(path).key(&key)).assert_refused(504, "origin_timeout");
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(least), "{path}: {took:?}");
        assert!(took < Duration::from_millis(most + 3000), "{path}: {took:?}");
    }
    assert_eq!(origin.connections(), 2, "a connection that still owes an answer is not used again");
}

#[test]
fn an_origin_that_takes_a_connection_and_resets_it_is_a_502() {
    let scripts: [Script; 4] = [
        Visit::end_with_reset,
        |visit| {
            visit.request_head();
            visit.end_with_reset();
        },
        |visit| {
            visit.request();
        },
        |visit| {
            visit.request();
            visit.send(b"HTTP/1.1 200 OK\r\nContent-Le");
            visit.end_with_reset();
        },
    ];
    for (number, script) in scripts.into_iter().enumerate() {
        let origin = Origin::start(script);
        let gateway = Gateway::before(origin.address());
        let key = gateway.key_for("alice");
        for request in [Request::get("/"), Request::post("/", "hello")] {
            let reply = gateway.ask(&request.key(&key));
            assert_eq!(reply.status(), 502, "script {number}");
            reply.assert_refused(502, "origin_unreachable");
        }
    }
}

#[test]
fn an_origin_that_answers_nonsense_is_a_502() {
    for nonsense in [
        &b"hello\r\n\r\n"[..],
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"HTTP/1.1 2OO OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX Y: z\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\nok",
        b"<html>\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ] {
        let shown = nonsense.escape_ascii();
        let origin = Origin::answering(nonsense);
        let gateway = Gateway::before(origin.address());
        let reply = gateway.ask(&Request::get("/").key(&gateway.key_for("alice")));
        assert_eq!(reply.status(), 502, "{shown}: {:?}", reply.head);
        reply.assert_refused(502, "origin_unreachable");
    }
}

#[test]
fn an_answer_with_endless_headers_is_a_502() {
    let origin = Origin::start(|visit| {
        visit.request();
        visit.send(b"HTTP/1.1 200 OK\r\n");
        while visit
            .send(b"X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")
        {
        }
    });
    let mut gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let before = gateway.process().memory_kb("VmHWM");
    gateway.ask(&Request::get("/").key(&key)).assert_refused(502, "origin_unreachable");
    let grown = gateway.process().memory_kb("VmHWM") - before;
    assert!(grown < 4096, "{grown} kB");
}

#[test]
fn an_answer_that_breaks_off_is_cut_off_and_never_ended_falsely() {
    let scripts: [(&str, Script); 5] = [
        ("a length and a reset", |visit| {
            visit.request();
            visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            visit.end_with_reset();
        }),
        ("a length and an end", |visit| {
            visit.request();
            visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        }),
        ("chunks and a reset", |visit| {
            visit.request();
            visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
            visit.end_with_reset();
        }),
        ("chunks and an end", |visit| {
            visit.request();
            visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        }),
        ("chunks and nonsense", |visit| {
            visit.request();
            visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nnonsense\r\n");
            visit.wait_for_close();
        }),
    ];
    for (name, script) in scripts {
        let origin = Origin::start(script);
        let gateway = Gateway::before(origin.address());
        let key = gateway.key_for("alice");
        let mut wire = gateway.connect();
        wire.send(&Request::get("/").key(&key).bytes());
        // A client must be able to tell: the announced length does not come, or the last chunk does not.
        let (heard, end) = wire.rest();
        let heard = String::from_utf8_lossy(&heard).into_owned();
        assert_ne!(end, End::StillOpen, "{name}: {heard}");
        let refused = heard.starts_with("HTTP/1.1 502 ");
        // The reset may come before a byte of the answer was passed on.
        assert!(heard.is_empty() || refused || heard.starts_with("HTTP/1.1 200 "), "{name}: {heard}");
        assert!(!heard.ends_with("0\r\n\r\n"), "{name}: {heard}");
        assert!(!refused || heard.contains("origin_unreachable"), "{name}: {heard}");
    }
}

#[test]
fn an_answer_that_stands_still_is_cut_off() {
    let origin = Origin::start(|visit| {
        visit.request();
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        visit.wait_for_close();
    });
    let gateway =
        Gateway::builder().origin_with("orders", origin.address(), "response_timeout = \"400ms\"").start();
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    wire.send(&Request::get("/").key(&key).bytes());
    assert_eq!(wire.head().one("content-length"), Some("100"));
    let (heard, end) = wire.rest();
    assert_eq!(heard, b"half");
    assert_ne!(end, End::StillOpen);
}

#[test]
fn an_answer_up_to_the_end_of_the_connection_passes_whole() {
    let origin = Origin::start(|visit| {
        visit.request();
        visit.send(b"HTTP/1.1 200 OK\r\n\r\nall of it");
    });
    let gateway = Gateway::before(origin.address());
    let reply = gateway.ask(&Request::get("/").key(&gateway.key_for("alice")));
    assert_eq!((reply.status(), reply.text().as_str()), (200, "all of it"));
    assert_eq!(gateway.ask(&Request::get("/").key(&gateway.key_for("bob"))).text(), "all of it");
}

#[test]
fn what_an_origin_says_unasked_is_nobodys_answer() {
    // The second answer is sent before the second question: by another client's request it must not be taken. One
    // that comes after the question cannot be told from its answer, by nobody.
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let origin = Origin::start(move |visit| {
        visit.request();
        visit.send(OK);
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        tell.lock().expect("no other visit fails").send(()).expect("the test listens");
        visit.request();
    });
    let gateway = Gateway::before(origin.address());
    let keys = [gateway.key_for("alice"), gateway.key_for("bob")];
    for number in 0..10 {
        let reply = gateway.ask(&Request::get("/").key(&keys[number % 2]));
        assert_eq!((reply.status(), reply.text().as_str()), (200, "ok"), "{number}");
        told.recv_timeout(mintgate_e2e::PATIENCE).expect("the origin says too much");
    }
}

#[test]
fn an_origin_that_closed_a_kept_connection_costs_no_request() {
    // Each connection answers one request, promises to stay, and closes.
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let origin = Origin::start(move |visit| {
        visit.request();
        visit.send(OK);
        visit.finish();
        tell.lock().expect("no other visit fails").send(()).expect("the test listens");
    });
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    for number in 0..30 {
        let request = if number % 2 == 0 { Request::get("/") } else { Request::post("/", "hello") };
        wire.send(&request.key(&key).bytes());
        let reply = wire.reply();
        assert_eq!(reply.status(), 200, "request {number}: {}", reply.text());
        told.recv_timeout(mintgate_e2e::PATIENCE).expect("the origin closes");
    }
    assert_eq!(origin.requests().len(), 30, "none was sent twice");
}

#[test]
fn a_request_that_meets_a_connection_as_it_closes_is_sent_again_only_if_it_may_be() {
    // The connection rests, and is closed by the very request that comes next: whether it was acted on, nobody knows.
    let origin = Origin::start(|visit| {
        visit.request();
        visit.send(OK);
        if visit.number() < 2 && visit.request().is_some() {
            visit.end_with_reset();
        }
    });
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let rest = Duration::from_millis(700);
    assert_eq!(gateway.ask(&Request::get("/1").key(&key)).status(), 200);
    std::thread::park_timeout(rest);
    assert_eq!(gateway.ask(&Request::get("/2").key(&key)).status(), 200, "sent again on a fresh connection");
    std::thread::park_timeout(rest);
    gateway.ask(&Request::post("/3", "pay").key(&key)).assert_refused(502, "origin_unreachable");
    let targets: Vec<String> = origin.requests().iter().map(|request| request.target().to_owned()).collect();
    assert_eq!(targets, ["/1", "/2", "/2", "/3"]);
}

#[test]
fn an_answer_that_is_longer_than_it_may_be_is_not_the_beginning_of_the_next() {
    for (method, answer) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n"),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 60\r\n\r\n"),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ] {
        let poisoned = format!("{answer}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        let origin = Origin::start(move |visit| {
            let answer = if visit.number() == 0 { poisoned.as_bytes() } else { OK };
            while visit.request().is_some() && visit.send(answer) {}
        });
        let gateway = Gateway::before(origin.address());
        let (alice, bob) = (gateway.key_for("alice"), gateway.key_for("bob"));
        let mut wire = gateway.connect();
        wire.send(&Request::new(method, "/").key(&alice).bytes());
        assert!(wire.reply_to(method).body.is_empty(), "{answer:?}");
        wire.send(&Request::get("/").key(&bob).bytes());
        let reply = wire.reply();
        assert!(reply.status() == 502 || reply.text() == "ok", "{answer:?}: {}", reply.text());
    }
}

#[test]
fn an_answer_with_two_readings_is_a_502() {
    for lines in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 300\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 2\r\n",
        "X: a\r\n Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{lines}\r\n2\r\nok\r\n0\r\n\r\n");
        let origin = Origin::answering(answer);
        let gateway = Gateway::before(origin.address());
        let reply = gateway.ask(&Request::get("/").key(&gateway.key_for("alice")));
        assert_eq!(reply.status(), 502, "{lines:?}: {:?}", reply.head);
        reply.assert_refused(502, "origin_unreachable");
    }
}

#[test]
fn an_origin_that_only_ever_promises_an_answer_is_a_504() {
    let origin = Origin::start(|visit| {
        visit.request();
        while visit.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n") {}
    });
    let mut gateway =
        Gateway::builder().origin_with("orders", origin.address(), "response_timeout = \"400ms\"").start();
    let key = gateway.key_for("alice");
    let before = gateway.process().memory_kb("VmHWM");
    gateway.ask(&Request::get("/").key(&key)).assert_refused(504, "origin_timeout");
    let grown = gateway.process().memory_kb("VmHWM") - before;
    assert!(grown < 4096, "{grown} kB");
}
