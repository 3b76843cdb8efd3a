//! What the admin API asks of the issuer, answered by the issuer.

use std::sync::Arc;

use async_trait::async_trait;
use mintgate_admin::{SigningControl, SigningControlError};
use mintgate_admin_api::{RotationOutcome, SigningKeyRotation};
use mintgate_exchange::Exchange;
use mintgate_signing::{EmergencyRotation, Issuer, Rotation, SigningError};
use mintgate_store::Author;
use mintgate_types::Kid;

/// Signing keys as the admin API handles them.
pub(crate) struct IssuerControl {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) exchange: Arc<Exchange>,
}

#[async_trait]
impl SigningControl for IssuerControl {
    async fn rotate(&self, by: &Author) -> Result<SigningKeyRotation, SigningControlError> {
        let (outcome, kid, signs_from) = match self.issuer.rotate(by).await.map_err(refused)? {
            Rotation::Published { kid, activates } => (RotationOutcome::Published, kid, activates),
            Rotation::AlreadyPublished { kid, activates } => {
                (RotationOutcome::AlreadyPublished, kid, activates)
            }
        };
        Ok(SigningKeyRotation { outcome, kid, signs_from, dropped: Vec::new() })
    }

    async fn rotate_emergency(&self, by: &Author) -> Result<SigningKeyRotation, SigningControlError> {
        let EmergencyRotation { active, dropped } =
            self.issuer.rotate_emergency(by).await.map_err(refused)?;
        // No token of a dropped key is forwarded any more in any case; this frees their memory.
        self.exchange.forget_tokens();
        Ok(SigningKeyRotation { outcome: RotationOutcome::Replaced, kid: active, signs_from: by.at, dropped })
    }

    async fn retire(&self, kid: &Kid, by: &Author) -> Result<(), SigningControlError> {
        self.issuer.retire(kid, by).await.map_err(refused)
    }
}

fn refused(error: SigningError) -> SigningControlError {
    match error {
        SigningError::NoSuchKey { .. } => SigningControlError::NotFound,
        SigningError::KeyActive { .. } | SigningError::KeyRetired { .. } => {
            SigningControlError::Refused(error.to_string())
        }
        SigningError::Store(source) => SigningControlError::Store(source),
        other => SigningControlError::Other(Box::new(other)),
    }
}
