//! What must not be seen stands nowhere that somebody could look.

use std::fmt::Write as _;

use mintgate_e2e::{Gateway, Origin, Request};
use serde_json::json;

#[test]
fn r38_no_secret_stands_in_logs_arguments_environment_or_answers() {
    let origin = Origin::echo();
    let mut gateway = Gateway::builder()
        .section("[log]\nlevel = \"trace\"")
        .origin("orders", origin.address())
        .origin("gone", mintgate_e2e::ReservedPort::new().address())
        .route("path = \"/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"\napi_key_header = \"X-Secret-Key\"\napi_key_query = \"api_key\"")
        .route("path = \"/gone\"\norigin = \"gone\"\nauth = \"api-key\"")
        .start();
    let admin = gateway.admin();
    let old = admin.new_consumer("alice");
    let key = admin.roll(&old, "1h");
    let revoked = admin.new_key("alice", &json!({}));
    admin.revoke(&revoked);
    let mut answers = String::new();
    for key in [&old.text, &key.text, &revoked.text] {
        for request in [
            Request::get("/").key(key),
            Request::get("/").header("X-Secret-Key", key),
            Request::get(&format!("/?api_key={key}")),
            Request::get(&format!("/gone?api_key={key}")),
            Request::get("/gone").key(key),
            // In all the wrong places.
            Request::get(&format!("/../{key}")),
            Request::get(&format!("/{key}#")),
            Request::get("/").header("Authorization", key),
            Request::get("/").key(&format!("{key}x")),
            Request::get("/").key(key).key(key),
            Request::get("/").key(key).header("Content-Length", key),
            Request::new(key, "/"),
            Request::get("/").host(key),
        ] {
            let reply = gateway.ask(&request);
            // What the origin echoed is the origin's to say.
            if reply.status() != 200 {
                writeln!(answers, "{:?} {}", reply.head, reply.text()).expect("a string takes it");
            }
        }
    }
    for request in origin.requests() {
        gateway.keep_secret(&request.token());
    }
    let id = gateway.process().id();
    let of_process = |name: &str| {
        let bytes = std::fs::read(format!("/proc/{id}/{name}")).expect("it runs");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    for (place, text) in [
        ("the arguments", of_process("cmdline")),
        ("the environment", of_process("environ")),
        ("the answers", answers),
        ("the log", gateway.log()),
        ("status", gateway.admin().ask("GET", "/v1/status", &serde_json::Value::Null).text()),
        ("the list of keys", gateway.admin().ask("GET", "/v1/keys", &serde_json::Value::Null).text()),
    ] {
        let found = gateway.secret_in(&text);
        assert_eq!(found, None, "in {place}:\n{text}");
    }
    assert!(gateway.log().contains("is revoked"), "the log says what happened");
}

#[test]
fn r38_no_default_secret_works() {
    let origin = Origin::echo();
    let (one, other) = (Gateway::before(origin.address()), Gateway::before(origin.address()));
    let token = |gateway: &Gateway| {
        std::fs::read_to_string(gateway.home().join("data/admin.token")).expect("a token")
    };
    assert_ne!(token(&one), token(&other));
    for guess in ["admin", "mintgate", "changeme", "password", "", "mga_", token(&other).trim()] {
        let mut wire = mintgate_e2e::Wire::connect(one.admin_address());
        wire.send(&Request::get("/v1/status").key(guess).close().bytes());
        let status = wire.reply().status();
        assert!(matches!(status, 400 | 401), "{guess}: {status}");
    }
    let of_other = other.key_for("alice");
    one.ask(&Request::get("/").key(&of_other)).assert_refused(401, "invalid_token");
}
