//! Why a token is not accepted: for the log, never for the caller.
//!
//! A refusal carries no word of the token, so it can be logged anywhere. [`Refusal::reason`] is stable: tests, logs,
//! metrics and the Python package rely on it.

use std::fmt;

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Longer than any token should be.
    #[error("the token is longer than {} bytes", crate::UnverifiedHeader::LONGEST_TOKEN)]
    TooLong,
    /// Not three parts with dots between them.
    #[error("the token does not have three parts")]
    NotThreeParts,
    /// A JWE where a JWS is due.
    #[error("the token is encrypted, not signed")]
    Encrypted,
    /// A part that is not strict base64url.
    #[error("the token's {0} is not base64url without padding")]
    NotBase64Url(Part),
    /// A part that is not a JSON object.
    #[error("the token's {0} is not a JSON object")]
    NotJson(Part),
    /// A part in which an object repeats a member.
    #[error("the token's {0} repeats a member")]
    DuplicateMember(Part),
    /// A part that nests too deeply.
    #[error("the token's {0} is nested too deeply")]
    TooDeep(Part),
    /// A header without a string called `alg`.
    #[error("the token names no algorithm")]
    AlgorithmMissing,
    /// `alg` is `none`, in whatever case.
    #[error("the token is not signed")]
    AlgorithmNone,
    /// A shared-secret algorithm, where there is no secret to share.
    #[error("the token is signed with a shared-secret algorithm")]
    AlgorithmSymmetric,
    /// An algorithm that we do not know.
    #[error("the token's algorithm is unknown")]
    AlgorithmUnknown,
    /// An algorithm that the configuration does not accept.
    #[error("the token's algorithm is not accepted here")]
    AlgorithmNotAllowed,
    /// An algorithm that the token's key is not for.
    #[error("the token's algorithm is not that of its key")]
    AlgorithmNotOfKey,
    /// `crit`: extensions that must be understood. We understand none (RFC 7515 §4.1.11).
    #[error("the token asks for extensions that are not understood")]
    Critical,
    /// `b64` (RFC 7797).
    #[error("the token's payload is unencoded")]
    Unencoded,
    /// A `kid` that is not a kid.
    #[error("the token's kid is not a string of 1 to 256 characters")]
    KidInvalid,
    /// A `typ` other than the one that is due.
    #[error("the token is of another type")]
    WrongType,
    /// The third part is empty.
    #[error("the token has no signature")]
    SignatureMissing,
    /// No key of that kid, or none of that algorithm for a token without kid.
    #[error("no key of the issuer matches the token")]
    UnknownKey,
    /// No key that was tried made the signature.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// A claim that is required and absent.
    #[error("the token has no {0}")]
    Missing(CheckedClaim),
    /// A claim of another type, or out of range.
    #[error("the token's {0} is malformed")]
    Malformed(CheckedClaim),
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Made in the future.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// Made by somebody else.
    #[error("the token is of another issuer")]
    WrongIssuer,
    /// Made for somebody else.
    #[error("the token is for another audience")]
    WrongAudience,
    /// Good, but not enough for what was asked.
    #[error("the token lacks a scope")]
    ScopeMissing,
}

/// A part of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The first.
    Header,
    /// The second.
    Payload,
    /// The third.
    Signature,
}

/// A claim that verification looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckedClaim {
    /// `iss`.
    Issuer,
    /// `sub`.
    Subject,
    /// `aud`.
    Audience,
    /// `exp`.
    Expires,
    /// `nbf`.
    NotBefore,
    /// `iat`.
    IssuedAt,
    /// `scope`.
    Scope,
}

impl Refusal {
    /// The refusal as one word. It never changes its meaning.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooLong => "token_too_long",
            Self::NotThreeParts => "not_three_parts",
            Self::Encrypted => "encrypted",
            Self::NotBase64Url(part) => {
                part.choose("header_not_base64url", "payload_not_base64url", "signature_not_base64url")
            }
            Self::NotJson(part) => part.choose("header_not_json", "payload_not_json", "signature_not_json"),
            Self::DuplicateMember(part) => part.choose(
                "header_duplicate_member",
                "payload_duplicate_member",
                "signature_duplicate_member",
            ),
            Self::TooDeep(part) => part.choose("header_too_deep", "payload_too_deep", "signature_too_deep"),
            Self::AlgorithmMissing => "alg_missing",
            Self::AlgorithmNone => "alg_none",
            Self::AlgorithmSymmetric => "alg_symmetric",
            Self::AlgorithmUnknown => "alg_unknown",
            Self::AlgorithmNotAllowed => "alg_not_allowed",
            Self::AlgorithmNotOfKey => "alg_not_of_key",
            Self::Critical => "critical_header",
            Self::Unencoded => "unencoded_payload",
            Self::KidInvalid => "kid_invalid",
            Self::WrongType => "wrong_type",
            Self::SignatureMissing => "signature_missing",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::Missing(claim) => claim.missing(),
            Self::Malformed(claim) => claim.malformed(),
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::ScopeMissing => "scope_missing",
        }
    }
}

impl Refusal {
    /// Whether another key could have verified the token.
    #[must_use]
    pub const fn is_for_want_of_a_key(self) -> bool {
        matches!(self, Self::UnknownKey | Self::AlgorithmNotOfKey | Self::BadSignature)
    }
}

impl Part {
    const fn choose(
        self,
        header: &'static str,
        payload: &'static str,
        signature: &'static str,
    ) -> &'static str {
        match self {
            Self::Header => header,
            Self::Payload => payload,
            Self::Signature => signature,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.choose("header", "payload", "signature"))
    }
}

impl CheckedClaim {
    /// The claim's name in a token.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::Expires => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::Scope => "scope",
        }
    }

    const fn missing(self) -> &'static str {
        match self {
            Self::Issuer => "iss_missing",
            Self::Subject => "sub_missing",
            Self::Audience => "aud_missing",
            Self::Expires => "exp_missing",
            Self::NotBefore => "nbf_missing",
            Self::IssuedAt => "iat_missing",
            Self::Scope => "scope_missing",
        }
    }

    const fn malformed(self) -> &'static str {
        match self {
            Self::Issuer => "iss_malformed",
            Self::Subject => "sub_malformed",
            Self::Audience => "aud_malformed",
            Self::Expires => "exp_malformed",
            Self::NotBefore => "nbf_malformed",
            Self::IssuedAt => "iat_malformed",
            Self::Scope => "scope_malformed",
        }
    }
}

impl fmt::Display for CheckedClaim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
