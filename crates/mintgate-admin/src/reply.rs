//! Replies. The one file that turns what went wrong into what the caller gets, and the only place that logs it.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header};
use mintgate_admin_api::{FieldProblem, InvalidCursor, Problem, ProblemCode};
use mintgate_store::{Conflict, StoreError};
use mintgate_types::{RequestId, Revision};
use serde::Serialize;

use crate::{CatchUpError, JudgeError, SigningControlError, once};

/// Why a request is not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no admin token")]
    MissingToken,
    #[error("an unknown admin token")]
    InvalidToken,
    #[error("no such session, or one that is over")]
    SessionOver,
    #[error("a request with a session that no page of the console made")]
    Forged,
    #[error("too many failed attempts to sign in")]
    TooManyAttempts(Duration),
    #[error("too many changes by one manager")]
    TooManyChanges(Duration),
    #[error("the key is not active")]
    KeyNotActive,
    #[error("the consumer is disabled")]
    ConsumerDisabled,
    #[error("the caller may not do this")]
    Forbidden,
    #[error("an endpoint answered without asking who it is for")]
    Unjudged,
    #[error("bad credentials: {0}")]
    BadCredentials(&'static str),
    #[error("the request cannot be read: {0}")]
    Unreadable(String),
    #[error("the body is not declared as JSON")]
    MediaType,
    #[error("the body is too large")]
    TooLarge,
    #[error("{} wrong fields", .0.len())]
    Fields(Vec<FieldProblem>),
    #[error("no such {0}")]
    NotFound(&'static str),
    #[error("no such path")]
    NoSuchPath,
    #[error("no such method")]
    NoSuchMethod,
    #[error("nothing to roll")]
    NothingToRoll,
    #[error("another request under the same idempotency key")]
    IdempotencyKeyReused,
    #[error("the same request is under way")]
    IdempotencyKeyInUse,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    CatchUp(#[from] CatchUpError),
    #[error(transparent)]
    Signing(#[from] SigningControlError),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error("the request took too long")]
    Timeout,
    #[error("the endpoint panicked")]
    Panicked,
}

impl Refusal {
    /// One field is wrong.
    pub(crate) fn field(field: impl Into<String>, message: impl std::fmt::Display) -> Self {
        Self::Fields(vec![FieldProblem { field: field.into(), message: message.to_string() }])
    }

    /// The status of the reply.
    pub(crate) fn status(&self) -> StatusCode {
        self.kind().0
    }

    /// The code of the problem.
    pub(crate) fn code(&self) -> &'static str {
        self.kind().1.name()
    }

    fn kind(&self) -> (StatusCode, ProblemCode) {
        use ProblemCode as Code;
        match self {
            Self::MissingToken => (StatusCode::UNAUTHORIZED, Code::MissingToken),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, Code::InvalidToken),
            Self::SessionOver => (StatusCode::UNAUTHORIZED, Code::SessionOver),
            Self::Forged => (StatusCode::FORBIDDEN, Code::ForgedRequest),
            Self::TooManyAttempts(_) => (StatusCode::TOO_MANY_REQUESTS, Code::TooManyAttempts),
            Self::TooManyChanges(_) => (StatusCode::TOO_MANY_REQUESTS, Code::TooManyChanges),
            Self::KeyNotActive => (StatusCode::CONFLICT, Code::KeyNotActive),
            Self::ConsumerDisabled => (StatusCode::CONFLICT, Code::ConsumerDisabled),
            Self::Forbidden => (StatusCode::FORBIDDEN, Code::Forbidden),
            Self::Unjudged => (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal),
            Self::BadCredentials(_) | Self::Unreadable(_) => (StatusCode::BAD_REQUEST, Code::InvalidRequest),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::UnsupportedMediaType),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge),
            Self::Fields(_) => (StatusCode::UNPROCESSABLE_ENTITY, Code::InvalidField),
            Self::NotFound(_) | Self::NoSuchPath | Self::Signing(SigningControlError::NotFound) => {
                (StatusCode::NOT_FOUND, Code::NotFound)
            }
            Self::NoSuchMethod => (StatusCode::METHOD_NOT_ALLOWED, Code::MethodNotAllowed),
            Self::NothingToRoll => (StatusCode::CONFLICT, Code::NothingToRoll),
            Self::IdempotencyKeyReused => (StatusCode::UNPROCESSABLE_ENTITY, Code::IdempotencyKeyReused),
            Self::IdempotencyKeyInUse => (StatusCode::CONFLICT, Code::IdempotencyKeyInUse),
            Self::Signing(SigningControlError::Refused(_)) => (StatusCode::CONFLICT, Code::SigningKeyState),
            Self::Store(error) | Self::Signing(SigningControlError::Store(error)) => {
                kind_of_store_error(error)
            }
            Self::CatchUp(_) => (StatusCode::SERVICE_UNAVAILABLE, Code::NotYetInForce),
            Self::Judge(_) => (StatusCode::SERVICE_UNAVAILABLE, Code::NotReady),
            Self::Timeout => (StatusCode::GATEWAY_TIMEOUT, Code::Timeout),
            Self::Panicked | Self::Signing(SigningControlError::Other(_)) => {
                (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal)
            }
        }
    }

    /// What may be told beyond the title. What broke on our side stays in the log.
    fn detail(&self) -> Option<String> {
        match self {
            Self::BadCredentials(what) => Some((*what).to_owned()),
            Self::Unreadable(what) => Some(what.clone()),
            Self::NotFound(what) => Some(format!("there is no such {what}")),
            Self::Signing(SigningControlError::NotFound) => Some("there is no such signing key".to_owned()),
            Self::Signing(SigningControlError::Refused(why)) => Some(why.clone()),
            Self::Store(StoreError::Conflict(Conflict::ReplyTooLarge)) => Some(format!(
                "the reply would be larger than the {} MiB that are kept for an Idempotency-Key: ask for fewer at once",
                once::LARGEST_KEPT >> 20
            )),
            Self::IdempotencyKeyReused => Some(
                "another request was made with this Idempotency-Key: use one key for one request".to_owned(),
            ),
            Self::IdempotencyKeyInUse => Some(
                "the request with this Idempotency-Key is still under way: ask again for its reply"
                    .to_owned(),
            ),
            Self::Store(StoreError::Conflict(conflict)) => Some(conflict.to_string()),
            Self::KeyNotActive => Some("it was rolled or has expired: ask an admin".to_owned()),
            Self::ConsumerDisabled => Some("ask an admin to enable it".to_owned()),
            Self::MediaType => Some("send `Content-Type: application/json`".to_owned()),
            Self::Timeout => {
                Some("a change that was under way may still be made: look before you repeat it".to_owned())
            }
            Self::CatchUp(_) => Some(
                "the change is on disk and will come into force here; other nodes may have it".to_owned(),
            ),
            _ => None,
        }
    }
}

