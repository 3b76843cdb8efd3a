//! Signing in with a real `OpenID` Connect provider.

use std::io::Write as _;

use mintgate_e2e::{Gateway, Origin, Request, ReservedPort, Server, node, repository};
use serde_json::{Value, json};

use super::browser::{Browser, assert_problem};

const PEOPLE: &str = r#"{
    "ann": { "email": "ann@example.com", "email_verified": true, "name": "Ann", "groups": ["platform", "all"] },
    "sam": { "email": "ann@example.com", "email_verified": false, "name": "Ann", "groups": ["support"] },
    "eve": { "email": "eve@example.com", "email_verified": true, "groups": ["all"] }
}"#;
const CLIENT_SECRET: &str = "a secret that only the two of them know";
const CALLBACK: &str = "/v1/session/oidc/callback";

struct World {
    gateway: Gateway,
    _provider: Server,
    _origin: Origin,
}

impl World {
    fn start() -> Self {
        let origin = Origin::echo();
        let mut gateway = Gateway::prepare(&Gateway::builder().origin("orders", origin.address()));
        let port = ReservedPort::new();
        let home = gateway.home();
        let secret = home.join("data/client.secret");
        std::fs::write(&secret, CLIENT_SECRET).expect("a file");
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
        gateway.keep_secret(CLIENT_SECRET);
        let mut config =
            std::fs::OpenOptions::new().append(true).open(gateway.config_file()).expect("a file");
        write!(
            config,
            "\n[admin.oidc]\nname = \"Example\"\nissuer = \"http://{}\"\nclient_id = \"mintgate\"\n\
             client_secret_file = \"data/client.secret\"\nscopes = [\"email\", \"profile\", \"groups\"]\n\
             [[admin.oidc.grant]]\ngroup = \"platform\"\nrole = \"owner\"\n\
             [[admin.oidc.grant]]\ngroup = \"support\"\nrole = \"operator\"\nbuckets = [\"production\"]\n",
            port.address()
        )
        .expect("it can be written");
        let mut command = node();
        command
            .arg(repository().join("crates/mintgate-e2e/tests/it/sign_in/provider.mjs"))
            .arg(port.address().port().to_string())
            .args(["mintgate", CLIENT_SECRET])
            .arg(format!("http://{}{CALLBACK}", gateway.admin_address()))
            .arg(PEOPLE);
        let provider = Server::start(&mut command, port.address());
        gateway.boot();
        Self { gateway, _provider: provider, _origin: origin }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.gateway.admin_address())
    }

    /// Where somebody ends who signs in as `person`.
    fn sign_in(&self, browser: &mut Browser, person: &str) -> String {
        let out = browser.get(&self.url("/v1/session/oidc"));
        assert_eq!(out.status(), 303, "{}", out.text());
        let there = format!("{}&login_hint={person}", out.header("location").expect("the provider"));
        browser.visit(&there).0
    }
}

#[test]
fn somebody_signs_in_with_the_provider_and_is_what_their_groups_make_them() {
    let world = World::start();
    let admin = world.gateway.admin_address();
    let mut browser = Browser::default();
    let ways = browser.ask(admin, "GET", "/v1/sign-in", &Value::Null).json();
    assert_eq!(ways["oidc"], json!({ "name": "Example", "href": "/v1/session/oidc" }));
    assert_eq!(world.sign_in(&mut browser, "ann"), world.url("/console/"));
    let session = browser.ask(admin, "GET", "/v1/session", &Value::Null).json();
    assert_eq!((&session["name"], &session["role"]), (&json!("ann@example.com"), &json!("owner")));
    assert_eq!(browser.ask(admin, "POST", "/v1/signing-keys/rotate", &Value::Null).status(), 200);

    let mut browser = Browser::default();
    world.sign_in(&mut browser, "sam");
    let session = browser.ask(admin, "GET", "/v1/session", &Value::Null).json();
    // An address that is not verified is nobody's, and a name is what people call themselves.
    assert_eq!((&session["name"], &session["role"]), (&json!("sam"), &json!("operator")));
    assert_eq!(session["buckets"], json!(["production"]));
    assert_eq!(browser.ask(admin, "POST", "/v1/signing-keys/rotate", &Value::Null).status(), 403);
    let made = browser.ask(admin, "POST", "/v1/buckets/production/consumers", &json!({ "name": "alice" }));
    assert_eq!(made.status(), 201, "{}", made.text());
    let log = world.gateway.admin().must("GET", "/v1/audit?action=consumer.create", &Value::Null);
    assert_eq!(log["data"][0]["actor"]["name"], "sam");
}

#[test]
fn who_has_no_role_or_is_refused_there_is_told_so_and_has_no_session() {
    let world = World::start();
    for (person, problem) in [("eve", "no_role"), ("nobody", "refused")] {
        let mut browser = Browser::default();
        let end = world.sign_in(&mut browser, person);
        assert_eq!(end, world.url(&format!("/console/?problem={problem}")));
        let admin = world.gateway.admin_address();
        assert_problem(&browser.ask(admin, "GET", "/v1/session", &Value::Null), 401, "missing_token");
    }
}

#[test]
fn what_somebody_elses_browser_brought_back_is_refused() {
    let world = World::start();
    let admin = world.gateway.admin_address();
    let refused = |browser: &mut Browser, url: &str, problem: &str| {
        let reply = browser.get(url);
        let to = format!("/console/?problem={problem}");
        assert_eq!((reply.status(), reply.header("location")), (303, Some(&*to)), "{url}");
        assert!(browser.cookie(admin, "mintgate-session").is_none());
    };
    // A link with a code of the attacker's own, opened by somebody who never went out.
    let mut attacker = Browser::default();
    let out = attacker.get(&world.url("/v1/session/oidc"));
    let mut url = format!("{}&login_hint=ann", out.header("location").expect("the provider"));
    let callback = loop {
        let reply = attacker.get(&url);
        let next = reply.header("location").expect("a way back").to_owned();
        url = if next.starts_with('/') {
            format!("{}{next}", &url[..url[7..].find('/').expect("a path") + 7])
        } else {
            next
        };
        if url.contains(CALLBACK) {
            break url;
        }
    };
    refused(&mut Browser::default(), &callback, "expired");
    // And by somebody who did go out.
    let mut victim = Browser::default();
    victim.get(&world.url("/v1/session/oidc"));
    refused(&mut victim, &callback, "refused");
    // The one who may use it may use it once; another provider's answer is none.
    let mixed_up =
        format!("{}&iss=http%3A%2F%2Fevil.example", callback.split("&iss=").next().expect("a URL"));
    refused(&mut attacker, &mixed_up, "refused");
    refused(&mut attacker, &callback, "expired");
}

#[test]
fn a_provider_that_is_away_is_no_error_of_ours() {
    let world = World::start();
    let World { gateway, _provider: provider, _origin: origin } = world;
    drop(provider);
    let mut browser = Browser::default();
    let admin = gateway.admin_address();
    let reply = browser.get(&format!("http://{admin}/v1/session/oidc"));
    assert_eq!((reply.status(), reply.header("location")), (303, Some("/console/?problem=unavailable")));
    let request = Request::get("/v1/whoami")
        .key(std::fs::read_to_string(gateway.home().join("data/admin.token")).expect("init made it").trim());
    assert_eq!(browser.send(admin, request).status(), 200, "tokens are independent of it");
    drop(origin);
}
