//! Signing keys at rest.

use async_trait::async_trait;
use mintgate_types::{Kid, Revision, SigningKeyState, Timestamp};

use crate::{Author, Receipt, StoreError};

/// A signing key as it is stored.
#[derive(Debug, Clone)]
pub struct SigningKeyRecord {
    /// The thumbprint of its public part (RFC 7638).
    pub kid: Kid,
    /// As in a token's header.
    pub algorithm: String,
    /// Its public part, a JWK.
    pub public_jwk: serde_json::Value,
    /// Its private part.
    pub private: SealedPrivateKey,
    /// When it was made.
    pub created: Timestamp,
    /// Where it stands.
    pub state: SigningKeyState,
}

/// A private key under authenticated encryption, bound to its row.
#[derive(Clone)]
pub struct SealedPrivateKey(pub Vec<u8>);

impl std::fmt::Debug for SealedPrivateKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SealedPrivateKey({} bytes)", self.0.len())
    }
}

/// Signing keys in the store.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// All signing keys, oldest first, with the revision of their last change (`ZERO` while there are none).
    async fn signing_keys(&self) -> Result<(Vec<SigningKeyRecord>, Revision), StoreError>;

    /// Adds keys and moves others to new states in one transaction, if nothing changed about any signing key since
    /// `expected`; [`Conflict::Stale`](crate::Conflict::Stale) otherwise, and then nothing happened. This is what
    /// keeps two nodes from rotating twice. `KeyExists` where a kid to be added is there, `NoParent` where one to be
    /// moved is not. Nothing to add and nothing to move takes no revision, and keeps no receipt; what changes something keeps the
    /// receipt, if there is one, as [`Receipts::create`](crate::Receipts::create) does.
    #[expect(clippy::too_many_arguments, reason = "what was seen, what is to change, and what to keep of it")]
    async fn change_signing_keys(
        &self,
        add: Vec<SigningKeyRecord>,
        states: Vec<(Kid, SigningKeyState)>,
        expected: Revision,
        receipt: Option<Receipt>,
        by: &Author,
    ) -> Result<Revision, StoreError>;
}
