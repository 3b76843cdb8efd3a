//! `POST /v1/keys/{key_id}/revoke`

use axum::extract::State;
use mintgate_admin_api::{Key, RevokeKey, paths, schema};
use mintgate_store::{AuditAction, Revocation};
use mintgate_types::KeyId;

use crate::{
    AdminService,
    document::NotFound,
    input::{OptionalBody, Segments},
    keys,
    operation::{self, Allowed},
    reply::{Refusal, Reply, Tagged},
    wire,
};

/// Revoke a key
///
/// When the reply is sent, no request that starts afterwards passes with it. Revoking it again changes nothing: the
/// first time and reason stay.
#[utoipa::path(
    post,
    path = paths::KEY_REVOKE,
    tag = "keys",
    params(("key_id" = inline(schema::KeyId), Path)),
    request_body = Option<RevokeKey>,
    responses(
        (status = 200, description = "The key as it is now", body = Key, headers(("ETag" = String, description = "Its revision"))),
        NotFound
    )
)]
pub(crate) async fn revoke_key(
    State(service): State<AdminService>,
    caller: Allowed<operation::RevokeKey>,
    Segments(id): Segments<KeyId>,
    OptionalBody(request): OptionalBody<RevokeKey>,
) -> Reply<Tagged<Key>> {
    let now = service.now();
    let (_, consumer) = keys::held(service.store(), &caller, id).await?;
    let revocation = Revocation { at: now, reason: request.reason };
    let revoked = service
        .store()
        .revoke_key(id, revocation, &caller.author(&service))
        .await?
        .ok_or(Refusal::NotFound("key"))?;
    caller.changed(AuditAction::RevokeKey, &id);
    service.put_in_force(revoked.revision).await?;
    Ok(Tagged::ok(revoked.revision, wire::key(revoked, wire::owner(&consumer), now)))
}
