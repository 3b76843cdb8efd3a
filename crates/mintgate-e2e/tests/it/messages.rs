//! Messages that are not a plain GET over HTTP/1.1: their meaning survives the gate.

use mintgate_e2e::{End, Gateway, Origin, Request};

#[test]
fn answers_without_a_body_have_none() {
    for (method, answer, status, length) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, Some("5")),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, None),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, None),
        ("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", 304, None),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, None),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, Some("0")),
        ("DELETE", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, Some("0")),
    ] {
        let origin = Origin::answering(answer);
        let gateway = Gateway::before(origin.address());
        let key = gateway.key_for("alice");
        let mut wire = gateway.connect();
        // Twice on one connection: a body that is not there would be found in the second answer.
        for _ in 0..2 {
            wire.send(&Request::new(method, "/").key(&key).bytes());
            let reply = wire.reply_to(method);
            assert_eq!((reply.status(), reply.body.len()), (status, 0), "{method} {answer:?}");
            assert_eq!(reply.header("content-length"), length, "{method} {answer:?}");
        }
        assert_eq!(origin.connections(), 1, "{method} {answer:?}");
    }
}

#[test]
fn an_answer_of_any_status_passes_as_it_is() {
    for status in [
        "200 OK",
        "201 Created",
        "206 Partial Content",
        "302 Found",
        "401 Unauthorized",
        "404 Not Found",
        "418 Teapot",
        "500 Internal Server Error",
        "503 Service Unavailable",
        "599 Odd",
    ] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nX-One: 1\r\nX-One: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nServer: theirs\r\nContent-Length: 4\r\n\r\nbody"
        );
        let origin = Origin::answering(answer);
        let gateway = Gateway::before(origin.address());
        let reply = gateway.ask(&Request::get("/").key(&gateway.key_for("alice")));
        assert_eq!(reply.status().to_string(), status[..3]);
        assert_eq!(reply.text(), "body");
        assert_eq!(reply.head.all("x-one"), ["1", "2"]);
        assert_eq!(reply.head.all("set-cookie"), ["a=1", "b=2"]);
        assert_eq!(reply.header("server"), Some("theirs"));
    }
}

#[test]
fn interim_answers_of_an_origin_do_not_confuse_the_final_one() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let origin = Origin::answering(answer);
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    for _ in 0..2 {
        wire.send(&Request::get("/").key(&key).bytes());
        assert_eq!(wire.reply().text(), "ok");
    }
}

#[test]
fn connections_are_used_again_on_both_sides() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    for number in 0..20 {
        wire.send(&Request::post(&format!("/{number}"), "body").key(&key).bytes());
        assert_eq!(wire.reply().json()["target"], format!("/{number}"));
    }
    assert_eq!(origin.connections(), 1);
    wire.send(&Request::get("/").key(&key).close().bytes());
    assert!(wire.reply().head.lists("connection", "close"));
    assert_eq!(wire.end(), End::Closed);
}

fn http_1_0(lines: &str) -> Vec<u8> {
    format!("GET / HTTP/1.0\r\n{lines}\r\n").into_bytes()
}

#[test]
fn a_client_of_http_1_0_gets_an_answer_that_it_understands() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
    let origin = Origin::answering(chunked);
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    wire.send(&http_1_0(&format!("Host: gate.test\r\nAuthorization: Bearer {key}\r\n")));
    let reply = wire.reply();
    assert_eq!(reply.header("transfer-encoding"), None, "{:?}", reply.head);
    assert_eq!(reply.text(), "hello!");
    let got = origin.the_request();
    assert!(got.head.start.ends_with(" HTTP/1.1"), "{:?}", got.head);
}

#[test]
fn a_client_of_http_1_0_may_keep_its_connection() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let ask =
        http_1_0(&format!("Host: gate.test\r\nConnection: keep-alive\r\nAuthorization: Bearer {key}\r\n"));
    let mut wire = gateway.connect();
    for _ in 0..2 {
        wire.send(&ask);
        let reply = wire.reply();
        assert_eq!(reply.status(), 200);
        assert!(reply.head.lists("connection", "keep-alive"), "{:?}", reply.head);
    }
    wire.send(&http_1_0(&format!("Host: gate.test\r\nAuthorization: Bearer {key}\r\n")));
    assert_eq!(wire.reply().status(), 200);
    assert_eq!(wire.end(), End::Closed);
}

#[test]
fn a_request_without_a_host_reaches_the_origin_with_one() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    wire.send(&http_1_0(&format!("Authorization: Bearer {key}\r\n")));
    assert_eq!(wire.reply().status(), 200);
    // HTTP/1.1, which the origin is spoken to in, demands exactly one (RFC 9112 §3.2).
    let got = origin.the_request();
    assert_eq!(got.header("host"), Some(origin.address().to_string().as_str()), "{got:?}");
    assert_eq!(got.header("x-forwarded-host"), None);
}

#[test]
fn the_origin_hears_the_callers_host_or_its_own() {
    let origin = Origin::echo();
    for (setting, host) in [("preserve", "gate.test".to_owned()), ("origin", origin.address().to_string())] {
        let gateway = Gateway::builder()
            .origin_with("orders", origin.address(), &format!("host = \"{setting}\""))
            .start();
        let seen = origin.requests().len();
        assert_eq!(gateway.ask(&Request::get("/").key(&gateway.key_for("alice"))).status(), 200);
        let got = &origin.requests()[seen];
        assert_eq!(got.header("host"), Some(host.as_str()));
        assert_eq!(got.header("x-forwarded-host"), Some("gate.test"));
    }
}

#[test]
fn methods_pass_as_they_are() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/\"\norigin = \"orders\"\nauth = \"api-key\"\nmethods = [\"GET\", \"POST\", \"PUT\", \"PATCH\", \"DELETE\", \"OPTIONS\", \"PURGE\"]")
        .start();
    let key = gateway.key_for("alice");
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
        assert_eq!(gateway.ask(&Request::new(method, "/").key(&key)).status(), 200, "{method}");
        assert_eq!(origin.requests().pop().expect("a request").method(), method);
    }
}
