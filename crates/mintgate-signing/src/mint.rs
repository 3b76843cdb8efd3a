//! Minting: from facts that were decided elsewhere to a signed token (RFC 9068).
//!
//! One path for all algorithms: the claims are written, encoded and signed. Where the signature is made elsewhere (a
//! key management service, a hardware module), [`ActiveSigner::prepare`] and [`UnsignedToken::signed`] are the two
//! halves with room for waiting in between.

use std::{io::Write as _, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use mintgate_types::{
    Audience, ConsumerName, IssuerUrl, KeyId, Kid, ScopeSet, SignedDuration, Subject, Timestamp, TokenId,
};
use serde::Serialize;

use crate::{MappedClaims, SigningError, SigningKeyPair};

/// How long tokens live: 1 second to 24 hours, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenLifetime(SignedDuration);

/// A duration that no token should live for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a token's lifetime must be 1 second to 24 hours, in whole seconds")]
pub struct InvalidTokenLifetime;

impl TokenLifetime {
    /// Takes a duration within the limits.
    pub fn new(duration: SignedDuration) -> Result<Self, InvalidTokenLifetime> {
        let whole = duration.subsec_nanos() == 0;
        if whole && (1..=24 * 3600).contains(&duration.as_secs()) {
            Ok(Self(duration))
        } else {
            Err(InvalidTokenLifetime)
        }
    }

    /// The duration.
    #[must_use]
    pub fn as_duration(self) -> SignedDuration {
        self.0
    }
}

/// What a token is to say; the rest is the signer's. Whoever fills this in has decided that it may be said.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'a> {
    /// `sub`: who the consumer is to origins.
    pub subject: &'a Subject,
    /// `aud`: the origin.
    pub audience: &'a Audience,
    /// `client_id`: the consumer.
    pub client_id: &'a ConsumerName,
    /// `key_id`: the key that was presented.
    pub key_id: KeyId,
    /// `scope`: what the key is good for; left out when empty.
    pub scopes: &'a ScopeSet,
    /// Mapped metadata.
    pub extra: &'a MappedClaims,
}

/// The key that signs at the moment, with what all of its tokens have in common.
#[derive(Debug)]
pub struct ActiveSigner {
    pair: Arc<SigningKeyPair>,
    lifetime: TokenLifetime,
    /// Encoded, with the dot.
    header: String,
    /// The object's opening with `iss`.
    opening: String,
}

/// A minted token. Whoever has its text is the consumer until it expires, so it does not print itself.
pub struct Minted {
    token: String,
    kid: Kid,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

/// A token that lacks its signature.
#[derive(Debug)]
pub struct UnsignedToken(Minted);

impl ActiveSigner {
    /// Signs with this key, in the name of this issuer. [`Issuer`](crate::Issuer) makes the one of the moment.
    #[must_use]
    pub fn new(pair: Arc<SigningKeyPair>, issuer: &IssuerUrl, lifetime: TokenLifetime) -> Self {
        let header = Header { alg: pair.algorithm().as_str(), kid: pair.kid(), typ: "at+jwt" };
        let header = serde_json::to_vec(&header).expect("strings can be written to memory");
        let issuer = serde_json::to_string(issuer).expect("a string can be written to memory");
        Self {
            header: URL_SAFE_NO_PAD.encode(header) + ".",
            opening: format!("{{\"iss\":{issuer},\"sub\":"),
            pair,
            lifetime,
        }
    }

    /// The key's name.
    #[must_use]
    pub fn kid(&self) -> &Kid {
        self.pair.kid()
    }

    /// A signed token that is good from `now` for the issuer's token lifetime. Computes for as long as
    /// [`SigningKeyPair::sign`] does: with RSA, not on a thread that serves requests.
    pub fn mint(
        &self,
        request: &TokenRequest<'_>,
        now: Timestamp,
        id: TokenId,
    ) -> Result<Minted, SigningError> {
        let unsigned = self.prepare(request, now, id);
        let signature = self.pair.sign(unsigned.signing_input())?;
        Ok(unsigned.signed(&signature))
    }

    /// The same token before it is signed.
    #[must_use]
    pub fn prepare(&self, request: &TokenRequest<'_>, now: Timestamp, id: TokenId) -> UnsignedToken {
        let (issued, expires) = (now.as_second(), now.as_second() + self.lifetime.0.as_secs());
        let claims = self.claims(request, (issued, expires), id);
        let encoded = claims.len().div_ceil(3) * 4;
        let mut token = String::with_capacity(self.header.len() + encoded + LONGEST_USUAL_SIGNATURE);
        token.push_str(&self.header);
        URL_SAFE_NO_PAD.encode_string(&claims, &mut token);
        UnsignedToken(Minted {
            token,
            kid: self.pair.kid().clone(),
            issued_at: whole_seconds(issued),
            expires_at: whole_seconds(expires),
        })
    }

    fn claims(&self, request: &TokenRequest<'_>, (issued, expires): (i64, i64), id: TokenId) -> Vec<u8> {
        let TokenRequest { subject, audience, client_id, key_id, scopes, extra } = request;
        let mut claims = Vec::with_capacity(USUAL_CLAIMS + extra.as_members().len());
        claims.extend_from_slice(self.opening.as_bytes());
        write_json(&mut claims, subject.as_str());
        claims.extend_from_slice(b",\"aud\":");
        write_json(&mut claims, audience.as_str());
        write!(claims, ",\"iat\":{issued},\"exp\":{expires},\"jti\":\"{id}\",\"client_id\":")
            .expect("memory takes what is written");
        write_json(&mut claims, client_id.as_str());
        write!(claims, ",\"key_id\":\"{key_id}\"").expect("memory takes what is written");
        if !scopes.is_empty() {
            // No escaping: a scope holds neither quotes nor backslashes (RFC 6749 §3.3).
            write!(claims, ",\"scope\":\"{scopes}\"").expect("memory takes what is written");
        }
        claims.extend_from_slice(extra.as_members().as_bytes());
        claims.push(b'}');
        claims
    }
}

impl UnsignedToken {
    /// What the signature is made over (RFC 7515 §5.1).
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.0.token.as_bytes()
    }

    /// The token with its signature, which is not checked here.
    #[must_use]
    pub fn signed(self, signature: &[u8]) -> Minted {
        let mut minted = self.0;
        minted.token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut minted.token);
        minted
    }
}

impl Minted {
    /// The token in its compact form. A credential: for the origin's request and nowhere else.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The key that signed it.
    #[must_use]
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// `iat`: the second in which it was minted.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// `exp`.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

impl std::fmt::Debug for Minted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Minted")
            .field("kid", &self.kid.as_str())
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    kid: &'a Kid,
    typ: &'static str,
}

fn write_json(buffer: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(buffer, text).expect("a string can be written to memory");
}

fn whole_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// A 2048-bit RSA signature, encoded, and its dot; longer ones make the text grow once.
const LONGEST_USUAL_SIGNATURE: usize = 343;
/// The fixed members and values of common length; longer ones make the buffer grow once.
const USUAL_CLAIMS: usize = 400;

#[cfg(test)]
mod tests;
