//! What surrounds every request, from the outside in: [`render`], [`limit_time`], [`authenticate`],
//! [`carry_through`], and `account.rs`.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use mintgate_admin_api::paths;
use mintgate_types::RequestId;

use crate::{
    AdminService, admins,
    caller::Caller,
    reply::{self, Refusal, Reply},
    self_service::Manager,
    session::{self, Behind},
    timed_body::TimedBody,
};

/// Gives the request its id, turns what went wrong into a problem, and keeps replies out of caches.
pub(crate) async fn render(
    State(service): State<AdminService>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::generate(service.entropy());
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    let mut response = next.run(request).await;
    if let Some(refusal) = response.extensions_mut().remove::<Arc<Refusal>>() {
        response = reply::problem(&refusal, id, &method, response);
    }
    let headers = response.headers_mut();
    let id = HeaderValue::from_str(id.as_str()).expect("base62 can stand in a header");
    headers.insert(HeaderName::from_static("x-request-id"), id);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Answers in time, whatever happens below. What is below goes on then, so it is not to wait for a body that never ends.
pub(crate) async fn limit_time(
    State(service): State<AdminService>,
    request: Request,
    next: Next,
) -> Response {
    let patience = service.config().request_timeout;
    // A copy of a large store takes its time before its first byte.
    let limit = if request.uri().path() == paths::BACKUP { LONGEST } else { patience };
    let request = request.map(|body| Body::new(TimedBody::new(body, patience)));
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::Timeout.into_response(),
    }
}

/// Lets admins and managers pass, and anybody to the health checks and to where one signs in. Stands before the routes: who is not an admin does not learn
/// which paths there are.
pub(crate) async fn authenticate(
    State(service): State<AdminService>,
    mut request: Request,
    next: Next,
) -> Response {
    if is_open(request.method(), request.uri().path()) {
        return next.run(request).await;
    }
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let Behind { admin, person } = match who_is_behind(&service, &method, &headers).await {
        Ok(behind) => behind,
        Err(refusal) => return refusal.into_response(),
    };
    if let Some(admin) = admin {
        let caller = Caller::of(admin, &request);
        request.extensions_mut().insert(caller);
    }
    if let Some(person) = person {
        let manager = Manager::of(person, &request);
        request.extensions_mut().insert(manager);
    }
    next.run(request).await
}

/// Runs the endpoint in a task of its own. A caller who hangs up, or whose time is over, must not stop a change between
/// the store and the snapshot; and a panic below ends as a reply.
pub(crate) async fn carry_through(
    State(service): State<AdminService>,
    request: Request,
    next: Next,
) -> Response {
    match service.running().spawn(next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::Panicked.into_response(),
    }
}

/// What is there for everybody. It tells nothing of the installation. The router answers HEAD wherever it answers GET.
pub(crate) fn is_open(method: &Method, path: &str) -> bool {
    match path {
        paths::HEALTHZ | paths::READYZ => true,
        paths::SIGN_IN | paths::SESSION_OIDC | paths::SESSION_OIDC_CALLBACK => {
            matches!(*method, Method::GET | Method::HEAD)
        }
        paths::SESSION => *method == Method::POST,
        _ => false,
    }
}

/// Who is behind a request, by its token or by its session; by both is nobody.
async fn who_is_behind(service: &AdminService, method: &Method, headers: &HeaderMap) -> Reply<Behind> {
    let Some(presented) = session::presented(service, headers).await? else {
        let admin = admins::admin_of(service, bearer(headers)?).await?;
        return Ok(Behind { admin: Some(admin), person: None });
    };
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(Refusal::BadCredentials("there is an Authorization header beside a session's cookie"));
    }
    presented.refuse_forgery(method, headers)?;
    session::who_is_behind(service, &presented.session).await
}

fn bearer(headers: &HeaderMap) -> Result<&[u8], Refusal> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let line = lines.next().ok_or(Refusal::MissingToken)?;
    if lines.next().is_some() {
        return Err(Refusal::BadCredentials("there is more than one Authorization header"));
    }
    let line = line.as_bytes();
    let at = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (scheme, token) = line.split_at(at);
    if token.is_empty() || !scheme.eq_ignore_ascii_case(b"bearer") {
        return Err(Refusal::BadCredentials("the Authorization header must be `Bearer TOKEN`"));
    }
    Ok(token.trim_ascii())
}

/// For what cannot be done in the time that other requests have.
const LONGEST: Duration = Duration::from_hours(1);
