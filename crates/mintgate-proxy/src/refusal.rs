//! Every way in which the gate does not forward a request. What the caller learns of each stands in `reply.rs`.

use http::StatusCode;
use mintgate_exchange::{KeyRefused, MintFailed};
use mintgate_policy::{MethodSet, PathRefusal};
use mintgate_types::{ConsumerId, OriginName, ScopeSet};

use crate::{connection::Violation, origin::OriginError};

/// A decision not to forward a request, or the failure to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Refusal {
    #[error("{0}")]
    Framing(Violation),
    #[error("the target is refused: {0}")]
    Path(#[from] PathRefusal),
    #[error("the path would name another route without its path parameters")]
    AmbiguousPath,
    #[error("the Host header is not text")]
    Host,
    #[error("no route is for this host")]
    UnknownHost,
    #[error("no route is for this path")]
    NoRoute,
    #[error("the path takes other methods")]
    Method { allow: MethodSet },
    #[error("an expectation other than 100-continue")]
    Expectation,
    #[error("no credential")]
    NoCredential,
    #[error("more than one credential")]
    ManyCredentials,
    #[error("a credential that is not `Bearer` and one token")]
    MalformedCredential,
    #[error("{0}")]
    MalformedKey(#[from] mintgate_apikey::MalformedKey),
    #[error("{0}")]
    Key(KeyRefused),
    #[error("the key lacks a scope")]
    Scope { needed: ScopeSet },
    #[error("{0}")]
    Mint(#[from] MintFailed),
    #[error("the keys are not loaded yet")]
    NotReady,
    #[error("the metadata of consumer {consumer} gives no claims")]
    Unmappable { consumer: ConsumerId },
    #[error("a body of more bytes than allowed")]
    BodyTooLarge,
    #[error("the client sent no more of the body")]
    BodyTooSlow,
    #[error("the client's body broke off")]
    BodyBroken,
    #[error("origin {origin}: {error}")]
    Origin { origin: OriginName, error: OriginError },
}

impl From<KeyRefused> for Refusal {
    fn from(refused: KeyRefused) -> Self {
        match refused {
            KeyRefused::NotReady => Self::NotReady,
            KeyRefused::Unmappable { consumer, .. } => Self::Unmappable { consumer },
            refused => Self::Key(refused),
        }
    }
}

impl Refusal {
    /// The status that it is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Framing(Violation::HeadTooLarge | Violation::TooManyLines) => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::Framing(Violation::TargetTooLong) => StatusCode::URI_TOO_LONG,
            Self::Framing(Violation::HeadTooSlow) | Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Framing(_)
            | Self::Path(_)
            | Self::AmbiguousPath
            | Self::Host
            | Self::ManyCredentials
            | Self::MalformedCredential
            | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::UnknownHost | Self::NoRoute => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Expectation => StatusCode::EXPECTATION_FAILED,
            Self::NoCredential | Self::MalformedKey(_) | Self::Key(_) => StatusCode::UNAUTHORIZED,
            Self::Scope { .. } => StatusCode::FORBIDDEN,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Mint(_) | Self::NotReady | Self::Unmappable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Origin { error: OriginError::ConnectTimeout | OriginError::ResponseTimeout, .. } => {
                StatusCode::GATEWAY_TIMEOUT
            }
            Self::Origin { .. } => StatusCode::BAD_GATEWAY,
        }
    }

    /// What programs tell it by. All credentials that do not work share one.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Framing(Violation::HeadTooLarge | Violation::TooManyLines) => "headers_too_large",
            Self::Framing(Violation::TargetTooLong) => "target_too_long",
            Self::Framing(Violation::HeadTooSlow) | Self::BodyTooSlow => "request_timeout",
            Self::Framing(_)
            | Self::Path(_)
            | Self::AmbiguousPath
            | Self::Host
            | Self::ManyCredentials
            | Self::MalformedCredential
            | Self::BodyBroken => "invalid_request",
            Self::UnknownHost | Self::NoRoute => "no_route",
            Self::Method { .. } => "method_not_allowed",
            Self::Expectation => "expectation_failed",
            Self::NoCredential => "credential_required",
            Self::MalformedKey(_) | Self::Key(_) => "invalid_token",
            Self::Scope { .. } => "insufficient_scope",
            Self::BodyTooLarge => "body_too_large",
            Self::Mint(_) | Self::NotReady | Self::Unmappable { .. } => "not_ready",
            Self::Origin { error: OriginError::ConnectTimeout | OriginError::ResponseTimeout, .. } => {
                "origin_timeout"
            }
            Self::Origin { .. } => "origin_unreachable",
        }
    }
}
