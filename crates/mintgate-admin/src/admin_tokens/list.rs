//! `GET /v1/admin-tokens`

use axum::{Json, extract::State};
use mintgate_admin_api::{AdminTokenList, paths};

use crate::{
    AdminService, admin_tokens,
    operation::{self, Allowed},
    reply::Reply,
};

/// All admin tokens
///
/// Those of the configuration come first; those that ended are there too.
#[utoipa::path(
    get,
    path = paths::ADMIN_TOKENS,
    tag = "admin tokens",
    responses((status = 200, description = "The admin tokens, by name", body = AdminTokenList))
)]
pub(crate) async fn list_admin_tokens(
    State(service): State<AdminService>,
    _: Allowed<operation::ListAdminTokens>,
) -> Reply<Json<AdminTokenList>> {
    let (records, now) = (service.store().admin_tokens().await?, service.now());
    let of_config = service.config().tokens.iter().map(admin_tokens::of_config);
    let stored = records.into_iter().map(|record| admin_tokens::shown(record, now));
    Ok(Json(AdminTokenList { data: of_config.chain(stored).collect() }))
}
