//! `GET /v1/whoami`: whose the credential is.

use axum::Json;
use mintgate_admin_api::{WhoAmI, paths};

use mintgate_store::Within;

use crate::{
    caller::Admin,
    operation::{self, Allowed},
};

/// Whose the credential is
#[utoipa::path(
    get,
    path = paths::WHOAMI,
    tag = "installation",
    responses((status = 200, description = "The admin behind the token", body = WhoAmI))
)]
pub(crate) async fn whoami(caller: Allowed<operation::ShowWhoAmI>) -> Json<WhoAmI> {
    Json(who_am_i(caller.admin()))
}

/// Whose a credential is, as replies say it.
pub(crate) fn who_am_i(admin: &Admin) -> WhoAmI {
    let Admin { name, id: _, role, within, expires, via } = admin.clone();
    let buckets = match within {
        Within::Everything => None,
        Within::Buckets(buckets) => Some(buckets.into_iter().collect()),
    };
    WhoAmI { name: name.into(), role, buckets, expires_at: expires, via }
}
