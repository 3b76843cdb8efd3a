//! What the issuer publishes.

use mintgate_e2e::{Gateway, Origin, Request};

const JWKS: &str = "/__mintgate/issuer/.well-known/jwks.json";

#[test]
fn the_jwks_has_public_members_only_in_every_algorithm() {
    let origin = Origin::echo();
    for (algorithm, members) in [
        ("RS256", &["alg", "e", "kid", "kty", "n", "use"][..]),
        ("PS256", &["alg", "e", "kid", "kty", "n", "use"]),
        ("ES256", &["alg", "crv", "kid", "kty", "use", "x", "y"]),
        ("EdDSA", &["alg", "crv", "kid", "kty", "use", "x"]),
    ] {
        let gateway = Gateway::builder()
            .issuer(&format!("algorithm = \"{algorithm}\""))
            .origin("orders", origin.address())
            .start();
        let _ = gateway.cli(&["signing-keys", "rotate"]).done();
        let jwks = gateway.ask(&Request::get(JWKS)).json();
        assert_eq!(
            jwks.as_object().map(|set| set.keys().collect::<Vec<_>>()),
            Some(vec![&"keys".to_owned()])
        );
        let keys = jwks["keys"].as_array().expect("a list");
        assert_eq!(keys.len(), 2);
        for key in keys {
            let mut names: Vec<&str> = key.as_object().expect("a key").keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, members, "{algorithm}");
            assert_eq!((&key["use"], &key["alg"]), (&"sig".into(), &algorithm.into()));
        }
    }
}

#[test]
fn the_jwks_may_be_cached_and_is_not_sent_twice() {
    let origin = Origin::echo();
    let gateway =
        Gateway::builder().issuer("jwks_max_age = \"7m\"").origin("orders", origin.address()).start();
    let first = gateway.ask(&Request::get(JWKS));
    assert_eq!(first.header("cache-control"), Some("public, max-age=420"));
    assert_eq!(first.header("content-type"), Some("application/json"));
    let etag = first.header("etag").expect("a tag").to_owned();
    for tags in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
        let again = gateway.ask(&Request::get(JWKS).header("If-None-Match", &tags));
        assert_eq!((again.status(), again.body.len()), (304, 0), "{tags}");
        assert_eq!(again.header("etag"), Some(etag.as_str()));
        assert_eq!(again.header("cache-control"), Some("public, max-age=420"));
    }
    assert_eq!(gateway.ask(&Request::get(JWKS).header("If-None-Match", "\"other\"")).status(), 200);
    let head = gateway.ask(&Request::new("HEAD", JWKS));
    assert_eq!((head.status(), head.header("etag")), (200, Some(etag.as_str())));
    // Another set has another tag.
    let _ = gateway.cli(&["signing-keys", "rotate"]).done();
    let changed = gateway.ask(&Request::get(JWKS).header("If-None-Match", &etag));
    assert_eq!(changed.status(), 200);
    assert_ne!(changed.header("etag"), Some(etag.as_str()));
    // Nothing can be written there.
    let refused = gateway.ask(&Request::post(JWKS, "{}").header("Content-Type", "application/json"));
    assert_eq!(refused.status(), 405);
    assert!(refused.head.lists("allow", "GET"), "{:?}", refused.head);
    assert_eq!(origin.connections(), 0, "the gateway answers by itself");
}

#[test]
fn discovery_is_where_both_standards_want_it_and_names_the_issuer() {
    let origin = Origin::echo();
    for path in ["/__mintgate/issuer", "/__zuplo/issuer"] {
        let gateway = Gateway::builder()
            .issuer(&format!("path = \"{path}\""))
            .server("public_url = \"https://api.example.com\"")
            .origin("orders", origin.address())
            .start();
        let documents = [
            format!("{path}/.well-known/openid-configuration"),
            // RFC 8414 §3.1: before the path.
            format!("/.well-known/oauth-authorization-server{path}"),
        ];
        for document in documents {
            let reply = gateway.ask(&Request::get(&document));
            assert_eq!(reply.status(), 200, "{document}: {}", reply.text());
            assert!(reply.header("cache-control").is_some_and(|value| value.starts_with("public, max-age=")));
            let said = reply.json();
            let issuer = format!("https://api.example.com{path}");
            assert_eq!(said["issuer"], issuer.as_str());
            assert_eq!(said["jwks_uri"], format!("{issuer}/.well-known/jwks.json"));
        }
    }
}
