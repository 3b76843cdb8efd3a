//! What the admin API asks of the data plane about a key.

use async_trait::async_trait;
use mintgate_admin_api::KeyRefusal;
use mintgate_apikey::PresentedKey;
use mintgate_types::{Audience, OriginName, ScopeSet};
use secrecy::SecretString;
use serde_json::{Map, Value};

/// Judges keys as the data plane does: by the same snapshot, and with the same exchange behind it.
#[async_trait]
pub trait KeyJudge: Send + Sync + 'static {
    /// Whether the configuration in force has this origin.
    fn knows(&self, origin: &OriginName) -> bool;

    /// The judgement of this moment.
    async fn judge(&self, question: Question<'_>) -> Result<Judgement, JudgeError>;
}

/// A key, and what it is to be used for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// As it was presented.
    pub key: &'a PresentedKey<'a>,
    /// What it must have.
    pub scopes: &'a ScopeSet,
    /// With which origin's token, if with any.
    pub origin: Option<&'a OriginName>,
}

/// What the data plane makes of a key.
#[derive(Debug)]
pub enum Judgement {
    /// It lets the key through; with the token for the origin that was asked about.
    Valid(Option<MintedToken>),
    /// It does not.
    Refused(KeyRefusal),
}

/// A token as it would be forwarded.
#[derive(Debug)]
pub struct MintedToken {
    /// For whom.
    pub audience: Audience,
    /// Its header.
    pub header: Map<String, Value>,
    /// Its claims.
    pub claims: Map<String, Value>,
    /// All of it.
    pub value: SecretString,
}

/// Why there is no judgement.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JudgeError {
    /// The node has not read its keys yet.
    #[error("the keys are not loaded yet")]
    NotReady,
    /// The origin went with a change of the configuration.
    #[error("no such origin")]
    NoSuchOrigin,
    /// The key is good and got no token.
    #[error("minting a token")]
    Mint(#[source] Box<dyn std::error::Error + Send + Sync>),
}
