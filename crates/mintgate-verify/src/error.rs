//! What a caller of the verifier has to tell apart.

use std::{sync::Arc, time::Duration};

use mintgate_jwt::Refusal;

/// Why a token was not verified. For the log; whoever sent the token is told no more than the kind.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token was good until it expired: its holder may fetch a new one. 401.
    #[error("the token has expired")]
    Expired,
    /// The token is not acceptable. 401.
    #[error("{0}")]
    Invalid(Refusal),
    /// The token is good but lacks a scope. 403.
    #[error("the token lacks a scope")]
    InsufficientScope,
    /// The issuer's keys cannot be had, so nothing is known about the token. 503.
    #[error("the issuer's keys cannot be had: {}", cause.as_deref().unwrap_or("no answer yet"))]
    Unavailable {
        /// When it is worth asking again.
        retry_after: Duration,
        /// What went wrong with the last fetch.
        cause: Option<Arc<str>>,
    },
}

impl VerifyError {
    /// The error as one word: a refusal's reason, or `issuer_unavailable`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Expired => Refusal::Expired.reason(),
            Self::Invalid(refusal) => refusal.reason(),
            Self::InsufficientScope => Refusal::ScopeMissing.reason(),
            Self::Unavailable { .. } => "issuer_unavailable",
        }
    }
}

impl From<Refusal> for VerifyError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Expired => Self::Expired,
            Refusal::ScopeMissing => Self::InsufficientScope,
            other => Self::Invalid(other),
        }
    }
}
