//! `GET /v1/whoami`: whose the credential is.

use axum::Json;
use mintgate_admin_api::{WhoAmI, paths};

use crate::caller::Caller;

/// Whose the credential is
#[utoipa::path(
    get,
    path = paths::WHOAMI,
    tag = "installation",
    responses((status = 200, description = "The admin behind the token", body = WhoAmI))
)]
pub(crate) async fn whoami(caller: Caller) -> Json<WhoAmI> {
    Json(WhoAmI { name: caller.name().to_string(), role: caller.role() })
}
