//! Every way in which the gate does not forward a request. What the caller learns of each stands in `reply.rs`.

use http::StatusCode;
use mintgate_exchange::{KeyRefused, MintFailed};
use mintgate_policy::{MethodSet, PathRefusal};
use mintgate_types::{ConsumerId, KeyId, OriginName, RefusalReason, ScopeSet};

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
    Scope { key: KeyId, needed: ScopeSet },
    #[error("{0}")]
    Mint(#[from] MintFailed),
    #[error("the keys are not loaded yet")]
    NotReady,
    #[error("the metadata of consumer {consumer} gives no claims")]
    Unmappable { key: KeyId, consumer: ConsumerId },
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
            KeyRefused::Unmappable { key, consumer } => Self::Unmappable { key, consumer },
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

    /// What it is counted as; `None` for what is no decision of the gate.
    pub(crate) fn reason(&self) -> Option<RefusalReason> {
        Some(match self {
            Self::Framing(Violation::HeadTooLarge | Violation::TooManyLines | Violation::TargetTooLong)
            | Self::BodyTooLarge => RefusalReason::TooLarge,
            Self::Framing(Violation::HeadTooSlow) | Self::BodyTooSlow => RefusalReason::TooSlow,
            Self::Framing(_)
            | Self::Path(_)
            | Self::AmbiguousPath
            | Self::Host
            | Self::Expectation
            | Self::BodyBroken => RefusalReason::InvalidRequest,
            Self::UnknownHost | Self::NoRoute => RefusalReason::NoRoute,
            Self::Method { .. } => RefusalReason::MethodNotAllowed,
            Self::NoCredential => RefusalReason::NoCredential,
            Self::ManyCredentials | Self::MalformedCredential | Self::MalformedKey(_) => {
                RefusalReason::MalformedCredential
            }
            Self::Key(KeyRefused::Revoked { .. }) => RefusalReason::RevokedKey,
            Self::Key(KeyRefused::Expired { .. }) => RefusalReason::ExpiredKey,
            Self::Key(KeyRefused::ConsumerDisabled { .. }) => RefusalReason::DisabledConsumer,
            Self::Key(_) => RefusalReason::UnknownKey,
            Self::Scope { .. } => RefusalReason::InsufficientScope,
            Self::Mint(_) | Self::NotReady | Self::Unmappable { .. } => RefusalReason::NotReady,
            Self::Origin { .. } => return None,
        })
    }

    /// The known key that did not get in. Refusals after that are counted with the request (`usage/meter.rs`).
    pub(crate) fn key(&self) -> Option<KeyId> {
        match self {
            Self::Key(
                KeyRefused::Revoked { key }
                | KeyRefused::Expired { key }
                | KeyRefused::ConsumerDisabled { key, .. },
            )
            | Self::Scope { key, .. }
            | Self::Unmappable { key, .. } => Some(*key),
            _ => None,
        }
    }
}
