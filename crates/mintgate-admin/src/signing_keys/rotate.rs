//! `POST /v1/signing-keys/rotate`

use axum::{Json, extract::State};
use mintgate_admin_api::{RotateSigningKeys, SigningKeyRotation, paths};
use mintgate_store::AuditAction;

use crate::{
    AdminService,
    document::Conflict,
    input::OptionalBody,
    operation::{self, Allowed},
    reply::Reply,
};

/// Bring a new signing key
///
/// It is published first and signs once every verifier can know it. In an emergency it signs at once, every other key
/// leaves the JWKS, and all minted tokens are forgotten: verifiers refuse the old ones as soon as they fetch the JWKS.
#[utoipa::path(
    post,
    path = paths::SIGNING_KEYS_ROTATE,
    tag = "signing keys",
    request_body = Option<RotateSigningKeys>,
    responses((status = 200, description = "What was done", body = SigningKeyRotation), Conflict)
)]
pub(crate) async fn rotate_signing_keys(
    State(service): State<AdminService>,
    caller: Allowed<operation::RotateSigningKeys>,
    OptionalBody(request): OptionalBody<RotateSigningKeys>,
) -> Reply<Json<SigningKeyRotation>> {
    let (action, rotation) = if request.emergency {
        (
            AuditAction::RotateSigningKeysInEmergency,
            service.signing().rotate_emergency(&caller.author(&service)).await?,
        )
    } else {
        (AuditAction::RotateSigningKeys, service.signing().rotate(&caller.author(&service)).await?)
    };
    caller.changed(action, &rotation.kid);
    service.put_all_in_force().await?;
    Ok(Json(rotation))
}
