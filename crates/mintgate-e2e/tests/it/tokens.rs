//! What an origin gets in the place of a key.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use mintgate_e2e::{Gateway, Origin, Request};
use mintgate_types::{Clock, SystemClock};
use mintgate_verify::{Expected, KeySource, PlainHttp, TokenPolicy, Verifier, inspect};
use serde_json::{Value, json};

/// What an origin of this audience verifies tokens with.
fn verifier(gateway: &Gateway, audience: &str) -> Verifier {
    let issuer = gateway.issuer();
    let policy = TokenPolicy::new(
        Expected::exactly(issuer.parse().expect("an issuer")),
        Expected::exactly(audience.parse().expect("an audience")),
    );
    let source = KeySource::issuer(&issuer, PlainHttp::LoopbackOnly).expect("a loopback address");
    Verifier::builder(policy, source).build()
}

/// The published keys' ids.
fn kids(gateway: &Gateway) -> BTreeSet<String> {
    let jwks = gateway.ask(&Request::get("/__mintgate/issuer/.well-known/jwks.json")).json();
    let keys = jwks["keys"].as_array().expect("a JWK set").iter();
    keys.map(|key| key["kid"].as_str().expect("every key has an id").to_owned()).collect()
}

/// The last token that the origin got.
fn last_token(origin: &Origin) -> String {
    origin.requests().pop().expect("a request came").token()
}

#[test]
fn a_token_says_who_calls_and_nothing_more() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .issuer("algorithm = \"RS256\"")
        .issuer("token_lifetime = \"5m\"")
        .section("[claims]\n\"plan\" = \"metadata.plan\"\n\"team\" = \"tags.team\"")
        .origin_with("orders", origin.address(), "audience = \"https://orders.test/\"")
        .start();
    let consumer = json!({
        "name": "alice",
        "subject": "customer-4711",
        "metadata": { "plan": "gold", "secret_note": "not for origins" },
        "tags": { "team": "blue" },
        "key": { "scopes": ["orders:write", "orders:read"] },
    });
    let key = gateway.admin().new_consumer_with(&consumer);
    let before = SystemClock.now().as_second();
    assert_eq!(gateway.ask(&Request::get("/").key(&key.text)).status(), 200);
    let after = SystemClock.now().as_second();
    let token = last_token(&origin);
    let unverified = inspect(&token).expect("a token");
    let kid = unverified.header["kid"].as_str().expect("a kid").to_owned();
    assert_eq!(Value::from(unverified.header), json!({ "alg": "RS256", "kid": kid, "typ": "at+jwt" }));
    assert_eq!(kids(&gateway), BTreeSet::from([kid]));
    let mut claims = unverified.claims;
    let number = |value: Option<Value>| value.and_then(|value| value.as_i64()).expect("a whole number");
    let issued = number(claims.remove("iat"));
    assert!((before..=after).contains(&issued), "{before} {issued} {after}");
    assert_eq!(number(claims.remove("exp")), issued + 300);
    let id = claims.remove("jti").expect("an id");
    assert_eq!(id.as_str().map(str::len), Some(22), "{id}");
    let expected = json!({
        "iss": gateway.issuer(),
        "sub": "customer-4711",
        "aud": "https://orders.test/",
        "client_id": "alice",
        "key_id": key.id,
        "scope": "orders:read orders:write",
        "plan": "gold",
        "team": "blue",
    });
    assert_eq!(Value::from(claims), expected);
    verifier(&gateway, "https://orders.test/").verify(&token).expect("a good token");
}

#[test]
fn tokens_of_every_algorithm_verify() {
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        let origin = Origin::echo();
        let gateway = Gateway::builder()
            .issuer(&format!("algorithm = \"{algorithm}\""))
            .origin("orders", origin.address())
            .start();
        let key = gateway.key_for("alice");
        assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200, "{algorithm}");
        let token = last_token(&origin);
        assert_eq!(inspect(&token).expect("a token").header["alg"], algorithm);
        let verified = verifier(&gateway, "orders").verify(&token).expect("a good token");
        assert_eq!(verified.claims().subject(), "alice");
        assert_eq!(verified.claims().get("scope"), None, "a key without scopes gives none");
    }
}

