//! Origins that speak HTTP/1.0, as Python's `http.server` does.

use mintgate_e2e::{Gateway, Origin, Request};

#[test]
fn clients_of_an_origin_of_http_1_0_are_answered_in_1_1_and_keep_their_connection() {
    let origin = Origin::start(|visit| {
        // One request, and the end of the connection is the end of the body.
        visit.request();
        visit.send(b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil the end");
        visit.finish();
    });
    let gateway = Gateway::before(origin.address());
    let request = Request::get("/").key(&gateway.key_for("alice")).bytes();
    let mut wire = gateway.connect();
    for _ in 0..3 {
        wire.send(&request);
        let reply = wire.reply();
        assert_eq!((reply.head.start.as_str(), reply.text().as_str()), ("HTTP/1.1 200 OK", "until the end"));
        assert!(!reply.head.lists("connection", "close"), "{:?}", reply.head);
    }
    assert_eq!(origin.connections(), 3);
}
