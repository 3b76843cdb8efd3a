//! `check`, `explain` and `init`, and what `serve` does with a configuration that `check` refuses.

use std::fs;

use mintgate_e2e::{Gateway, ReservedPort, mintgate, run};
use serde_json::Value;

/// Ten mistakes, and where they stand.
const TEN_MISTAKES: &str = r#"[server]
listen = ["0.0.0.0"]
public_url = "https://api.example.com/x"
wrokers = 1

[admin]
listen = "0.0.0.0:99999"

[store]
url = "mysql://user:secret-of-the-database@db/mintgate"
master_key_file = "data/master.key"

[issuer]
path = "nope"
algorithm = "HS256"
token_lifetime = "5 minutes"

[[origin]]
name = "orders"
url = "ftp://127.0.0.1"

[[route]]
path = "/v1/{*rest}"
origin = "orders"
auth = "optional"
"#;
const PLACES: [(u64, u64); 10] =
    [(2, 11), (3, 14), (4, 1), (7, 10), (10, 7), (14, 8), (15, 13), (16, 18), (20, 7), (25, 8)];

#[test]
fn ten_mistakes_are_told_at_once_with_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("mintgate.toml"), TEN_MISTAKES).expect("a folder of our own");
    for command in ["check", "serve"] {
        // Without --config: ./mintgate.toml is the usual one.
        let said = run(mintgate().current_dir(folder.path()).arg(command), "").refused(1);
        for (line, column) in PLACES {
            assert!(said.contains(&format!("mintgate.toml:{line}:{column}")), "{line}:{column} in {said}");
        }
        assert!(said.contains("did you mean `workers`"), "{said}");
        assert!(!said.contains("secret-of-the-database"), "{said}");
    }
    let ran = run(mintgate().current_dir(folder.path()).args(["check", "--json"]), "");
    assert_eq!(ran.status, Some(1));
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON in spite of the refusal");
    let problems = report["problems"].as_array().expect("a list");
    let places: Vec<_> =
        problems.iter().filter_map(|at| Some((at["line"].as_u64()?, at["column"].as_u64()?))).collect();
    for place in PLACES {
        assert!(places.contains(&place), "{place:?} in {report}");
    }
}

#[test]
fn the_schema_for_editors_is_a_json_schema() {
    let schema = run(mintgate().args(["check", "--schema"]), "").json();
    assert!(
        schema["$schema"].as_str().is_some_and(|dialect| dialect.contains("json-schema.org")),
        "{schema}"
    );
    assert_eq!(schema["properties"]["server"]["type"], "object");
}

#[test]
fn check_says_that_secrets_are_not_ready_without_refusing_the_configuration() {
    let gateway = Gateway::before(ReservedPort::new().address());
    let _ = gateway.cli(&["check"]).done();
    fs::remove_file(gateway.home().join("data/master.key")).expect("init made it");
    let checked = gateway.cli(&["check"]);
    assert_eq!(checked.status, Some(0));
    assert!(checked.stderr.contains("the master key is missing"), "{}", checked.stderr);
}

#[test]
fn explain_says_what_a_request_would_meet() {
    let guarded = "name = \"orders\"\npath = \"/v1/orders/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"\n\
                   scopes = [\"orders:read\"]";
    let gateway = Gateway::builder()
        .origin("orders", ReservedPort::new().address())
        .route(guarded)
        .route("path = \"/status\"\norigin = \"orders\"\nauth = \"public\"")
        .start();
    let explain = |arguments: &[&str]| gateway.cli(&[&["explain"], arguments, &["--json"]].concat());
    let route = explain(&["GET", "/v1/orders/7?x=1"]).json();
    assert_eq!((&route["route"], &route["audience"]), (&"orders".into(), &"orders".into()));
    assert_eq!(route["scopes"][0], "orders:read");
    assert_eq!(explain(&["GET", "/status"]).json()["auth"], "public");
    let documents = "/__mintgate/issuer/.well-known/jwks.json";
    assert_eq!(explain(&["GET", documents]).json()["outcome"], "issuer");
    for (method, target, status) in [
        ("GET", "/nowhere", 404),
        ("DELETE", "/v1/orders/../admin", 400),
        ("OPTIONS", "/v1/orders", 405),
        ("POST", documents, 405),
    ] {
        let ran = explain(&[method, target]);
        assert_eq!(ran.status, Some(1), "{method} {target}");
        let refused: Value = serde_json::from_str(&ran.stdout).expect("JSON in spite of the refusal");
        assert_eq!(refused["status"], status, "{method} {target}: {refused}");
        // And the gateway does as it was explained.
        let request = mintgate_e2e::Request::new(method, target);
        assert_eq!(u64::from(gateway.ask(&request).status()), status, "{method} {target}");
    }
}

#[test]
fn init_never_overwrites_anything() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let init = || run(mintgate().current_dir(folder.path()).args(["init", "d"]), "");
    let _ = init().done();
    let before = fs::read(folder.path().join("d/data/master.key")).expect("init made it");
    let said = init().refused(1);
    assert!(said.contains("exists; nothing was changed"), "{said}");
    assert_eq!(fs::read(folder.path().join("d/data/master.key")).expect("still there"), before);
}
