//! The harness itself: what the other tests rest on.

use mintgate_e2e::{End, Gateway, Origin, Request, raw};

#[test]
fn a_key_goes_in_and_a_token_reaches_the_origin() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let reply = gateway.ask(&Request::get("/protected").key(&key));
    assert_eq!(reply.status(), 200, "{}", reply.text());
    assert_eq!(origin.the_request().target(), "/protected");
    assert_ne!(origin.the_request().token(), key);
    origin.assert_never_saw(&key);
}

#[test]
fn a_gateway_stops_when_it_is_asked_to_and_starts_again_with_what_it_knew() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    assert!(gateway.stop().success());
    gateway.boot();
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    gateway.kill();
    gateway.boot();
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
}

#[test]
fn raw_bytes_are_answered_until_the_connection_ends() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let (heard, end) = raw(gateway.address(), b"nonsense\r\n\r\n");
    assert!(heard.starts_with(b"HTTP/1.1 400 "), "{}", heard.escape_ascii());
    assert_eq!(end, End::Closed);
    assert_eq!(origin.connections(), 0);
}

#[test]
fn what_an_origin_does_not_say_is_noticed() {
    let origin = Origin::start(|visit| {
        visit.request();
        visit.end_with_reset();
    });
    let (_, end) = raw(origin.address(), b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(end, End::Reset);
    assert_eq!(origin.connections(), 1);
}
