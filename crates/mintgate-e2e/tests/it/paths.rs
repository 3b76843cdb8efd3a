//! Which route a target takes, and what of it reaches the origin.

use mintgate_e2e::{Gateway, Origin, Request};

/// A gateway with something open around something guarded.
fn gateway(origin: &Origin) -> Gateway {
    Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/public/{*rest}\"\norigin = \"orders\"\nauth = \"public\"")
        .route("path = \"/admin/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"")
        .start()
}

#[test]
fn r15_paths_with_two_readings_are_refused_before_any_route_is_looked_at() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    let key = gateway.key_for("alice");
    for target in [
        "/public/../admin",
        "/public/..",
        "/public/./x",
        "/public/%2e%2e/admin",
        "/public/%2E./admin",
        "/public/.%2e/admin",
        "/public/..%2fadmin",
        "/public/..%2Fadmin",
        "/public%2f..%2fadmin",
        "/public/..%5cadmin",
        "/public/..%5Cadmin",
        "/public/..\\admin",
        "/public//admin",
        "//admin",
        "/public/.;x/admin",
        "/public/..;/admin",
        "/public/..;x=1/admin",
        "/public/;/admin",
        "/public/..%3b/admin",
        "/public/%252e%252e/admin",
        "/public/%61dmin",
        "/public/%00",
        "/public/x%0d%0aY",
        "/public/%zz",
        "/public/%",
        "/public/%u002e%u002e/admin",
        "/public/%c0%ae%c0%ae/admin",
        "/public/%ff",
        "/public/%ed%a0%80",
        "/public/x#/admin",
        "/public/x?a#b",
    ] {
        for request in [Request::get(target), Request::get(target).key(&key)] {
            let reply = gateway.ask(&request);
            assert_eq!(reply.status(), 400, "{target}");
            reply.assert_refused(400, "invalid_request");
        }
    }
    assert_eq!(origin.requests(), []);
}

#[test]
fn r15_raw_bytes_that_no_path_may_hold_are_refused() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    for byte in [0x80, 0xe9, 0xff, 0x01, 0x7f, b'\t', b'\\', b'<', b'>', b'`', b'#'] {
        let mut bytes = b"GET /public/a".to_vec();
        bytes.push(byte);
        bytes.extend_from_slice(b"b HTTP/1.1\r\nHost: gate.test\r\nConnection: close\r\n\r\n");
        let mut wire = gateway.connect();
        wire.send(&bytes);
        let reply = wire.reply();
        assert_eq!(reply.status(), 400, "{byte:#x}");
        reply.assert_refused(400, "invalid_request");
    }
    let mut wire = gateway.connect();
    wire.send("GET /public/caf\u{e9} HTTP/1.1\r\nHost: gate.test\r\nConnection: close\r\n\r\n".as_bytes());
    wire.reply().assert_refused(400, "invalid_request");
}

#[test]
fn r15_what_was_matched_is_byte_for_byte_what_is_forwarded() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    for target in [
        "/public",
        "/public/",
        "/public/a%20b/%C3%A9/%c3%a9",
        "/public/a;v=1/b",
        "/public/~user/-_.x",
        "/public/a@b:c,d+e!$&'()*=",
        "/public/a%40b%3Ac",
        "/public/...",
        "/public/.hidden/..x",
        "/public/100%25/",
        "/public/{\"a\":1}|^",
    ] {
        let seen = origin.requests().len();
        assert_eq!(gateway.ask(&Request::get(target)).status(), 200, "{target}");
        assert_eq!(origin.requests()[seen].target(), target);
    }
}

#[test]
fn r15_no_spelling_of_a_guarded_path_takes_the_route_around_it() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/{*rest}\"\norigin = \"orders\"\nauth = \"public\"")
        .route("path = \"/admin/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"")
        .route("path = \"/orders:export\"\norigin = \"orders\"\nauth = \"api-key\"")
        .start();
    for target in ["/admin", "/admin/", "/admin/x", "/orders:export", "/orders%3Aexport", "/orders%3aexport/"]
    {
        gateway.ask(&Request::get(target)).assert_refused(401, "credential_required");
    }
    for target in ["/admin;x", "/admin;x=1/y", "/admin%3bx", "/%61dmin", "/x/../admin", "//admin"] {
        gateway.ask(&Request::get(target)).assert_refused(400, "invalid_request");
    }
    assert_eq!(origin.requests(), []);
    assert_eq!(gateway.ask(&Request::get("/administrator")).status(), 200);
}

