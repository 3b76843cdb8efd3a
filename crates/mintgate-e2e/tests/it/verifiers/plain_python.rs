//! A guard that was written by hand, with nothing of ours.

use mintgate_e2e::{Gateway, Request, ReservedPort, Server, Wire, python, repository};

#[test]
fn a_guard_written_by_hand_accepts_our_tokens_at_the_usual_path() {
    guard("/__mintgate/issuer");
}

#[test]
fn a_guard_written_for_zuplo_works_by_changing_its_host() {
    guard("/__zuplo/issuer");
}

fn guard(path: &str) {
    let port = ReservedPort::new();
    let gateway = Gateway::builder()
        .issuer(&format!("path = \"{path}\""))
        .issuer("algorithm = \"RS256\"")
        .origin_with("orders", port.address(), "profile = \"cherrypy\"")
        .start();
    let mut command = python();
    command.arg(repository().join("examples/cherrypy/plain_python.py"));
    command.args(["--issuer", &format!("http://{}{path}", gateway.address()), "--audience", "orders"]);
    let _origin = Server::start(command.args(["--port", &port.address().port().to_string()]), port.address());
    let key = gateway.key_for("alice");

    let reply = gateway.ask(&Request::get("/protected").key(&key));
    assert_eq!(reply.status(), 200, "{}", reply.text());
    let answer = reply.json();
    assert_eq!(answer["message"], "Access granted");
    assert_eq!(answer["user"]["sub"], "alice");
    assert_eq!(answer["user"]["iss"], format!("http://{}{path}", gateway.address()));

    // Past the gateway: nothing, and the key itself.
    for (request, says) in [
        (Request::get("/protected"), "No token provided"),
        (Request::get("/protected").key(&key), "Invalid token"),
    ] {
        let mut wire = Wire::connect(port.address());
        wire.send(&request.bytes());
        let reply = wire.reply();
        assert_eq!(reply.status(), 401);
        assert!(reply.head.start.contains(says) || reply.text().contains(says), "{}", reply.text());
    }
}
