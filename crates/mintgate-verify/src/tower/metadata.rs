//! The metadata of a protected resource (RFC 9728): who issues tokens for this origin.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use mintgate_types::ScopeSet;
use serde_json::{Map, Value, json};
use tower_service::Service;
use url::Url;

use crate::TrustedIssuer;

/// The document, as a service that answers with it. It is public: it goes outside of [`super::RequireToken`].
///
/// ```
/// # use mintgate_verify::tower::ResourceMetadata;
/// let issuer = "https://api.example.com/__mintgate/issuer".parse()?;
/// let metadata = ResourceMetadata::new("https://orders.example.com/v1", [issuer])?;
/// assert_eq!(metadata.path(), "/.well-known/oauth-protected-resource/v1");
/// let app: axum::Router = axum::Router::new().route_service(&metadata.path(), metadata);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ResourceMetadata {
    address: Url,
    members: Map<String, Value>,
    document: Bytes,
}

/// Not the identifier of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a resource is an https or http URL with a host and without credentials, query and fragment")]
pub struct InvalidResource;

impl ResourceMetadata {
    /// The metadata of `resource`, whose tokens come from `issuers`.
    pub fn new(
        resource: &str,
        issuers: impl IntoIterator<Item = TrustedIssuer>,
    ) -> Result<Self, InvalidResource> {
        let mut address = Url::parse(resource).map_err(|_| InvalidResource)?;
        let is_plain = address.username().is_empty()
            && address.password().is_none()
            && address.query().is_none()
            && address.fragment().is_none();
        if !matches!(address.scheme(), "https" | "http") || !address.has_host() || !is_plain {
            return Err(InvalidResource);
        }
        // Between host and path (RFC 9728 §3.1).
        let path = format!("{WELL_KNOWN}{}", address.path().trim_end_matches('/'));
        address.set_path(&path);
        let issuers: Vec<_> = issuers.into_iter().map(|issuer| issuer.as_str().to_owned()).collect();
        let mut members = Map::new();
        members.insert("resource".into(), resource.into());
        members.insert("authorization_servers".into(), issuers.into());
        members.insert("bearer_methods_supported".into(), json!(["header"]));
        Ok(Self { address, document: render(&members), members })
    }

    /// Names scopes that are of use here.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &ScopeSet) -> Self {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
        self.members.insert("scopes_supported".into(), scopes.into());
        self.document = render(&self.members);
        self
    }

    /// Where the document has to be served, for [`super::RequireToken::with_resource_metadata`].
    #[must_use]
    pub fn address(&self) -> &str {
        self.address.as_str()
    }

    /// The path of that address, for a router.
    #[must_use]
    pub fn path(&self) -> String {
        self.address.path().to_owned()
    }

    fn answer(&self, method: &Method) -> Response<Full<Bytes>> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let mut response = Response::new(Full::from(self.document.clone()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        response
    }
}

impl<B> Service<Request<B>> for ResourceMetadata {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(request.method())))
    }
}

fn render(members: &Map<String, Value>) -> Bytes {
    serde_json::to_vec(members).expect("text and lists of text").into()
}

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
