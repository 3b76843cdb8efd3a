//! `POST /v1/admin-tokens/{token_id}/roll`

use axum::extract::State;
use mintgate_admin_api::{IssuedAdminToken, KeyText, RollAdminToken, RolledAdminTokens, Span, paths, schema};
use mintgate_store::{AdminTokenRoll, AuditAction};
use mintgate_types::AdminTokenId;

use crate::{
    AdminService, admin_tokens,
    document::{Conflict, NotFound},
    input::{OptionalBody, Segments},
    operation::{self, Allowed},
    reply::{Refusal, Reply, Tagged},
};

/// Replace an admin token
///
/// The new one has its name, role and buckets; the old one goes on working for the grace period.
#[utoipa::path(
    post,
    path = paths::ADMIN_TOKEN_ROLL,
    tag = "admin tokens",
    params(("token_id" = inline(schema::AdminTokenId), Path)),
    request_body = Option<RollAdminToken>,
    responses(
        (status = 201, description = "The new admin token, with its text, and the old one", body = RolledAdminTokens, headers(("ETag" = String, description = "The new one's revision"))),
        NotFound,
        Conflict
    )
)]
pub(crate) async fn roll_admin_token(
    State(service): State<AdminService>,
    caller: Allowed<operation::RollAdminToken>,
    Segments(id): Segments<AdminTokenId>,
    OptionalBody(request): OptionalBody<RollAdminToken>,
) -> Reply<Tagged<RolledAdminTokens>> {
    let now = service.now();
    let gone = || Refusal::NotFound("admin token");
    let old = service.store().admin_token(id).await?.ok_or_else(gone)?;
    let grace = request.grace.unwrap_or(Span::DAY);
    let until =
        now.checked_add(grace.duration()).map_err(|_| Refusal::field("grace", "ends too far away"))?;
    let expires = if request.expires_at.is_some() {
        admin_tokens::in_the_future(request.expires_at, now)?
    } else {
        // Whoever bounded the old one's life did not mean its successor to live for ever.
        let life = old.expires.map(|expires| expires.duration_since(old.created));
        life.and_then(|life| now.checked_add(life).ok())
    };
    let issued = admin_tokens::generate(&service);
    let fingerprint = service.pepper().fingerprint(&issued.digest());
    let roll = AdminTokenRoll { replaces: id, id: issued.id().into(), fingerprint, expires, until };
    let by = caller.author(&service);
    let rolled = service.store().roll_admin_token(roll, &by).await?.ok_or_else(gone)?;
    caller.changed(AuditAction::RollAdminToken, &id);
    let revision = rolled.successor.revision;
    admin_tokens::put_in_force(&service, revision).await?;
    let token = KeyText::from(issued.reveal());
    let admin_token = admin_tokens::shown(rolled.successor, now);
    let replaced = admin_tokens::shown(rolled.replaced, now);
    let issued = IssuedAdminToken { token, admin_token };
    Ok(Tagged::created(revision, RolledAdminTokens { issued, replaced }))
}
