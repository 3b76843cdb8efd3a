//! What the admin API asks of the issuer, answered by the issuer.

use std::sync::Arc;

use async_trait::async_trait;
use mintgate_admin::{KeepRotation, SigningControl, SigningControlError};
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
    async fn rotate(
        &self,
        by: &Author,
        keep: Option<KeepRotation<'_>>,
    ) -> Result<SigningKeyRotation, SigningControlError> {
        let rotation = match keep {
            Some(keep) => self.issuer.rotate_once(by, &|rotation| keep(&in_words(rotation))).await,
            None => self.issuer.rotate(by).await,
        };
        rotation.map(|rotation| in_words(&rotation)).map_err(refused)
    }

    async fn rotate_emergency(
        &self,
        by: &Author,
        keep: Option<KeepRotation<'_>>,
    ) -> Result<SigningKeyRotation, SigningControlError> {
        let in_words = |rotation: &EmergencyRotation| {
            let EmergencyRotation { active: kid, dropped } = rotation.clone();
            SigningKeyRotation { outcome: RotationOutcome::Replaced, kid, signs_from: by.at, dropped }
        };
        let rotation = match keep {
            Some(keep) => self.issuer.rotate_emergency_once(by, &|rotation| keep(&in_words(rotation))).await,
            None => self.issuer.rotate_emergency(by).await,
        };
        let rotation = rotation.map_err(refused)?;
        // No token of a dropped key is forwarded any more in any case; this frees their memory.
        self.exchange.forget_tokens();
        Ok(in_words(&rotation))
    }

    async fn retire(&self, kid: &Kid, by: &Author) -> Result<(), SigningControlError> {
        self.issuer.retire(kid, by).await.map_err(refused)
    }
}

fn in_words(rotation: &Rotation) -> SigningKeyRotation {
    let (outcome, kid, signs_from) = match rotation.clone() {
        Rotation::Published { kid, activates } => (RotationOutcome::Published, kid, activates),
        Rotation::AlreadyPublished { kid, activates } => (RotationOutcome::AlreadyPublished, kid, activates),
    };
    SigningKeyRotation { outcome, kid, signs_from, dropped: Vec::new() }
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