#[test]
fn no_origin_ever_gets_a_key_wherever_the_client_put_it() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .origin("orders", origin.address())
        .route("path = \"/{*rest}\"\norigin = \"orders\"\nauth = \"api-key\"\napi_key_header = \"X-Secret-Key\"\napi_key_query = \"api_key\"")
        .start();
    let key = gateway.key_for("alice");
    for (target, lines, forwarded) in [
        ("/a?x=1", format!("Authorization: Bearer {key}\r\n"), "/a?x=1"),
        ("/b?x=1", format!("X-Secret-Key: {key}\r\n"), "/b?x=1"),
        (&format!("/c?x=1&api_key={key}&y=%2e"), String::new(), "/c?x=1&y=%2e"),
        (&format!("/d?api_key={key}"), String::new(), "/d"),
        (&format!("/e?api_key={}", key.replace('_', "%5F")), String::new(), "/e"),
        (&format!("/f?api_key={key}&&=&x"), String::new(), "/f?&=&x"),
    ] {
        let seen = origin.requests().len();
        let reply = gateway.ask(&Request::get(target).lines(lines));
        assert_eq!(reply.status(), 200, "{target}: {}", reply.text());
        let got = &origin.requests()[seen];
        assert_eq!(got.target(), forwarded);
        assert_eq!(got.token().split('.').count(), 3);
    }
    for target in [format!("/?api_key={key}&api_key={key}"), format!("/?API_KEY={key}")] {
        let status = gateway.ask(&Request::get(&target)).status();
        assert!(matches!(status, 400 | 401), "{target}: {status}");
    }
    origin.assert_never_saw(&key);
    let secret = key.rsplit('_').next().expect("the secret part");
    origin.assert_never_saw(secret);
}

#[test]
fn r29_a_token_for_origin_a_is_refused_at_origin_b_and_at_the_front_door() {
    let (a, b) = (Origin::echo(), Origin::echo());
    let gateway = two_origins(&a, &b).start();
    let key = gateway.key_for("alice");
    assert_eq!(gateway.ask(&Request::get("/a").key(&key)).status(), 200);
    let token = last_token(&a);
    verifier(&gateway, "a").verify(&token).expect("it is for a");
    let refused = verifier(&gateway, "b").verify(&token).expect_err("it is not for b");
    assert_eq!(refused.reason(), "wrong_audience", "{refused}");
    for path in ["/a", "/b"] {
        gateway.ask(&Request::get(path).key(&token)).assert_refused(401, "invalid_token");
    }
    assert_eq!((a.requests().len(), b.requests().len()), (1, 0));
}

#[test]
fn r30_no_token_is_a_credential_at_the_front_door_signed_or_not() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    let token = last_token(&origin);
    let (head, signature) = token.rsplit_once('.').expect("three parts");
    let payload = head.split_once('.').expect("two parts").1;
    for forged in [
        token.clone(),
        format!("{head}."),
        format!("eyJhbGciOiJub25lIn0.{payload}."),
        format!("eyJhbGciOiJub25lIn0.{payload}.{signature}"),
        format!("eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.{payload}.{signature}"),
        ".".repeat(10_000),
    ] {
        gateway.ask(&Request::get("/").key(&forged)).assert_refused(401, "invalid_token");
    }
    assert_eq!(origin.requests().len(), 1);
}

