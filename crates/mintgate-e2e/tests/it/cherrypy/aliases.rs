//! Names that `CherryPy` and WSGI take for one: `-` and `_` fall together, and `Cgi-Authorization` becomes
//! `Authorization`. Each test first shows that the application would be deceived.

use mintgate_e2e::{Gateway, Request, Wire};
use serde_json::Value;

use super::Pair;

/// What a deceiver says. Nothing of it may be seen anywhere in the application.
const FORGED: &str = "forged-by-the-caller";

/// Identity, and where a request came from, in spellings of which some stack makes the real one.
const ALIASES: [&str; 36] = [
    "Cgi-Authorization",
    "Cgi_Authorization",
    "CGI.AUTHORIZATION",
    "cgi-remote-user",
    "Proxy-Authorization",
    "Proxy_Authorization",
    "X-Original-Authorization",
    "X_Original_Authorization",
    "X-Forwarded-Authorization",
    "X-Forwarded-User",
    "X_Forwarded_User",
    "x_forwarded-user",
    "X.Forwarded.User",
    "X-Forwarded-Email",
    "X-Auth-Request-User",
    "X_Auth_User",
    "X.Auth.User",
    "X-Authenticated-User",
    "X-Remote-User",
    "Remote-User",
    "Remote_User",
    "Remote.User",
    "X-Consumer-Username",
    "X_Consumer_Custom_Id",
    "X-User",
    "X_User_Id",
    "X-Mintgate-Subject",
    "X_Mintgate_Token",
    "X_Forwarded_For",
    "X_Forwarded_Host",
    "X_Forwarded_Proto",
    "X.Forwarded.Host",
    "Forwarded",
    "X_Request_Id",
    "X-Real-IP",
    "True_Client_IP",
];

#[test]
fn r03_r04_r07_no_alias_of_a_managed_header_reaches_a_cherrypy_application() {
    let pair = Pair::start(Gateway::builder());
    let key = pair.gateway.key_for("alice");
    for alias in ALIASES {
        let request = Request::get("/seen").header(alias, FORGED);
        let deceived = pair.directly(&request).text();
        assert!(deceived.contains(FORGED), "{alias} is no danger to CherryPy: {deceived}");
        let reply = pair.gateway.ask(&request.key(&key));
        assert_eq!(reply.status(), 200, "{alias}: {}", reply.text());
        assert!(!reply.text().contains(FORGED), "{alias}: {}", reply.text());
        identity_is_ours(&reply.json(), &pair.gateway, &key);
    }
}

#[test]
fn r03_all_aliases_at_once_in_any_order_change_nothing_either() {
    let pair = Pair::start(Gateway::builder());
    let key = pair.gateway.key_for("alice");
    for turned in [false, true] {
        let mut request = Request::get("/guarded");
        let names: Vec<_> = if turned { ALIASES.iter().rev().collect() } else { ALIASES.iter().collect() };
        for (number, alias) in names.into_iter().enumerate() {
            request = request.header(alias, FORGED).header(&alias.to_uppercase(), FORGED);
            // Ours in the middle of them.
            if number == ALIASES.len() / 2 {
                request = request.key(&key);
            }
        }
        let reply = pair.gateway.ask(&request);
        assert_eq!(reply.status(), 200, "{}", reply.text());
        assert!(!reply.text().contains(FORGED), "{}", reply.text());
        let seen = reply.json();
        assert_eq!((&seen["login"], &seen["user"]["sub"]), (&"alice".into(), &"alice".into()));
        identity_is_ours(&seen, &pair.gateway, &key);
    }
}

#[test]
fn r07_cgi_authorization_is_what_cherrypy_would_have_believed() {
    let pair = Pair::start(Gateway::builder());
    let key = pair.gateway.key_for("alice");
    let forged = Request::get("/seen").header("Cgi-Authorization", FORGED);
    let deceived = pair.directly(&forged).json();
    assert_eq!(
        deceived["headers"]["Authorization"], FORGED,
        "without the gateway it passes for Authorization"
    );
    let seen = pair.gateway.ask(&forged.key(&key)).json();
    assert_ne!(seen["headers"]["Authorization"], FORGED);
    // The guard is a second line of defence for those who come round the gateway.
    assert_eq!(pair.directly(&Request::get("/guarded").header("Cgi-Authorization", FORGED)).status(), 400);
}

