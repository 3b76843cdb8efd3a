//! A minted token, ready to be forwarded.

use std::sync::Arc;

use http::HeaderValue;
use mintgate_signing::Minted;
use mintgate_types::{Kid, Timestamp};

/// A minted token as the value of an `Authorization` header. It cannot be printed.
pub struct Token {
    authorization: HeaderValue,
    kid: Kid,
    issued_ms: i64,
    /// From here on a successor is wanted.
    half_ms: i64,
    /// From here on it is not forwarded: less than a quarter of its life is left.
    floor_ms: i64,
}

/// How a cached token may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fitness {
    /// As it is.
    Fresh,
    /// As it is, while a successor is made.
    Aging,
    /// Not at all.
    Unfit,
}

impl Token {
    pub(crate) fn new(minted: &Minted) -> Arc<Self> {
        let mut value = Vec::with_capacity(minted.token().len() + SCHEME.len());
        value.extend_from_slice(SCHEME);
        value.extend_from_slice(minted.token().as_bytes());
        let mut authorization = HeaderValue::from_maybe_shared(bytes::Bytes::from(value))
            .expect("a compact token is base64url and dots (RFC 7515 §7.1)");
        authorization.set_sensitive(true);
        let issued_ms = minted.issued_at().as_millisecond();
        let life_ms = minted.expires_at().as_millisecond() - issued_ms;
        Arc::new(Self {
            authorization,
            kid: minted.kid().clone(),
            issued_ms,
            half_ms: issued_ms + life_ms / 2,
            floor_ms: issued_ms + life_ms * 3 / 4,
        })
    }

    /// The value for the request's `Authorization` header; cloning it copies no bytes.
    #[must_use]
    pub fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }

    /// What may be done with it at `now`, under the keys of this moment.
    ///
    /// A clock that went back makes tokens "from the future", which verifiers refuse: they are not used either.
    pub(crate) fn fitness(
        &self,
        now: Timestamp,
        active: &Kid,
        in_jwks: impl FnOnce(&Kid) -> bool,
    ) -> Fitness {
        let now_ms = now.as_millisecond();
        let signed_by_active = self.kid == *active;
        if now_ms >= self.floor_ms || now_ms < self.issued_ms - CLOCK_STEP_MS {
            return Fitness::Unfit;
        }
        if !signed_by_active && !in_jwks(&self.kid) {
            return Fitness::Unfit;
        }
        if signed_by_active && now_ms < self.half_ms { Fitness::Fresh } else { Fitness::Aging }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Token").field("kid", &self.kid).finish_non_exhaustive()
    }
}

const SCHEME: &[u8] = b"Bearer ";
/// Small steps back are the daily work of NTP, and within what verifiers tolerate.
const CLOCK_STEP_MS: i64 = 2_000;
