//! `examples/cherrypy/app.py`, as its README has it.

use std::time::{Duration, Instant};

use mintgate_e2e::{Gateway, PATIENCE, Request, ReservedPort, Server, python, repository};

use super::{Pair, directly};

fn example(gateway: &Gateway, port: &ReservedPort) -> Server {
    let mut command = python();
    command.arg(repository().join("examples/cherrypy/app.py"));
    command.args(["--issuer", &gateway.issuer(), "--audience", "orders"]);
    Server::start(command.args(["--port", &port.address().port().to_string()]), port.address())
}

#[test]
fn a_key_becomes_access_granted_with_the_claims_of_its_consumer() {
    let port = ReservedPort::new();
    let gateway = Gateway::builder()
        .issuer("algorithm = \"RS256\"")
        .section("[claims]\n\"plan\" = \"metadata.plan\"")
        .origin_with("orders", port.address(), "profile = \"cherrypy\"")
        .start();
    let _app = example(&gateway, &port);
    let metadata = r#"{"plan":"gold","secret_note":"not for origins"}"#;
    let _ =
        gateway.cli(&["consumers", "create", "alice", "--subject", "user-7", "--metadata", metadata]).done();
    let key = gateway.cli(&["keys", "create", "--consumer", "alice", "--scope", "orders:read"]).done();
    gateway.keep_secret(key.trim_end());

    let reply = gateway.ask(&Request::get("/protected").key(key.trim_end()));
    assert_eq!(reply.status(), 200, "{}", reply.text());
    let answer = reply.json();
    assert_eq!(answer["message"], "Access granted");
    let user = answer["user"].as_object().expect("the claims");
    for (claim, value) in [
        ("iss", gateway.issuer().as_str()),
        ("sub", "user-7"),
        ("aud", "orders"),
        ("client_id", "alice"),
        ("scope", "orders:read"),
        ("plan", "gold"),
    ] {
        assert_eq!(user[claim], value, "{claim}");
    }
    let mut names: Vec<_> = user.keys().map(String::as_str).collect();
    names.sort_unstable();
    let all = ["aud", "client_id", "exp", "iat", "iss", "jti", "key_id", "plan", "scope", "sub"];
    assert_eq!(names, all);
    assert_eq!(user["exp"].as_i64().zip(user["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(300));
    assert!(!reply.text().contains(key.trim_end()));
}

#[test]
fn an_origin_that_is_called_directly_says_what_is_wrong_with_the_token() {
    let port = ReservedPort::new();
    let gateway = Gateway::builder().origin_with("orders", port.address(), "profile = \"cherrypy\"").start();
    let _app = example(&gateway, &port);
    let key = gateway.key_for("alice");
    let forged = "eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJhbGljZSJ9.c2ln";
    for (request, title) in [
        (Request::get("/protected"), "No token provided"),
        (Request::get("/protected").header("Authorization", "Basic YTpi"), "No token provided"),
        (Request::get("/protected").key(&key), "Invalid token"),
        (Request::get("/protected").key(forged), "Invalid token"),
        (Request::get("/protected").key("garbage"), "Invalid token"),
    ] {
        let reply = directly(&port, &request);
        assert_eq!((reply.status(), reply.json()["title"].as_str()), (401, Some(title)), "{}", reply.text());
        assert!(reply.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Bearer ")));
        for trace in ["Traceback", "File \"", key.as_str()] {
            assert!(!reply.text().contains(trace), "{}", reply.text());
        }
    }
    assert_eq!(directly(&port, &Request::get("/health")).status(), 200);
}

#[test]
fn a_token_that_was_caught_is_refused_as_expired_when_its_seconds_are_over() {
    let pair = Pair::start(Gateway::builder().issuer("token_lifetime = \"2s\""));
    let key = pair.gateway.key_for("alice");
    let seen = pair.gateway.ask(&Request::get("/guarded").key(&key));
    assert_eq!(seen.status(), 200, "{}", seen.text());
    let caught = seen.json()["headers"]["Authorization"].as_str().expect("a token").to_owned();
    let caught = Request::get("/guarded").header("Authorization", &caught);
    let until = Instant::now() + PATIENCE;
    let reply = loop {
        let reply = pair.directly(&caught);
        if reply.status() != 200 {
            break reply;
        }
        assert!(Instant::now() < until, "it goes on working");
        std::thread::park_timeout(Duration::from_millis(50));
    };
    assert_eq!((reply.status(), reply.json()["title"].as_str()), (401, Some("Token has expired")));
    // The key goes on working, with another token.
    assert_eq!(pair.gateway.ask(&Request::get("/guarded").key(&key)).status(), 200);
}
