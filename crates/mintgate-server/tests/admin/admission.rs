//! Who gets in, and what those see who do not.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use mintgate_admin::document;

use crate::{
    api::{Api, TOKEN, admin},
    people::{self, People, Person},
};

fn bare(path: &str) -> http::request::Builder {
    Request::builder().method(Method::GET).uri(path)
}

#[tokio::test]
async fn r39_every_path_but_the_health_checks_and_the_door_demands_an_admin_token() {
    let api = Api::start().await;
    let mut open = Vec::new();
    let document = serde_json::to_value(document()).expect("a document");
    for (template, item) in document["paths"].as_object().expect("paths") {
        for method in ["get", "post", "patch", "delete"] {
            if item.get(method).is_none() {
                continue;
            }
            if item[method]["security"].as_array().is_some_and(Vec::is_empty) {
                open.push(format!("{method} {template}"));
                continue;
            }
            let path = template
                .replace("{bucket}", "production")
                .replace("{consumer}", "alice")
                .replace("{key_id}", "0123456789ab")
                .replace("{token_id}", "0123456789ab")
                .replace("{kid}", "x");
            let method = method.to_ascii_uppercase();
            let request = Request::builder().method(method.as_str()).uri(path).body(Body::empty());
            let reply = api.send(request.expect("a request")).await;
            reply.refused(401, "missing_token");
        }
    }
    let door =
        ["post /v1/session", "get /v1/session/oidc", "get /v1/session/oidc/callback", "get /v1/sign-in"];
    assert_eq!(open, [&["get /healthz", "get /readyz"], &door[..]].concat());
}

#[tokio::test]
async fn the_door_is_open_to_head_as_it_is_to_get() {
    let api = Api::start().await;
    for (path, status) in
        [("/v1/sign-in", 200), ("/v1/session/oidc", 404), ("/v1/session/oidc/callback", 404)]
    {
        for request in [Request::head(path), admin(Method::HEAD, path)] {
            let reply = api.send(request.body(Body::empty()).expect("a request")).await;
            assert_eq!(reply.status, status, "{path}");
        }
    }
}

#[tokio::test]
async fn r39_who_has_no_token_does_not_learn_which_paths_there_are() {
    let api = Api::start().await;
    for path in
        ["/", "/v1/nothing", "/v1/keys/", "/metrics", "//healthz", "/healthz/", "/readyz/x", "/HEALTHZ"]
    {
        let reply = api.send(bare(path).body(Body::empty()).expect("a request")).await;
        reply.refused(401, "missing_token");
    }
}

#[tokio::test]
async fn a_request_without_a_token_is_challenged_without_an_error_code() {
    let api = Api::start().await;
    let reply = api.send(bare("/v1/whoami").body(Body::empty()).expect("a request")).await;
    assert_eq!(reply.header(header::WWW_AUTHENTICATE), "Bearer realm=\"mintgate admin\"");
}

#[tokio::test]
async fn an_unknown_token_is_refused_as_invalid() {
    let api = Api::start().await;
    for token in ["x", &TOKEN[1..], &format!("{TOKEN}x"), &TOKEN.to_ascii_uppercase()] {
        let request = bare("/v1/whoami").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let reply = api.send(request.body(Body::empty()).expect("a request")).await;
        reply.refused(401, "invalid_token");
        assert_eq!(
            reply.header(header::WWW_AUTHENTICATE),
            "Bearer realm=\"mintgate admin\", error=\"invalid_token\""
        );
    }
}

#[tokio::test]
async fn two_credentials_or_another_scheme_are_a_bad_request() {
    let api = Api::start().await;
    let twice = admin(Method::GET, "/v1/whoami").header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    api.send(twice.body(Body::empty()).expect("a request")).await.refused(400, "invalid_request");
    for value in [format!("Basic {TOKEN}"), TOKEN.to_owned(), "Bearer".to_owned()] {
        let request = bare("/v1/whoami").header(header::AUTHORIZATION, value).body(Body::empty());
        api.send(request.expect("a request")).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn the_scheme_may_be_in_any_case() {
    let api = Api::start().await;
    let request = bare("/v1/whoami").header(header::AUTHORIZATION, format!("bEARER {TOKEN}"));
    let whoami = api.send(request.body(Body::empty()).expect("a request")).await.done(200);
    insta::assert_json_snapshot!(whoami, @r#"
    {
      "name": "admin",
      "role": "owner",
      "via": "token"
    }
    "#);
}

#[tokio::test]
async fn the_health_checks_say_nothing_but_a_status() {
    let api = Api::start().await;
    for path in ["/healthz", "/readyz"] {
        let reply = api.send(bare(path).body(Body::empty()).expect("a request")).await;
        assert_eq!((reply.status, reply.text.as_str()), (StatusCode::NO_CONTENT, ""));
    }
    api.node.fails.store(true, std::sync::atomic::Ordering::SeqCst);
    let reply = api.send(bare("/readyz").body(Body::empty()).expect("a request")).await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::SERVICE_UNAVAILABLE, ""));
}

#[tokio::test]
async fn every_reply_is_kept_out_of_caches_and_has_an_id_of_its_own() {
    let api = Api::start().await;
    let one = api.get("/v1/whoami").await;
    let other = api.get("/v1/whoami").await;
    for reply in [&one, &other] {
        assert_eq!(reply.header(header::CACHE_CONTROL), "no-store");
        assert_eq!(reply.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    let id = "x-request-id".parse::<header::HeaderName>().expect("a name");
    assert_ne!(one.header(id.clone()), other.header(id));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let api = Api::start().await;
    api.get("/v1/nothing").await.refused(404, "not_found");
    let reply = api.delete("/v1/buckets").await;
    reply.refused(405, "method_not_allowed");
    let mut allowed: Vec<_> = reply.header(header::ALLOW).split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}

#[tokio::test]
async fn a_page_that_sends_browsers_to_the_way_back_locks_nobody_out() {
    let api = people::api(People::new()).await;
    for _ in 0..20 {
        let sent = bare("/v1/session/oidc/callback?code=x&state=y").body(Body::empty());
        let reply = api.send(sent.expect("a request")).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
    }
    assert!(api.signed_in(&Person::subject("1").in_group("support")).await.is_ok());
}

#[tokio::test]
async fn whoever_guesses_on_the_way_back_is_locked_out_soon() {
    let api = people::api(People::new()).await;
    let out = api.send(bare("/v1/session/oidc").body(Body::empty()).expect("a request")).await;
    let attempt = out.header(header::SET_COOKIE).split(';').next().expect("a pair");
    let mut replies = Vec::new();
    for _ in 0..20 {
        let back = bare("/v1/session/oidc/callback?code=code&state=y").header(header::COOKIE, attempt);
        replies.push(api.send(back.body(Body::empty()).expect("a request")).await.status);
        if replies.last() == Some(&StatusCode::TOO_MANY_REQUESTS) {
            break;
        }
    }
    assert!((2..=10).contains(&replies.len()), "{replies:?}");
    assert_eq!(replies.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
}
