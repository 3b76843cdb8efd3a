//! What those get who are refused. The one place that turns errors into answers.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{Either, Full};
use mintgate_types::ScopeSet;
use serde_json::json;

use crate::VerifyError;

/// Why a request does not pass.
pub(super) enum Refused {
    NoToken,
    /// With the reason for the log.
    Malformed(&'static str),
    NotVerified(VerifyError),
    /// The scopes that are asked for.
    InsufficientScope(ScopeSet),
    /// Scopes are asked for where no token is: a mistake in the program, which must let nobody in.
    Unguarded,
}

/// What a challenge says of this origin.
#[derive(Clone)]
pub(super) struct Challenge {
    realm: Box<str>,
    resource_metadata: Option<Box<str>>,
}

/// A text that cannot stand in a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a challenge holds printable ASCII without quotes and backslashes")]
pub struct InvalidChallenge;

impl Challenge {
    pub(super) fn usual() -> Self {
        Self { realm: "api".into(), resource_metadata: None }
    }

    pub(super) fn with_realm(self, realm: &str) -> Result<Self, InvalidChallenge> {
        Ok(Self { realm: quotable(realm)?, ..self })
    }

    pub(super) fn with_resource_metadata(self, address: &str) -> Result<Self, InvalidChallenge> {
        Ok(Self { resource_metadata: Some(quotable(address)?), ..self })
    }

    fn header(&self, error: Option<&str>) -> HeaderValue {
        let mut text = format!("Bearer realm=\"{}\"", self.realm);
        if let Some(error) = error {
            text.push_str(", ");
            text.push_str(error);
        }
        if let Some(address) = &self.resource_metadata {
            text.push_str(", resource_metadata=\"");
            text.push_str(address);
            text.push('"');
        }
        HeaderValue::try_from(text).expect("realm, address and scopes are printable ASCII")
    }
}

impl Refused {
    /// The answer, and a line in the log.
    pub(super) fn answer<R>(self, challenge: &Challenge) -> Response<Either<Full<Bytes>, R>> {
        const INVALID: Option<&str> = Some("error=\"invalid_token\"");
        let (status, code, title, error) = match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, "no_token", "No token provided", None),
            Self::Malformed(reason) => {
                log(reason);
                let error = Some("error=\"invalid_request\"");
                (StatusCode::BAD_REQUEST, "invalid_request", "Malformed credentials", error)
            }
            Self::NotVerified(error) => {
                let (code, title) = match &error {
                    VerifyError::Unavailable { retry_after, .. } => {
                        tracing::error!(error = %error, "tokens cannot be verified");
                        return unavailable(*retry_after);
                    }
                    VerifyError::Expired => ("token_expired", "Token has expired"),
                    VerifyError::InsufficientScope => {
                        // The verifier's own policy asks for more than the route does.
                        log(error.reason());
                        let error = Some("error=\"insufficient_scope\"");
                        return problem(StatusCode::FORBIDDEN, "insufficient_scope", "Insufficient scope")
                            .with_challenge(challenge.header(error));
                    }
                    VerifyError::Invalid(_) => ("token_invalid", "Invalid token"),
                };
                log(error.reason());
                (StatusCode::UNAUTHORIZED, code, title, INVALID)
            }
            Self::InsufficientScope(scopes) => {
                log("scope_missing");
                let error = format!("error=\"insufficient_scope\", scope=\"{scopes}\"");
                return problem(StatusCode::FORBIDDEN, "insufficient_scope", "Insufficient scope")
                    .with_challenge(challenge.header(Some(&error)));
            }
            Self::Unguarded => {
                tracing::error!("RequireScopes is not inside of a RequireToken");
                return problem(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal server error")
                    .0;
            }
        };
        problem(status, code, title).with_challenge(challenge.header(error))
    }
}

struct Problem<R>(Response<Either<Full<Bytes>, R>>);

impl<R> Problem<R> {
    fn with_challenge(mut self, challenge: HeaderValue) -> Response<Either<Full<Bytes>, R>> {
        self.0.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        self.0
    }
}

fn unavailable<R>(retry_after: Duration) -> Response<Either<Full<Bytes>, R>> {
    let Problem(mut response) =
        problem(StatusCode::SERVICE_UNAVAILABLE, "issuer_unavailable", "Tokens cannot be verified now");
    let whole = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
    response.headers_mut().insert(header::RETRY_AFTER, whole.max(1).into());
    response
}

fn problem<R>(status: StatusCode, code: &str, title: &str) -> Problem<R> {
    let document = json!({
        "type": format!("urn:mintgate:problem:{code}"),
        "title": title,
        "status": status.as_u16(),
        "code": code,
    });
    let mut response = Response::new(Either::Left(Full::from(document.to_string())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Problem(response)
}

fn log(reason: &'static str) {
    tracing::info!(refusal.reason = reason, "a request was refused");
}

fn quotable(text: &str) -> Result<Box<str>, InvalidChallenge> {
    let holds = text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
    if holds { Ok(text.into()) } else { Err(InvalidChallenge) }
}
