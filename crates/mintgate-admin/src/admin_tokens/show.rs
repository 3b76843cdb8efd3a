//! `GET /v1/admin-tokens/{token_id}`

use axum::extract::State;
use mintgate_admin_api::{AdminToken, paths, schema};
use mintgate_types::AdminTokenId;

use crate::{
    AdminService, admin_tokens,
    document::NotFound,
    input::Segments,
    operation::{self, Allowed},
    reply::{Refusal, Reply, Tagged},
};

/// One admin token
#[utoipa::path(
    get,
    path = paths::ADMIN_TOKEN,
    tag = "admin tokens",
    params(("token_id" = inline(schema::AdminTokenId), Path)),
    responses(
        (status = 200, description = "The admin token", body = AdminToken, headers(("ETag" = String, description = "Its revision"))),
        NotFound
    )
)]
pub(crate) async fn show_admin_token(
    State(service): State<AdminService>,
    _: Allowed<operation::ShowAdminToken>,
    Segments(id): Segments<AdminTokenId>,
) -> Reply<Tagged<AdminToken>> {
    let record = service.store().admin_token(id).await?.ok_or(Refusal::NotFound("admin token"))?;
    Ok(Tagged::ok(record.revision, admin_tokens::shown(record, service.now())))
}
