//! The keys that sign tokens. Only their public side is here.

use mintgate_types::{Kid, SigningKeyState, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema;

/// A key that signs tokens.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SigningKey {
    /// The thumbprint of its public part (RFC 7638).
    #[schema(value_type = schema::Kid)]
    pub kid: Kid,
    /// As in a token's header.
    #[schema(example = "RS256")]
    pub algorithm: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Where it stands.
    pub state: SigningKeyStateName,
    /// Since when it stands there.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When it leaves the JWKS, if it is retiring.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Where a signing key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SigningKeyStateName {
    /// In the JWKS, not yet signing.
    Published,
    /// The one that signs.
    Active,
    /// Verifies what it signed; signs no more.
    Retiring,
    /// Gone from the JWKS.
    Retired,
}

impl SigningKey {
    /// A signing key in a state.
    #[must_use]
    pub fn new(kid: Kid, algorithm: String, created: Timestamp, state: SigningKeyState) -> Self {
        let (state, since, until) = match state {
            SigningKeyState::Published { since } => (SigningKeyStateName::Published, since, None),
            SigningKeyState::Active { since } => (SigningKeyStateName::Active, since, None),
            SigningKeyState::Retiring { since, until } => (SigningKeyStateName::Retiring, since, Some(until)),
            SigningKeyState::Retired { at } => (SigningKeyStateName::Retired, at, None),
        };
        Self { kid, algorithm, created, state, since, until }
    }
}

/// All signing keys, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SigningKeyList {
    /// The signing keys.
    pub data: Vec<SigningKey>,
}

/// A new signing key is wanted.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateSigningKeys {
    /// Whether the old keys leave the JWKS at once, because one of them is known to others. Every token that they
    /// signed stops verifying, and none of them is forwarded again. Otherwise the new key is published first, and the
    /// old one verifies until its last token has expired.
    #[serde(default)]
    pub emergency: bool,
}

/// What came of the wish for a new signing key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SigningKeyRotation {
    /// What was done.
    pub outcome: RotationOutcome,
    /// The new signing key.
    #[schema(value_type = schema::Kid)]
    pub kid: Kid,
    /// When it signs.
    #[schema(value_type = String, format = DateTime)]
    pub signs_from: Timestamp,
    /// Those that left the JWKS at once.
    #[schema(value_type = Vec<schema::Kid>)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<Kid>,
}

/// What was done about a new signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RotationOutcome {
    /// It was made and published.
    Published,
    /// It was published before, and only its time has to come.
    AlreadyPublished,
    /// It replaced all others at once.
    Replaced,
}
