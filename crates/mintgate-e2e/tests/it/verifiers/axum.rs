//! The example origin in axum behind the gateway: our verifier as a `tower` layer.

use mintgate_e2e::{Gateway, Request, ReservedPort, Server, Wire, axum_example, repository};

#[test]
fn the_axum_example_lets_in_whoever_comes_through_the_gateway_and_nobody_past_it() {
    let port = ReservedPort::new();
    let gateway = Gateway::before(port.address());
    let mut command = axum_example();
    command.args(["--issuer", &gateway.issuer(), "--audience", "orders"]);
    let origin = Server::start(command.args(["--port", &port.address().port().to_string()]), port.address());
    let key = gateway.key_for("alice");

    let reply = gateway.ask(&Request::get("/protected").key(&key));
    assert_eq!(reply.status(), 200, "{}", reply.text());
    let answer = reply.json();
    assert_eq!(answer["message"], "Access granted");
    assert_eq!(answer["user"]["sub"], "alice");
    assert_eq!(answer["user"]["iss"], gateway.issuer());
    assert_eq!(gateway.ask(&Request::get("/orders").key(&key)).status(), 403, "the key has no scope");
    let upload = Request::post("/upload", "x".repeat(100_000)).key(&key);
    assert_eq!(gateway.ask(&upload).json()["bytes"], 100_000);

    let directly = |request: &Request| {
        let mut wire = Wire::connect(port.address());
        wire.send(&request.bytes());
        wire.reply()
    };
    assert_eq!(directly(&Request::get("/health")).status(), 200);
    assert_eq!(directly(&Request::get("/public")).status(), 200);
    for (request, code) in [
        (Request::get("/protected"), "no_token"),
        (Request::get("/protected").key(&key), "token_invalid"),
        (Request::post("/upload", "x"), "no_token"),
    ] {
        let reply = directly(&request);
        assert_eq!((reply.status(), &reply.json()["code"]), (401, &code.into()));
    }
    assert!(origin.log().contains("a request was refused"), "{}", origin.log());
    assert_eq!(gateway.secret_in(&origin.log()), None, "a key that came past the gateway is not logged");
}

#[test]
fn the_page_about_axum_shows_the_example() {
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).expect("in the repository");
    let (page, program) = (read("docs/origins/axum.md"), read("examples/axum/src/main.rs"));
    assert!(page.contains(&format!("```rust\n{program}```\n")), "the page has another program");
}
