//! An axum API that only callers with a good token of the gateway reach.
//!
//! `cargo run -p mintgate-example-axum -- --issuer http://127.0.0.1:8080/__mintgate/issuer --audience orders`

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    routing::{get, post},
};
use clap::Parser;
use mintgate_verify::{
    Claims, Expected, KeySource, PlainHttp, TokenPolicy, Verified, Verifier,
    tower::{RequireScopes, RequireToken},
};
use serde_json::{Value, json};

#[derive(Parser)]
struct Settings {
    /// Who mints the tokens; its keys are found by discovery.
    #[arg(long)]
    issuer: String,
    /// What the gateway calls this origin.
    #[arg(long)]
    audience: String,
    #[arg(long, default_value_t = 8000)]
    port: u16,
}

/// Who calls, as an argument of handlers. It takes the place of `Extension<Arc<Verified<Claims>>>`.
struct Caller(Arc<Verified<Claims>>);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        // Only a route outside of RequireToken has none: a mistake, which must let nobody in.
        parts.extensions.get().cloned().map(Self).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

async fn protected(Caller(token): Caller) -> Json<Value> {
    Json(json!({ "message": "Access granted", "user": token.claims().all() }))
}

async fn orders(Caller(token): Caller) -> Json<Value> {
    Json(json!({ "orders": [], "user": token.claims().all() }))
}

async fn upload(body: Bytes) -> Json<Value> {
    Json(json!({ "bytes": body.len() }))
}

fn app(verifier: Arc<Verifier>) -> anyhow::Result<Router> {
    let guarded = Router::new()
        .route("/protected", get(protected))
        .route("/orders", get(orders).layer(RequireScopes::new("orders:read".parse()?)))
        .route("/upload", post(upload))
        .route_layer(RequireToken::new(verifier));
    Ok(Router::new()
        .route("/health", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/public", get(|| async { Json(json!({ "message": "For everybody" })) }))
        .merge(guarded))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = Settings::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let policy = TokenPolicy::new(
        Expected::exactly(settings.issuer.parse()?),
        Expected::exactly(settings.audience.parse()?),
    );
    let source = KeySource::issuer(&settings.issuer, PlainHttp::LoopbackOnly)?;
    let verifier = Arc::new(Verifier::builder(policy, source).build());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", settings.port)).await?;
    axum::serve(listener, app(verifier)?).await?;
    Ok(())
}
