//! The routes: `/` leads to the console; below it are its files, and every other path is its one page, which reads from
//! the address what to show.

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use mintgate_types::Entropy;

use crate::{files, files::File, page, policy, policy::StyleNonce};

/// Everything under `/console/`, and the redirect from `/`. Asks nobody for a credential.
pub fn router(entropy: Arc<dyn Entropy>) -> Router {
    let page = move |headers: HeaderMap, path: Option<Path<String>>| {
        let entropy = Arc::clone(&entropy);
        async move { answer(path.as_ref().map_or("", |Path(path)| path), &headers, &*entropy) }
    };
    Router::new()
        .route("/", get(async || dressed(Redirect::to("/console/"))))
        .route("/console", get(async || dressed(Redirect::to("/console/"))))
        .route("/console/", get(page.clone()))
        .route("/console/{*path}", get(page))
}

fn answer(path: &str, headers: &HeaderMap, entropy: &dyn Entropy) -> Response {
    match files::find(path).filter(|file| file.path != "index.html") {
        Some(file) => dressed(file_reply(file, headers)),
        // A file that is gone is from an older build: the page in its place would be run as a script.
        None if path.starts_with("assets/") => dressed(StatusCode::NOT_FOUND),
        None => dressed(page_reply(entropy)),
    }
}

fn page_reply(entropy: &dyn Entropy) -> impl IntoResponse {
    let nonce = StyleNonce::generate(entropy);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, nonce.policy()),
        // The nonce is good for one load.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, page::render(&nonce).into_owned())
}

fn file_reply(file: &File, asked: &HeaderMap) -> Response {
    let chosen = file.for_browser(asked);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, file.media_type());
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = chosen.coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    if !file.is_immutable() {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        return (headers, chosen.bytes).into_response();
    }
    // The name changes with the contents, so it is all that a tag needs; each form has its own (RFC 9110 §8.8.3.3).
    let tag = format!("\"{}-{}\"", file.path, chosen.coding.unwrap_or("plain"));
    let tag = HeaderValue::try_from(tag).expect("vite writes ASCII names");
    let seen = asked.get(header::IF_NONE_MATCH) == Some(&tag);
    headers.insert(header::ETAG, tag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if seen {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, chosen.bytes).into_response()
}

fn dressed(reply: impl IntoResponse) -> Response {
    let mut response = reply.into_response();
    policy::apply(response.headers_mut());
    response
}

#[cfg(test)]
mod tests;