#[test]
fn r16_a_prefix_is_cut_from_the_raw_and_the_decoded_path_alike() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route(
            "path = \"/api:v1/{*rest}\"\norigin = \"orders\"\nauth = \"public\"\nstrip_prefix = \"/api:v1\"",
        )
        .start();
    for (target, forwarded) in [
        ("/api:v1/orders/1", "/orders/1"),
        ("/api%3Av1/orders/1", "/orders/1"),
        ("/api%3av1/a%20b?x=%2e", "/a%20b?x=%2e"),
        ("/api:v1", "/"),
        ("/api:v1?x=1", "/?x=1"),
        ("/api:v1/", "/"),
        ("/api:v1/api:v1/x", "/api:v1/x"),
    ] {
        let seen = origin.requests().len();
        assert_eq!(gateway.ask(&Request::get(target)).status(), 200, "{target}");
        assert_eq!(origin.requests()[seen].target(), forwarded, "{target}");
    }
    let seen = origin.requests().len();
    for target in ["/api:v1/../orders", "/api:v1//orders", "/api:v1/%2e%2e/x"] {
        gateway.ask(&Request::get(target)).assert_refused(400, "invalid_request");
    }
    gateway.ask(&Request::get("/api:v1x/orders")).assert_refused(404, "no_route");
    assert_eq!(origin.requests().len(), seen);
}

#[test]
fn r17_hosts_match_without_case_port_and_trailing_dot() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/\"\nhosts = [\"API.Example.test\"]\norigin = \"orders\"\nauth = \"api-key\"")
        .start();
    for host in [
        "api.example.test",
        "API.EXAMPLE.TEST",
        "api.example.test:80",
        "api.example.test.",
        "Api.Example.Test.:8080",
    ] {
        gateway.ask(&Request::get("/").host(host)).assert_refused(401, "credential_required");
    }
    for host in [
        "other.test",
        "api.example.test.evil.test",
        "xapi.example.test",
        "",
        "127.0.0.1",
        "api.example.test..",
    ] {
        let reply = gateway.ask(&Request::get("/").host(host));
        assert!(matches!(reply.status(), 400 | 404), "{host}: {:?}", reply.head);
        let code = if reply.status() == 400 { "invalid_request" } else { "no_route" };
        reply.assert_refused(reply.status(), code);
    }
    for host in [
        "api.example.test/x",
        "a@api.example.test",
        "api.example.test:x",
        "api.example.test, evil.test",
        "api example.test",
    ] {
        let reply = gateway.ask(&Request::get("/").host(host));
        assert!(matches!(reply.status(), 400 | 404), "{host}: {:?}", reply.head);
    }
    assert_eq!(origin.requests(), []);
}

#[test]
fn r18_targets_that_name_no_path_are_refused() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route(
            "path = \"/{*rest}\"\norigin = \"orders\"\nauth = \"public\"\nmethods = [\"GET\", \"OPTIONS\"]",
        )
        .start();
    for (method, target) in [
        ("GET", "http://gate.test/"),
        ("GET", "http://evil.test/admin"),
        ("GET", "https://gate.test:443/"),
        ("GET", "*"),
        ("OPTIONS", "*"),
        ("GET", "admin"),
        ("GET", "gate.test:80"),
        ("GET", "?x=1"),
        ("CONNECT", "gate.test:443"),
        ("CONNECT", "127.0.0.1:22"),
        ("GET", "://x"),
        ("GET", "http:///x"),
    ] {
        let reply = gateway.ask(&Request::new(method, target));
        assert_eq!(reply.status(), 400, "{method} {target}: {:?}", reply.head);
        reply.assert_refused(400, "invalid_request");
    }
    assert_eq!(origin.requests(), []);
}

#[test]
fn r18_connect_and_trace_are_never_forwarded() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    for method in ["TRACE", "CONNECT", "PROPFIND", "get", "PRI"] {
        let reply = gateway.ask(&Request::new(method, "/").key(&key));
        assert!(matches!(reply.status(), 400 | 405), "{method}: {:?}", reply.head);
    }
    assert_eq!(origin.requests(), []);
}

#[test]
fn r19_the_query_arrives_intact_and_plays_no_part_in_matching() {
    let origin = Origin::echo();
    let gateway = gateway(&origin);
    for query in [
        "a=1&b=2&a=3",
        "path=../../admin",
        "a=%2e%2e%2f&b=%zz&c=%",
        "a=//&b=\\..\\&c=%00%0d%0a",
        "url=http://evil.test/?x=1?y",
        "",
        "?",
        "a=b;c&d='|^`{}[]",
        "utf8=%C3%A9%ff",
    ] {
        let seen = origin.requests().len();
        let target = format!("/public/x?{query}");
        let reply = gateway.ask(&Request::get(&target));
        assert_eq!(reply.status(), 200, "{target}: {:?}", reply.head);
        assert_eq!(origin.requests()[seen].target(), target);
        let guarded = format!("/admin?/public/x&{query}");
        gateway.ask(&Request::get(&guarded)).assert_refused(401, "credential_required");
    }
    for query in ["a=\"", "a=<b>", "a#b"] {
        gateway.ask(&Request::get(&format!("/public/x?{query}"))).assert_refused(400, "invalid_request");
    }
}
