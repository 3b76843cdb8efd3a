//! The tower layers, in axum.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, header},
    routing::{get, post},
};
use mintgate_verify::{
    Claims, Verified, Verifier,
    tower::{RequireScopes, RequireToken, ResourceMetadata},
};
use serde_json::{Value, json};
use tower_service::Service;

use crate::{
    issuer::{Answer, Issuer, SigningKey, response, set},
    verifier,
};

async fn whoami(Extension(token): Extension<Arc<Verified<Claims>>>) -> String {
    token.claims().subject().to_owned()
}

async fn upload(body: axum::body::Bytes) -> String {
    body.len().to_string()
}

fn app(verifier: Verifier) -> Router {
    let require = RequireToken::new(Arc::new(verifier)).with_realm("orders").expect("a realm");
    let reading = RequireScopes::new("orders:read".parse().expect("a scope"));
    let guarded = Router::new()
        .route("/", get(whoami))
        .route("/orders", get(whoami).layer(reading))
        .route("/upload", post(upload))
        .layer(require);
    Router::new().route("/health", get(|| async { "ok" })).merge(guarded)
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    fn challenge(&self) -> &str {
        self.header("www-authenticate")
    }

    fn code(&self) -> String {
        let problem: Value = serde_json::from_str(&self.body).expect("a problem document");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(problem["status"], self.status);
        let code = problem["code"].as_str().expect("a code").to_owned();
        assert_eq!(problem["type"], format!("urn:mintgate:problem:{code}"));
        code
    }
}

async fn ask(app: &mut Router, path: &str, lines: &[(&str, &str)]) -> Reply {
    let mut request = Request::get(path);
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    let response = app.call(request.body(Body::empty()).expect("a request")).await.expect("infallible");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 100_000).await.expect("short");
    let body = String::from_utf8(body.to_vec()).expect("text");
    Reply { status: parts.status.as_u16(), headers: parts.headers, body }
}

async fn present(app: &mut Router, path: &str, token: &str) -> Reply {
    ask(app, path, &[("authorization", &format!("Bearer {token}"))]).await
}

fn scoped(issuer: &Issuer, scope: &str) -> Value {
    let mut claims = issuer.claims();
    claims["scope"] = scope.into();
    claims
}

#[tokio::test]
async fn a_good_token_passes_and_the_handler_sees_what_it_says() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let mut app = app(verifier(&issuer).0);
    for _ in 0..2 {
        let reply = present(&mut app, "/", &key.sign(&issuer.claims())).await;
        assert_eq!((reply.status, &*reply.body), (200, "user-7"));
    }
    assert_eq!(ask(&mut app, "/health", &[]).await.status, 200, "what is not guarded is open");
}

#[tokio::test]
async fn who_is_refused_gets_the_same_few_words_as_at_every_other_origin() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let mut app = app(verifier(&issuer).0);
    let none = ask(&mut app, "/", &[]).await;
    assert_eq!((none.status, none.challenge()), (401, "Bearer realm=\"orders\""));
    assert_eq!(none.code(), "no_token");
    assert_eq!(
        none.body,
        json!({ "type": "urn:mintgate:problem:no_token", "title": "No token provided", "status": 401, "code": "no_token" })
            .to_string()
    );
    let mut claims = issuer.claims();
    claims["exp"] = (crate::issuer::NOW - 60).into();
    let expired = present(&mut app, "/", &key.sign(&claims)).await;
    assert_eq!((expired.status, &*expired.code()), (401, "token_expired"));
    assert_eq!(expired.challenge(), "Bearer realm=\"orders\", error=\"invalid_token\"");
    let invalid = present(&mut app, "/", &SigningKey::new(2).sign(&issuer.claims())).await;
    assert_eq!((invalid.status, &*invalid.code()), (401, "token_invalid"));
    assert_eq!(invalid.challenge(), "Bearer realm=\"orders\", error=\"invalid_token\"");
    assert!(!invalid.body.contains("key"), "the reason is for the log: {}", invalid.body);
}

#[tokio::test]
async fn a_scope_is_asked_for_on_the_routes_that_need_it() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let mut app = app(verifier(&issuer).0);
    let writer = key.sign(&scoped(&issuer, "orders:write orders:readall"));
    assert_eq!(present(&mut app, "/", &writer).await.status, 200);
    let refused = present(&mut app, "/orders", &writer).await;
    assert_eq!((refused.status, &*refused.code()), (403, "insufficient_scope"));
    let challenge = "Bearer realm=\"orders\", error=\"insufficient_scope\", scope=\"orders:read\"";
    assert_eq!(refused.challenge(), challenge);
    let reader = key.sign(&scoped(&issuer, "orders:write orders:read"));
    assert_eq!(present(&mut app, "/orders", &reader).await.status, 200);
    assert_eq!(ask(&mut app, "/orders", &[]).await.status, 401);
}

#[tokio::test]
async fn r27_two_credentials_are_refused_before_anything_is_verified() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let mut app = app(verifier(&issuer).0);
    let line = format!("Bearer {}", key.sign(&issuer.claims()));
    for second in
        [("authorization", &*line), ("authorization", "Basic dXNlcg=="), ("cgi_authorization", &*line)]
    {
        let refused = ask(&mut app, "/", &[("authorization", &line), second]).await;
        assert_eq!((refused.status, &*refused.code()), (400, "invalid_request"), "{second:?}");
        assert_eq!(refused.challenge(), "Bearer realm=\"orders\", error=\"invalid_request\"");
    }
    assert!(issuer.requests().is_empty());
}

