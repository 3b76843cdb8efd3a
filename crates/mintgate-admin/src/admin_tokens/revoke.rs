//! `POST /v1/admin-tokens/{token_id}/revoke`

use axum::extract::State;
use mintgate_admin_api::{AdminToken, paths, schema};
use mintgate_store::AuditAction;
use mintgate_types::AdminTokenId;

use crate::{
    AdminService, admin_tokens,
    document::NotFound,
    input::Segments,
    operation::{self, Allowed},
    reply::{Refusal, Reply, Tagged},
};

/// Revoke an admin token
///
/// The next request that presents it is refused. Revoking it again changes nothing. A token of the configuration cannot be
/// revoked here: the last way in stays.
#[utoipa::path(
    post,
    path = paths::ADMIN_TOKEN_REVOKE,
    tag = "admin tokens",
    params(("token_id" = inline(schema::AdminTokenId), Path)),
    responses(
        (status = 200, description = "The admin token as it is now", body = AdminToken, headers(("ETag" = String, description = "Its revision"))),
        NotFound
    )
)]
pub(crate) async fn revoke_admin_token(
    State(service): State<AdminService>,
    caller: Allowed<operation::RevokeAdminToken>,
    Segments(id): Segments<AdminTokenId>,
) -> Reply<Tagged<AdminToken>> {
    let revoked = service.store().revoke_admin_token(id, &caller.author(&service)).await?;
    let revoked = revoked.ok_or(Refusal::NotFound("admin token"))?;
    caller.changed(AuditAction::RevokeAdminToken, &id);
    admin_tokens::put_in_force(&service, revoked.revision).await?;
    Ok(Tagged::ok(revoked.revision, admin_tokens::shown(revoked, service.now())))
}
