//! What the gate publishes about its signing keys, on the listener that origins and verifiers reach.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use mintgate_policy::MethodSet;
use mintgate_signing::{Document, Issuer};

use crate::{body::ReplyBody, refusal::Refusal};

/// Answers for the issuer's well-known paths, before any route is asked.
pub(crate) struct Documents {
    issuer: Arc<Issuer>,
    jwks: String,
    openid_configuration: String,
    authorization_server: String,
}

impl Documents {
    pub(crate) fn new(issuer: Arc<Issuer>, issuer_path: &str) -> Self {
        Self {
            issuer,
            jwks: format!("{issuer_path}/.well-known/jwks.json"),
            openid_configuration: format!("{issuer_path}/.well-known/openid-configuration"),
            // RFC 8414 §3.1: the well-known part stands before the issuer's path.
            authorization_server: format!("/.well-known/oauth-authorization-server{issuer_path}"),
        }
    }

    /// `None` where the path is not one of ours.
    pub(crate) fn answer(
        &self,
        path: &str,
        method: &Method,
        headers: &HeaderMap,
    ) -> Option<Result<Response<ReplyBody>, Refusal>> {
        // Nearly every request is for a route: these are comparisons of lengths first.
        let choose = if path == self.jwks {
            mintgate_signing::Published::jwks
        } else if path == self.openid_configuration {
            mintgate_signing::Published::openid_configuration
        } else if path == self.authorization_server {
            mintgate_signing::Published::authorization_server
        } else {
            return None;
        };
        if method != Method::GET && method != Method::HEAD {
            let allow = MethodSet::new([Method::GET, Method::HEAD]).expect("two methods that can be routed");
            return Some(Err(Refusal::Method { allow }));
        }
        let published = self.issuer.published();
        Some(Ok(reply(choose(&published), published.cache_control(), headers)))
    }
}

fn reply(document: &Document, cache_control: &str, request: &HeaderMap) -> Response<ReplyBody> {
    let is_known = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == document.etag().as_bytes());
    let body = if is_known { bytes::Bytes::new() } else { document.body().clone() };
    let mut response = Response::new(ReplyBody::whole(body));
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [(header::ETAG, document.etag()), (header::CACHE_CONTROL, cache_control)] {
        headers.insert(name, HeaderValue::from_str(value).expect("tags and ages are visible ASCII"));
    }
    // Public keys are for everybody, browsers included.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