#[test]
fn names_that_no_stack_takes_for_authorization_are_left_alone_and_are_no_identity() {
    let pair = Pair::start(Gateway::builder());
    let key = pair.gateway.key_for("alice");
    for name in ["Authorization_", "Authorization.", "_Authorization", "Authorizatio-n", "Not-Authorization"]
    {
        let seen = pair.gateway.ask(&Request::get("/guarded").header(name, FORGED).key(&key)).json();
        assert_eq!(seen["login"], "alice", "{name}");
        identity_is_ours(&seen, &pair.gateway, &key);
    }
}

#[test]
fn r07_content_length_with_an_underscore_does_not_cut_the_body_that_the_application_reads() {
    let pair = Pair::start(Gateway::builder());
    let key = pair.gateway.key_for("alice");
    let body = "the whole body";
    let post = |alias: &str| {
        let lines = format!("Content-Length: {}\r\n{alias}: 3\r\n", body.len());
        Request::new("POST", "/seen").key(&key).header("Content-Type", "text/plain").lines(lines)
    };
    let seen = |address, alias: &str| {
        let mut wire = Wire::connect(address);
        wire.send(&[post(alias).bytes(), body.into()].concat());
        wire.reply_to("POST").json()
    };
    for alias in ["Content_Length", "CONTENT_LENGTH", "content_Length", "Content.Length"] {
        let seen = seen(pair.gateway.address(), alias);
        assert_eq!(seen["body"], body, "{alias}");
        assert_eq!(seen["environ"]["CONTENT_LENGTH"], body.len().to_string(), "{alias}");
    }
    let deceived = seen(pair.port.address(), "Content_Length");
    assert_eq!(deceived["body"], "the", "without the gateway the application reads no more: {deceived}");
}

#[test]
fn r02_two_credentials_never_reach_the_application() {
    let pair = Pair::start(Gateway::builder());
    let key = pair.gateway.key_for("alice");
    let other = pair.gateway.key_for("bob");
    for second in [key.as_str(), other.as_str(), FORGED] {
        let reply = pair.gateway.ask(&Request::get("/guarded").key(&key).key(second));
        assert_eq!(reply.status(), 400, "{}", reply.text());
    }
    let joined = Request::get("/guarded").header("Authorization", &format!("Bearer {key}, Bearer {other}"));
    assert_ne!(pair.gateway.ask(&joined).status(), 200);
}

#[test]
fn r08_where_a_request_came_from_is_what_the_gateway_saw() {
    let pair = Pair::start(Gateway::builder());
    let key = pair.gateway.key_for("alice");
    let request = Request::get("/seen")
        .host("api.example.com")
        .header("X-Forwarded-For", "203.0.113.9")
        .header("X-Forwarded-Host", "evil.example")
        .header("X-Forwarded-Proto", "gopher")
        .header("Forwarded", "for=203.0.113.9;host=evil.example");
    let deceived = pair.directly(&request).json();
    assert!(deceived["base"].as_str().is_some_and(|base| base.contains("evil.example")), "{deceived}");
    let seen = pair.gateway.ask(&request.key(&key)).json();
    assert_eq!(seen["remote"], "127.0.0.1");
    assert_eq!(seen["base"], "http://api.example.com");
    assert!(
        !seen.to_string().contains("evil.example") && !seen.to_string().contains("203.0.113.9"),
        "{seen}"
    );
}

/// The application sees one identity: the one in our token, and nothing of the key.
fn identity_is_ours(seen: &Value, gateway: &Gateway, key: &str) {
    let token = seen["headers"]["Authorization"].as_str().and_then(|value| value.strip_prefix("Bearer "));
    let claims = mintgate_verify::inspect(token.expect("a token")).expect("one of ours").claims;
    let claims = serde_json::to_value(claims).expect("a JSON object");
    assert_eq!((&claims["iss"], &claims["sub"]), (&gateway.issuer().into(), &"alice".into()));
    let everything = seen.to_string();
    for part in [key, key.rsplit('_').next().expect("a secret")] {
        assert!(!everything.contains(part), "{everything}");
    }
}