impl From<InvalidCursor> for Refusal {
    fn from(error: InvalidCursor) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl IntoResponse for Refusal {
    /// A reply without a body: the outermost layer, which knows the request's id, renders it.
    fn into_response(self) -> Response {
        let mut response = self.kind().0.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Turns what went wrong into what the caller gets, and logs it once.
pub(crate) fn problem(refusal: &Refusal, id: RequestId, method: &Method, mut bare: Response) -> Response {
    let (status, code) = refusal.kind();
    log(refusal, status, id, method);
    let mut problem = Problem::new(status.as_u16(), code, id.to_string());
    problem.detail = refusal.detail();
    if let Refusal::Fields(fields) = refusal {
        problem.errors.clone_from(fields);
    }
    let mut response = (status, Json(problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
    if let Some(allow) = bare.headers_mut().remove(header::ALLOW) {
        headers.insert(header::ALLOW, allow);
    }
    if let Some(challenge) = challenge(refusal) {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Refusal::TooManyAttempts(wait) | Refusal::TooManyChanges(wait) = refusal {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if status == StatusCode::SERVICE_UNAVAILABLE || matches!(refusal, Refusal::IdempotencyKeyInUse) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// As RFC 6750 §3 has it: no error code for those who presented nothing.
fn challenge(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::MissingToken | Refusal::SessionOver => Some("Bearer realm=\"mintgate admin\""),
        Refusal::InvalidToken => Some("Bearer realm=\"mintgate admin\", error=\"invalid_token\""),
        Refusal::BadCredentials(_) => Some("Bearer realm=\"mintgate admin\", error=\"invalid_request\""),
        _ => None,
    }
}

fn log(refusal: &Refusal, status: StatusCode, id: RequestId, method: &Method) {
    let chain = Chain(refusal);
    if status.is_server_error() {
        tracing::error!(error = %chain, http.status = status.as_u16(), http.method = %method, request.id = %id, "failed");
    } else {
        tracing::debug!(error = %chain, http.status = status.as_u16(), http.method = %method, request.id = %id, "refused");
    }
}

struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(formatter, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

fn kind_of_store_error(error: &StoreError) -> (StatusCode, ProblemCode) {
    use ProblemCode as Code;
    match error {
        StoreError::Conflict(conflict) => match conflict {
            Conflict::BucketExists => (StatusCode::CONFLICT, Code::BucketExists),
            Conflict::ConsumerExists => (StatusCode::CONFLICT, Code::ConsumerExists),
            Conflict::KeyExists => (StatusCode::CONFLICT, Code::KeyExists),
            Conflict::AdminTokenExists => (StatusCode::CONFLICT, Code::AdminTokenExists),
            Conflict::AdminTokenEnded => (StatusCode::CONFLICT, Code::AdminTokenEnded),
            Conflict::KeyRevoked => (StatusCode::CONFLICT, Code::KeyRevoked),
            Conflict::BucketNotEmpty => (StatusCode::CONFLICT, Code::BucketNotEmpty),
            Conflict::ReceiptExists => (StatusCode::CONFLICT, Code::IdempotencyKeyInUse),
            Conflict::ReplyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge),
            Conflict::NoParent => (StatusCode::NOT_FOUND, Code::NotFound),
            Conflict::Stale { .. } => (StatusCode::PRECONDITION_FAILED, Code::Stale),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal),
        },
        StoreError::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal),
    }
}

/// For paths that lead nowhere.
pub(crate) async fn no_such_path() -> Refusal {
    Refusal::NoSuchPath
}

/// For paths that lead somewhere, by another method.
pub(crate) async fn no_such_method() -> Refusal {
    Refusal::NoSuchMethod
}

/// What an endpoint returns.
pub(crate) type Reply<T> = Result<T, Refusal>;

/// A thing with the revision by which it can be changed safely.
pub(crate) struct Tagged<T> {
    pub(crate) status: StatusCode,
    pub(crate) revision: Revision,
    pub(crate) body: T,
}

impl<T> Tagged<T> {
    pub(crate) fn ok(revision: Revision, body: T) -> Self {
        Self { status: StatusCode::OK, revision, body }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let etag = HeaderValue::from_str(&format!("\"{}\"", self.revision)).expect("digits and quotes");
        (self.status, [(header::ETAG, etag)], Json(self.body)).into_response()
    }
}
