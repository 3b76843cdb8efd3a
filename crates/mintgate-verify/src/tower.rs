//! Guarding a service: a request passes only with a good token. For axum, tonic, hyper and whatever else is made of
//! `tower` services over `http::Request`. With the feature `tower`.
//!
//! [`RequireToken`] takes exactly one token from `Authorization: Bearer`, before any of the body is read, and leaves
//! the verified claims in the request's extensions as `Arc<Verified<Claims>>`. It never blocks the runtime: where keys
//! have to be fetched, another thread does it and the request waits. [`RequireScopes`] asks for more on single routes.
//! [`ResourceMetadata`] is the document of RFC 9728, for callers that find their issuer by being refused.
//!
//! Who is refused gets a fixed text as `application/problem+json` (RFC 9457) and the challenge of RFC 6750, and no
//! word of the reason, which is logged:
//!
//! | what | status, `code` | challenge |
//! | --- | --- | --- |
//! | no token | 401 `no_token` | `Bearer realm="..."` |
//! | expired | 401 `token_expired` | with `error="invalid_token"` |
//! | not good | 401 `token_invalid` | with `error="invalid_token"` |
//! | lacks a scope | 403 `insufficient_scope` | with `error="insufficient_scope", scope="..."` |
//! | two credentials, or none that can be read | 400 `invalid_request` | with `error="invalid_request"` |
//! | the keys cannot be had | 503 `issuer_unavailable`, `Retry-After` | - |
//!
//! Two `Authorization` lines are refused, equal ones too. So is a request with `Cgi-Authorization`, in any spelling
//! that CGI folds into it: nothing in Rust takes that for `Authorization`, but the same request must not be good at one
//! origin and bad at another, and a bridge behind this layer may. A token in the query or in a form is not looked at.
//!
//! ```
//! # async fn example(verifier: std::sync::Arc<mintgate_verify::Verifier>) -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! use axum::{Extension, Router, routing::get};
//! use mintgate_verify::{Claims, Verified, tower::{RequireScopes, RequireToken}};
//!
//! async fn orders(Extension(token): Extension<Arc<Verified<Claims>>>) -> String {
//!     format!("the orders of {}", token.claims().subject())
//! }
//!
//! let guarded = Router::new()
//!     .route("/orders", get(orders).layer(RequireScopes::new("orders:read".parse()?)))
//!     .layer(RequireToken::new(verifier).with_realm("orders")?);
//! let app: Router = Router::new().route("/health", get(|| async { "ok" })).merge(guarded);
//! # drop(app);
//! # Ok(())
//! # }
//! ```

mod credential;
mod layer;
mod metadata;
mod reply;
mod scopes;

pub use layer::{GuardedService, Guarding, RequireToken};
pub use metadata::{InvalidResource, ResourceMetadata};
pub use reply::InvalidChallenge;
pub use scopes::{RequireScopes, ScopedService, Scoping};