#[tokio::test]
async fn an_issuer_that_is_down_is_a_503_that_says_when_to_come_back() {
    let issuer = Issuer::start();
    issuer.answer_keys(Answer::Raw(response("500 Internal Server Error", "", "")));
    let mut app = app(verifier(&issuer).0);
    let token = SigningKey::new(1).sign(&issuer.claims());
    for _ in 0..2 {
        let reply = present(&mut app, "/", &token).await;
        assert_eq!((reply.status, &*reply.code()), (503, "issuer_unavailable"));
        assert_eq!((reply.header("retry-after"), reply.challenge()), ("1", ""));
    }
}

#[tokio::test]
async fn while_keys_are_fetched_the_runtime_goes_on_with_others() {
    let key = SigningKey::new(1);
    let issuer = Issuer::start();
    let (open, gate) = mpsc::channel();
    issuer.answer_keys(Answer::Later(Arc::new(Mutex::new(gate)), set(&[&key])));
    let app = app(verifier(&issuer).0);
    let token = key.sign(&issuer.claims());
    // One thread runs all of this: if a request blocked it, nobody would ever open the gate.
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let (mut app, token) = (app.clone(), token.clone());
            async move { present(&mut app, "/", &token).await.status }
        })
        .map(Box::pin)
        .collect();
    let mut set = tokio::task::JoinSet::new();
    for one in waiting {
        set.spawn(one);
    }
    let mut free = app.clone();
    assert_eq!(ask(&mut free, "/", &[]).await.status, 401);
    tokio::task::yield_now().await;
    issuer.next_request();
    open.send(()).expect("the issuer waits for it");
    while let Some(status) = set.join_next().await {
        assert_eq!(status.expect("no panic"), 200);
    }
    assert!(issuer.requests().is_empty(), "there was one request only");
}

#[tokio::test]
async fn scopes_without_a_guard_around_them_let_nobody_in() {
    let reading = RequireScopes::new("orders:read".parse().expect("a scope"));
    let mut app = Router::new().route("/", get(|| async { "open" })).layer(reading);
    let reply = present(&mut app, "/", "a.b.c").await;
    assert_eq!((reply.status, &*reply.code()), (500, "internal_error"));
}

#[tokio::test]
async fn a_challenge_points_to_the_metadata_and_they_name_the_issuer() {
    let issuer = Issuer::start();
    let metadata =
        ResourceMetadata::new("https://orders.example/v1", [issuer.name().parse().expect("an issuer")])
            .expect("a resource")
            .with_scopes(&"orders:read".parse().expect("a scope"));
    let require = RequireToken::new(Arc::new(verifier(&issuer).0))
        .with_resource_metadata(metadata.address())
        .expect("an address");
    let mut app =
        Router::new().route("/v1", get(whoami)).layer(require).route_service(&metadata.path(), metadata);
    let refused = ask(&mut app, "/v1", &[]).await;
    let address = "https://orders.example/.well-known/oauth-protected-resource/v1";
    assert_eq!(refused.challenge(), format!("Bearer realm=\"api\", resource_metadata=\"{address}\""));
    let document = ask(&mut app, "/.well-known/oauth-protected-resource/v1", &[]).await;
    assert_eq!(document.header("content-type"), "application/json");
    let document: Value = serde_json::from_str(&document.body).expect("JSON");
    assert_eq!(
        document,
        json!({
            "resource": "https://orders.example/v1",
            "authorization_servers": [issuer.name()],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["orders:read"],
        })
    );
    let request =
        Request::post("/.well-known/oauth-protected-resource/v1").body(Body::empty()).expect("a request");
    let posted = app.call(request).await.expect("infallible");
    assert_eq!(
        (posted.status().as_u16(), &posted.headers()[header::ALLOW]),
        (405, &"GET, HEAD".parse().expect(""))
    );
}

#[test]
fn what_cannot_stand_in_a_challenge_or_name_a_resource_is_refused() {
    let issuer = Issuer::start();
    let require = RequireToken::new(Arc::new(verifier(&issuer).0));
    for bad in ["a\"b", "a\\b", "a\r\nb", "é"] {
        assert!(require.clone().with_realm(bad).is_err(), "{bad}");
        assert!(require.clone().with_resource_metadata(bad).is_err(), "{bad}");
    }
    for bad in [
        "orders",
        "ftp://orders.example",
        "https://u:p@orders.example",
        "https://a.example/?x",
        "https://a.example/#x",
    ] {
        assert!(ResourceMetadata::new(bad, []).is_err(), "{bad}");
    }
    let root = ResourceMetadata::new("https://orders.example/", []).expect("a resource");
    assert_eq!(root.address(), "https://orders.example/.well-known/oauth-protected-resource");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_upload_without_a_token_is_refused_before_its_body_is_sent() {
    let issuer = Issuer::start();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let app = app(verifier(&issuer).0);
    // Ends with this value.
    let mut serving = tokio::task::JoinSet::new();
    serving.spawn(async move { axum::serve(listener, app).await });
    let reply = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("listening");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
        let head = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("sent");
        let mut start = [0; 12];
        stream.read_exact(&mut start).expect("an answer, with none of the body sent");
        start
    });
    assert_eq!(&reply.await.expect("no panic"), b"HTTP/1.1 401");
}
