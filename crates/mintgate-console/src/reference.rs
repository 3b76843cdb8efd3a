//! The admin API's document as a page to read: every operation with its parameters, bodies, replies and an example, under
//! `/docs/`.
//!
//! Promises: the page has what the document has, and nothing of the installation that serves it, so it is open to whoever
//! reaches the listener, like the console's files; it loads nothing from elsewhere, and runs no script that stands in it. It can be read
//! without scripts: those only filter, copy and choose the colours. Not here: asking the API.

mod example;
mod operation;
mod page;
mod schema;
mod text;

use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderValue, header};
use serde_json::Value;

use crate::policy;

/// Everything under `/docs/`, of an OpenAPI document. Asks nobody for a credential.
pub fn reference(document: &Value) -> Router {
    let page = axum::body::Bytes::from(page::render(document));
    Router::new()
        .route("/docs", get(async || plain(Redirect::to("/docs/"))))
        .route("/docs/", get(async move || reply("text/html; charset=utf-8", page)))
        .route("/docs/reference.css", get(async || reply("text/css; charset=utf-8", STYLE)))
        .route("/docs/icon.svg", get(async || reply("image/svg+xml", ICON)))
        .route("/docs/reference.js", get(async || reply("text/javascript; charset=utf-8", SCRIPT)))
}

fn reply(media_type: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        // The next binary may have another one under the same name.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy::READING)),
    ];
    plain((headers, body))
}

fn plain(reply: impl IntoResponse) -> Response {
    let mut response = reply.into_response();
    policy::apply(response.headers_mut());
    response
}

/// The console has the same.
const ICON: &str = include_str!("../../../console/public/icon.svg");
const STYLE: &str = include_str!("reference/reference.css");
const SCRIPT: &str = include_str!("reference/reference.js");

#[cfg(test)]
mod tests;
