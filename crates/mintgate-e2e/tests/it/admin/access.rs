//! Who may manage, and where.

use std::fs;

use mintgate_e2e::{Gateway, Origin, Reply, Request, Wire, mintgate, run};
use serde_json::Value;

/// Every operation of the contract, with its parameters filled in, and paths that other programs have.
fn operations(gateway: &Gateway) -> Vec<(String, String)> {
    let contract = gateway.admin().must("GET", "/openapi.json", &Value::Null);
    let paths = contract["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, operations) in paths {
        let path = path
            .replace("{bucket}", "production")
            .replace("{consumer}", "alice")
            .replace("{key_id}", "0123456789ab")
            .replace("{token_id}", "0123456789ab")
            .replace("{kid}", "somebody");
        assert!(!path.contains('{'), "{path} has a parameter that is new");
        for method in
            operations.as_object().expect("operations").keys().filter(|name| METHODS.contains(&name.as_str()))
        {
            all.push((method.to_uppercase(), path.clone()));
        }
    }
    assert!(all.len() > 15, "{all:?}");
    all
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const ELSEWHERE: [&str; 4] = ["/metrics", "/debug/pprof/", "/config", "/v1/nothing"];
/// The console's files hold no data, so the admin listener shows them to everybody; the data listener has none of them.
const CONSOLE: [&str; 5] = ["/", "/console", "/console/", "/docs", "/docs/"];
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];
/// The ways in, which nobody can come with a credential to.
const WAYS_IN: [(&str, &str); 4] = [
    ("GET", "/v1/sign-in"),
    ("POST", "/v1/session"),
    ("GET", "/v1/session/oidc"),
    ("GET", "/v1/session/oidc/callback"),
];

#[test]
fn r39_the_admin_api_demands_a_credential_on_every_path_but_the_health_checks() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    let token = origin.the_request().token();
    let own = fs::read_to_string(gateway.home().join("data/admin.token")).expect("init made it");
    let ask = |request: &Request| -> Reply {
        let mut wire = Wire::connect(gateway.admin_address());
        wire.send(&request.clone().close().bytes());
        wire.reply_to(request.method())
    };
    let elsewhere = ELSEWHERE.iter().map(|path| ("GET".to_owned(), (*path).to_owned()));
    for (method, path) in operations(&gateway).into_iter().chain(elsewhere) {
        let bare = || Request::new(&method, &path).header("Content-Type", "application/json");
        if HEALTH.contains(&path.as_str()) {
            assert_eq!(ask(&bare()).status(), 204, "{path}");
            continue;
        }
        if WAYS_IN.contains(&(method.as_str(), path.as_str())) {
            // They say which ways there are, and let nobody in who brings nothing.
            let reply = ask(&bare());
            assert!(path == "/v1/sign-in" || reply.status() >= 400, "{method} {path}: {}", reply.text());
            assert!(reply.header("set-cookie").is_none(), "{method} {path}");
            continue;
        }
        let cut = &own.trim()[..own.trim().len() - 1];
        for credential in ["", "admin", "changeme", cut, &key, &token] {
            let reply = ask(&bare().header("Authorization", &format!("Bearer {credential}")));
            assert!(
                matches!(reply.status(), 400 | 401),
                "{method} {path}: {} {}",
                reply.status(),
                reply.text()
            );
        }
        let reply = ask(&bare());
        assert_eq!(reply.status(), 401, "{method} {path}: {}", reply.text());
        assert!(reply.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer")), "{path}");
        assert_eq!(ask(&bare().header("X-Admin-Token", own.trim())).status(), 401);
        assert_eq!(ask(&Request::new(&method, &format!("{path}?token={}", own.trim()))).status(), 401);
        let two = bare()
            .header("Authorization", &format!("Bearer {}", own.trim()))
            .header("Authorization", "Bearer x");
        assert_eq!(ask(&two).status(), 400, "{method} {path}");
    }
}

#[test]
fn r39_nothing_of_the_admin_api_or_of_metrics_answers_on_the_data_listener() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let own = fs::read_to_string(gateway.home().join("data/admin.token")).expect("init made it");
    let own = own.trim();
    let elsewhere = ELSEWHERE.iter().chain(&CONSOLE).map(|path| ("GET".to_owned(), (*path).to_owned()));
    for (method, path) in operations(&gateway).into_iter().chain(elsewhere) {
        if method == "DELETE" || method == "PATCH" || method == "GET" || method == "POST" || method == "PUT" {
            let anonymous = gateway.ask(&Request::new(&method, &path));
            assert_eq!(anonymous.status(), 401, "{method} {path}: {}", anonymous.text());
            let admin = gateway.ask(&Request::new(&method, &path).key(own));
            assert_eq!(
                (admin.status(), admin.json()["code"].as_str()),
                (401, Some("invalid_token")),
                "{method} {path}"
            );
        }
    }
    assert_eq!(origin.connections(), 0, "the admin token went no further");

    // Where no route is for them, they are not there at all.
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/v1/orders/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"")
        .start();
    for (method, path) in operations(&gateway) {
        assert_eq!(gateway.ask(&Request::new(&method, &path).key(own)).status(), 404, "{method} {path}");
    }
}

#[test]
fn the_admin_listener_serves_neither_routes_nor_keys() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    for path in ["/protected", "/__mintgate/issuer/.well-known/jwks.json"] {
        let mut wire = Wire::connect(gateway.admin_address());
        wire.send(&Request::get(path).key(&key).bytes());
        assert_eq!(wire.reply().status(), 401, "{path}");
        assert_eq!(gateway.admin().ask("GET", path, &Value::Null).status(), 404, "{path}");
    }
    assert_eq!(origin.connections(), 0);
}

#[test]
fn r38_no_default_secret_works() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let mut seen = Vec::new();
    for name in ["a", "b", "c"] {
        let _ = run(mintgate().current_dir(folder.path()).args(["init", name]), "").done();
        for secret in ["data/master.key", "data/admin.token"] {
            let text = fs::read_to_string(folder.path().join(name).join(secret)).expect("init made it");
            assert!(text.trim().len() >= 43, "{secret} is too short to be random");
            seen.push(text);
        }
        // The configuration itself has none.
        let config =
            fs::read_to_string(folder.path().join(name).join("mintgate.toml")).expect("init made it");
        assert!(seen.iter().all(|secret| !config.contains(secret.trim())));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 6, "every folder has its own");
}