#[test]
fn r31_a_token_primed_on_one_route_is_not_used_on_another() {
    let (a, b) = (Origin::echo(), Origin::echo());
    let gateway = two_origins(&a, &b)
        .route("path = \"/a/write\"\norigin = \"a\"\nauth = \"api-key\"\nscopes = [\"write\"]")
        .start();
    let admin = gateway.admin();
    let key = admin.new_consumer_with(&json!({ "name": "alice", "key": { "scopes": ["read"] } }));
    let other = admin.new_consumer_with(&json!({ "name": "bob", "key": { "scopes": ["write"] } }));
    for _ in 0..3 {
        assert_eq!(gateway.ask(&Request::get("/a").key(&key.text)).status(), 200);
        assert_eq!(gateway.ask(&Request::get("/b").key(&key.text)).status(), 200);
        gateway.ask(&Request::get("/a/write").key(&key.text)).assert_refused(403, "insufficient_scope");
        assert_eq!(gateway.ask(&Request::get("/a/write").key(&other.text)).status(), 200);
    }
    let seen_at = |origin: &Origin| -> BTreeSet<String> {
        let tokens = origin.requests().into_iter().map(|request| request.token());
        let claims = tokens.map(|token| inspect(&token).expect("a token").claims);
        claims.map(|claims| format!("{} for {}", claims["sub"], claims["aud"])).collect()
    };
    let quoted = |all: &[&str]| all.iter().map(|&text| text.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(seen_at(&a), quoted(&[r#""alice" for "a""#, r#""bob" for "a""#]));
    assert_eq!(seen_at(&b), quoted(&[r#""alice" for "b""#]));
    // The cache was at work: the same key at the same origin got the same token each time.
    let distinct: BTreeSet<String> = a.requests().iter().map(mintgate_e2e::Recorded::token).collect();
    assert_eq!(distinct.len(), 2);
}

fn two_origins(a: &Origin, b: &Origin) -> mintgate_e2e::GatewayBuilder {
    Gateway::builder()
        .origin("a", a.address())
        .origin("b", b.address())
        .route("path = \"/a\"\norigin = \"a\"\nauth = \"api-key\"")
        .route("path = \"/b\"\norigin = \"b\"\nauth = \"api-key\"")
}

#[test]
fn r33_every_token_has_life_left_and_its_key_is_published() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .issuer("token_lifetime = \"2s\"")
        .issuer("jwks_max_age = \"1s\"")
        .issuer("propagation_margin = \"0s\"")
        .issuer("rotate_every = \"5s\"")
        .origin("orders", origin.address())
        .start();
    let key = gateway.key_for("alice");
    let mut seen = BTreeSet::new();
    let until = Instant::now() + Duration::from_millis(3500);
    while Instant::now() < until {
        let (published, before) = (kids(&gateway), SystemClock.now());
        assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
        let token = last_token(&origin);
        let unverified = inspect(&token).expect("a token");
        // Taken before the request, so that a slow machine can only make this easier, never fail it.
        let left = unverified.claims["exp"].as_i64().expect("a number") * 1000 - before.as_millisecond();
        assert!(left >= 500, "{left} ms left of 2 s");
        let kid = unverified.header["kid"].as_str().expect("a kid");
        assert!(published.contains(kid), "{kid} is not among {published:?}");
        seen.insert(token);
    }
    assert!(seen.len() >= 2, "in three seconds a token of two is renewed");
}

#[test]
fn r33_after_an_emergency_rotation_no_token_of_the_old_key_is_forwarded() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    let (old_token, old_kids) = (last_token(&origin), kids(&gateway));
    gateway.admin().must("POST", "/v1/signing-keys/rotate", &json!({ "emergency": true }));
    assert!(kids(&gateway).is_disjoint(&old_kids));
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    let new_token = last_token(&origin);
    assert_ne!(new_token, old_token);
    let verifier = verifier(&gateway, "orders");
    verifier.verify(&new_token).expect("signed with the new key");
    verifier.verify(&old_token).expect_err("its key is gone");
}

#[test]
fn r32_a_revoked_key_is_refused_at_once_although_its_token_is_cached() {
    let origin = Origin::echo();
    let gateway = Gateway::builder().server("workers = 2").origin("orders", origin.address()).start();
    let admin = gateway.admin();
    let key = admin.new_consumer("alice");
    let mut wires: Vec<_> = (0..8).map(|_| gateway.connect()).collect();
    for wire in &mut wires {
        wire.send(&Request::get("/").key(&key.text).bytes());
        assert_eq!(wire.reply().status(), 200);
    }
    admin.revoke(&key);
    for wire in &mut wires {
        wire.send(&Request::get("/").key(&key.text).bytes());
        wire.reply().assert_refused(401, "invalid_token");
    }
    assert_eq!(origin.requests().len(), 8);
}

#[test]
fn r41_metadata_cannot_steer_a_token() {
    let origin = Origin::echo();
    let gateway = Gateway::builder()
        .section("[claims]\n\"plan\" = \"metadata.plan\"")
        .origin("orders", origin.address())
        .start();
    let steering = json!({
        "name": "alice",
        "metadata": {
            "sub": "admin", "aud": "other", "iss": "evil", "exp": 9_999_999_999_u64, "scope": "admin", "key_id": "x",
            "plan": "\",\"sub\":\"admin\",\"x\":\"", "claims": { "sub": "admin" },
        },
        "key": {},
    });
    let key = gateway.admin().new_consumer_with(&steering);
    assert_eq!(gateway.ask(&Request::get("/").key(&key.text)).status(), 200);
    let verified = verifier(&gateway, "orders").verify(&last_token(&origin)).expect("a good token");
    let claims = verified.claims();
    assert_eq!(claims.subject(), "alice");
    assert_eq!(claims.get("aud"), Some(&json!("orders")));
    assert_eq!(claims.get("key_id"), Some(&json!(key.id)));
    assert_eq!(claims.get("scope"), None);
    assert_eq!(claims.get("plan"), Some(&json!("\",\"sub\":\"admin\",\"x\":\"")));
}

#[test]
fn r41_a_mapping_onto_a_registered_claim_does_not_start() {
    let origin = Origin::echo();
    for claim in ["sub", "AUD", "scope", "cnf"] {
        let builder = Gateway::builder()
            .section(&format!("[claims]\n\"{claim}\" = \"metadata.x\""))
            .origin("orders", origin.address());
        let log = Gateway::prepare(&builder).try_boot().expect_err("refused");
        assert!(log.contains(claim), "{log}");
    }
}

#[test]
fn the_published_documents_say_where_keys_are_and_how_long_they_hold() {
    let origin = Origin::echo();
    let gateway =
        Gateway::builder().issuer("jwks_max_age = \"90s\"").origin("orders", origin.address()).start();
    let base = "/__mintgate/issuer/.well-known";
    let jwks = gateway.ask(&Request::get(&format!("{base}/jwks.json")));
    assert_eq!(jwks.header("content-type"), Some("application/json"));
    assert_eq!(jwks.header("cache-control"), Some("public, max-age=90"));
    for key in jwks.json()["keys"].as_array().expect("a JWK set") {
        let members: BTreeSet<&str> = key.as_object().expect("a key").keys().map(String::as_str).collect();
        assert_eq!(members, BTreeSet::from(["alg", "crv", "kid", "kty", "use", "x", "y"]), "{key}");
    }
    let tag = jwks.header("etag").expect("a tag");
    let again = gateway.ask(&Request::get(&format!("{base}/jwks.json")).header("If-None-Match", tag));
    assert_eq!((again.status(), again.body.len()), (304, 0));
    for path in [
        format!("{base}/openid-configuration"),
        "/.well-known/oauth-authorization-server/__mintgate/issuer".into(),
    ] {
        let document = gateway.ask(&Request::get(&path)).json();
        assert_eq!(document["issuer"], gateway.issuer());
        assert_eq!(document["jwks_uri"], format!("{}/.well-known/jwks.json", gateway.issuer()));
    }
    gateway.ask(&Request::post(&format!("{base}/jwks.json"), "x")).assert_refused(405, "method_not_allowed");
    let head = gateway.ask(&Request::new("HEAD", &format!("{base}/jwks.json")));
    assert_eq!((head.status(), head.header("etag")), (200, Some(tag)));
    assert_eq!(origin.connections(), 0);
}
