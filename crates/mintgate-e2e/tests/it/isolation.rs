//! Nothing of one request is in another's answer, and nothing of management is on the data listener.

use std::thread;

use mintgate_e2e::{End, Gateway, Origin, Request};
use mintgate_verify::inspect;
use serde_json::Value;

/// The subject of the token that an echoing origin got.
fn subject(reply: &Value) -> String {
    let headers = reply["headers"].as_array().expect("lines");
    let line = headers.iter().find(|line| line[0] == "authorization").expect("a token");
    let token = line[1].as_str().and_then(|value| value.strip_prefix("Bearer ")).expect("a token");
    inspect(token).expect("a token").claims["sub"].as_str().expect("a subject").to_owned()
}

#[test]
fn r40_requests_on_one_connection_share_nothing() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let keys = [("alice", gateway.key_for("alice")), ("bob", gateway.key_for("bob"))];
    let mut wire = gateway.connect();
    for number in 0..20 {
        let (name, key) = &keys[number % 2];
        let body = format!("body-{number}");
        let mark = format!("mark-{number}");
        wire.send(
            &Request::post(&format!("/{number}"), body.clone()).key(key).header("X-Mark", &mark).bytes(),
        );
        let reply = wire.reply().json();
        assert_eq!(subject(&reply), *name);
        assert_eq!(
            (reply["body"].as_str(), reply["target"].as_str()),
            (Some(&*body), Some(&*format!("/{number}")))
        );
        let others = reply.to_string().matches("mark-").count();
        assert_eq!(others, 1, "{reply}");
        // A refusal in between neither inherits nor leaves anything.
        wire.send(&Request::get("/refused").bytes());
        let refused = wire.reply();
        refused.assert_refused(401, "credential_required");
        assert!(!refused.text().contains("mark") && refused.header("x-mark").is_none());
    }
    assert_eq!(origin.connections(), 1, "callers share the origin's connection, and nothing else");
}

#[test]
fn r40_requests_side_by_side_share_nothing() {
    let origin = Origin::echo();
    let gateway = Gateway::builder().server("workers = 2").origin("orders", origin.address()).start();
    let names: Vec<String> = (0..8).map(|number| format!("consumer-{number}")).collect();
    let keys: Vec<String> = names.iter().map(|name| gateway.key_for(name)).collect();
    thread::scope(|scope| {
        for (name, key) in names.iter().zip(&keys) {
            let gateway = &gateway;
            scope.spawn(move || {
                let mut wire = gateway.connect();
                for number in 0..30 {
                    let body = format!("{name}/{number}").repeat(number + 1);
                    wire.send(&Request::post(&format!("/{name}"), body.clone()).key(key).bytes());
                    let reply = wire.reply().json();
                    assert_eq!(subject(&reply), *name);
                    assert_eq!(reply["body"].as_str(), Some(&*body));
                }
            });
        }
    });
    assert_eq!(origin.requests().len(), 240);
}

#[test]
fn r40_an_answer_that_nobody_waits_for_any_more_goes_to_nobody() {
    let origin = Origin::start(|visit| {
        while let Some(request) = visit.request() {
            if request.target() == "/slow" {
                thread::park_timeout(std::time::Duration::from_millis(400));
            }
            let body = request.target();
            visit.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        }
    });
    let gateway =
        Gateway::builder().origin_with("orders", origin.address(), "response_timeout = \"150ms\"").start();
    let (alice, bob) = (gateway.key_for("alice"), gateway.key_for("bob"));
    gateway.ask(&Request::get("/slow").key(&alice)).assert_refused(504, "origin_timeout");
    let mut left = gateway.connect();
    left.send(&Request::get("/slow").key(&alice).bytes());
    drop(left);
    for number in 0..10 {
        let target = format!("/{number}");
        assert_eq!(gateway.ask(&Request::get(&target).key(&bob)).text(), target);
    }
}

#[test]
fn r39_management_does_not_answer_on_the_data_listener() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/app/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"")
        .start();
    let key = gateway.key_for("alice");
    let token = std::fs::read_to_string(gateway.home().join("data/admin.token")).expect("init made it");
    for path in [
        "/v1/status",
        "/v1/keys",
        "/v1/buckets",
        "/v1/whoami",
        "/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
        "/debug/pprof/",
        "/debug/vars",
        "/console",
        "/admin",
        "/",
    ] {
        for request in
            [Request::get(path), Request::get(path).key(&key), Request::get(path).key(token.trim())]
        {
            gateway.ask(&request).assert_refused(404, "no_route");
        }
        let on_admin = Request::get(path).host(&gateway.admin_address().to_string());
        gateway.ask(&on_admin).assert_refused(404, "no_route");
    }
    gateway.ask(&Request::get("/app").key(token.trim())).assert_refused(401, "invalid_token");
    assert_eq!(origin.requests(), []);
}

#[test]
fn r39_data_does_not_answer_on_the_admin_listener() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    for request in [
        Request::get("/v1/status"),
        Request::get("/v1/status").key(&key),
        Request::get("/protected").key(&key),
    ] {
        let mut wire = mintgate_e2e::Wire::connect(gateway.admin_address());
        wire.send(&request.close().bytes());
        assert_eq!(wire.reply().status(), 401);
        assert_eq!(wire.end(), End::Closed);
    }
    assert_eq!(origin.connections(), 0);
}
