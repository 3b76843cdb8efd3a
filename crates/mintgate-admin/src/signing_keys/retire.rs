//! `POST /v1/signing-keys/{kid}/retire`

use axum::{Json, extract::State};
use mintgate_admin_api::{SigningKeyList, paths, schema};
use mintgate_store::AuditAction;
use mintgate_types::Kid;

use crate::{
    AdminService,
    document::{Conflict, NotFound},
    input::Segments,
    operation::{self, Allowed},
    reply::Reply,
    signing_keys,
};

/// Take a signing key out of the JWKS at once
///
/// Tokens that it signed stop verifying. The key that signs cannot be retired: rotate first, in an emergency if it is
/// one.
#[utoipa::path(
    post,
    path = paths::SIGNING_KEY_RETIRE,
    tag = "signing keys",
    params(("kid" = inline(schema::Kid), Path)),
    responses(
        (status = 200, description = "The signing keys as they are now", body = SigningKeyList),
        NotFound,
        Conflict
    )
)]
pub(crate) async fn retire_signing_key(
    State(service): State<AdminService>,
    caller: Allowed<operation::RetireSigningKey>,
    Segments(kid): Segments<Kid>,
) -> Reply<Json<SigningKeyList>> {
    service.signing().retire(&kid, &caller.author(&service)).await?;
    caller.changed(AuditAction::RetireSigningKey, &kid);
    service.put_all_in_force().await?;
    signing_keys::all(&service).await.map(Json)
}
