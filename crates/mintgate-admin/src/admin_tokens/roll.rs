//! `POST /v1/admin-tokens/{token_id}/roll`

use axum::extract::State;
use mintgate_admin_api::{IssuedAdminToken, KeyText, RollAdminToken, RolledAdminTokens, Span, paths, schema};
use mintgate_store::{AdminTokenRoll, AuditAction, RolledAdminToken};
use mintgate_types::AdminTokenId;

use crate::{
    AdminService, admin_tokens,
    document::{Conflict, NotFound},
    input::{OptionalBody, Segments},
    once::{IdempotencyKeyHeader, Once, Place, Rendered},
    operation::{self, Allowed},
    reply::{Refusal, Reply},
};

/// Replace an admin token
///
/// The new one has its name, role and buckets; the old one goes on working for the grace period.
#[utoipa::path(
    post,
    path = paths::ADMIN_TOKEN_ROLL,
    tag = "admin tokens",
    params(("token_id" = inline(schema::AdminTokenId), Path), IdempotencyKeyHeader),
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
    Once(making, OptionalBody(request)): Once<OptionalBody<RollAdminToken>>,
) -> Reply<Rendered> {
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
    let render = move |rolled: &RolledAdminToken| {
        let RolledAdminToken { successor, replaced } = rolled.clone();
        let (revision, token) = (successor.revision, KeyText::from(issued.reveal()));
        let issued = IssuedAdminToken { token, admin_token: admin_tokens::shown(successor, now) };
        let replaced = admin_tokens::shown(replaced, now);
        Rendered::created(revision, &RolledAdminTokens { issued, replaced })
    };
    let (rolled, reply) = making.make(&service, &by, (roll, Place::default()), render).await?;
    caller.changed(AuditAction::RollAdminToken, &id);
    admin_tokens::put_in_force(&service, rolled.successor.revision).await?;
    Ok(reply)
}
