//! A reply as it goes over the wire: rendered once, sent and kept.

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use mintgate_types::Revision;
use serde::Serialize;
use zeroize::Zeroizing;

/// A reply with JSON in it. There may be a key's text in it, so it is wiped after use.
#[derive(PartialEq, Eq)]
pub(crate) struct Rendered {
    status: StatusCode,
    revision: Option<Revision>,
    body: Zeroizing<Vec<u8>>,
}

impl Rendered {
    /// Of a thing that was made, with the revision by which it can be changed safely.
    pub(crate) fn created(revision: Revision, body: &impl Serialize) -> Self {
        Self { revision: Some(revision), ..Self::new(StatusCode::CREATED, body) }
    }

    /// Of what is no single thing.
    pub(crate) fn new(status: StatusCode, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("replies are maps with text for keys");
        Self::from_parts(status, None, Zeroizing::new(body))
    }

    pub(super) fn from_parts(
        status: StatusCode,
        revision: Option<Revision>,
        body: Zeroizing<Vec<u8>>,
    ) -> Self {
        Self { status, revision, body }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn revision(&self) -> Option<Revision> {
        self.revision
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }
}

impl IntoResponse for Rendered {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        let body = Body::from(Bytes::from_owner(self.body));
        let mut response = (self.status, json, body).into_response();
        if let Some(revision) = self.revision {
            let etag = HeaderValue::from_str(&format!("\"{revision}\"")).expect("digits and quotes");
            response.headers_mut().insert(header::ETAG, etag);
        }
        response
    }
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Rendered({}, {} bytes)", self.status, self.body.len())
    }
}
