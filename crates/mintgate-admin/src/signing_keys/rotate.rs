//! `POST /v1/signing-keys/rotate`

use axum::extract::State;
use http::StatusCode;
use mintgate_admin_api::{RotateSigningKeys, SigningKeyRotation, paths};
use mintgate_store::AuditAction;

use crate::{
    AdminService, KeepRotation,
    document::Conflict,
    input::OptionalBody,
    once::{IdempotencyKeyHeader, Once, Rendered},
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
    params(IdempotencyKeyHeader),
    request_body = Option<RotateSigningKeys>,
    responses((status = 200, description = "What was done", body = SigningKeyRotation), Conflict)
)]
pub(crate) async fn rotate_signing_keys(
    State(service): State<AdminService>,
    caller: Allowed<operation::RotateSigningKeys>,
    Once(making, OptionalBody(request)): Once<OptionalBody<RotateSigningKeys>>,
) -> Reply<Rendered> {
    let by = caller.author(&service);
    let rendered = |rotation: &SigningKeyRotation| Rendered::new(StatusCode::OK, rotation);
    let keep = making.keep(&by).map(|keep| move |rotation: &SigningKeyRotation| keep(&rendered(rotation)));
    let keep: Option<KeepRotation<'_>> = keep.as_ref().map(|keep| keep as _);
    let (action, rotation) = if request.emergency {
        let rotation = service.signing().rotate_emergency(&by, keep).await?;
        (AuditAction::RotateSigningKeysInEmergency, rotation)
    } else {
        (AuditAction::RotateSigningKeys, service.signing().rotate(&by, keep).await?)
    };
    caller.changed(action, &rotation.kid);
    service.put_all_in_force().await?;
    Ok(rendered(&rotation))
}
