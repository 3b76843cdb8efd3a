//! What the admin API asks of the node that it runs in.

use async_trait::async_trait;
use mintgate_admin_api::{RunningConfig, SigningKeyRotation};
use mintgate_store::{Author, Receipt, StoreError};
use mintgate_types::{Kid, Revision};

/// The node's in-memory view of all keys, by which it serves.
#[async_trait]
pub trait Replica: Send + Sync + 'static {
    /// Returns once every request that starts from now on is judged by what the store held at `to`.
    async fn catch_up(&self, to: Revision) -> Result<(), CatchUpError>;

    /// Which change of the store the view has seen last.
    fn revision(&self) -> Revision;

    /// Whether the node can serve.
    fn is_ready(&self) -> bool;
}

/// The view could not be brought up to the store.
#[derive(Debug, thiserror::Error)]
#[error("bringing this node up to the store")]
pub struct CatchUpError {
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Knows the configuration in force.
pub trait RunningSettings: Send + Sync + 'static {
    /// What this node serves by, without secrets.
    fn in_force(&self) -> RunningConfig;
}

/// Makes the receipt of a rotation, before it is stored.
pub type KeepRotation<'a> = &'a (dyn Fn(&SigningKeyRotation) -> Receipt + Send + Sync);

/// Decides about signing keys. What is asked of it is stored and in force on this node when it returns; if it changes
/// something, its receipt is stored along.
#[async_trait]
pub trait SigningControl: Send + Sync + 'static {
    /// Brings a new signing key: published first, signing later.
    async fn rotate(
        &self,
        by: &Author,
        keep: Option<KeepRotation<'_>>,
    ) -> Result<SigningKeyRotation, SigningControlError>;

    /// Brings a new signing key that signs at once, takes all others out of the JWKS, and forgets minted tokens.
    async fn rotate_emergency(
        &self,
        by: &Author,
        keep: Option<KeepRotation<'_>>,
    ) -> Result<SigningKeyRotation, SigningControlError>;

    /// Takes one signing key out of the JWKS at once.
    async fn retire(&self, kid: &Kid, by: &Author) -> Result<(), SigningControlError>;
}

/// Why nothing was done about signing keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningControlError {
    /// There is no signing key of this kid.
    #[error("no signing key has this kid")]
    NotFound,
    /// The signing keys stand where this step does not follow.
    #[error("{0}")]
    Refused(String),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else.
    #[error("handling signing keys")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}
