//! `GET /v1/whoami`: whose the credential is.

use axum::Json;
use mintgate_admin_api::{WhoAmI, paths};

use mintgate_store::Within;

use crate::{
    caller::Admin,
    operation::{self, Party, SignedIn},
};

/// Whose the credential is
#[utoipa::path(
    get,
    path = paths::WHOAMI,
    tag = "installation",
    responses((status = 200, description = "Who is behind the token or the session", body = WhoAmI))
)]
pub(crate) async fn whoami(party: SignedIn<operation::ShowWhoAmI>) -> Json<WhoAmI> {
    Json(of(&party))
}

/// Whose a credential is, as replies say it.
pub(crate) fn of(party: &Party) -> WhoAmI {
    match party {
        Party::Admin(caller) => who_am_i(caller.admin()),
        Party::Manager(manager) => manager.who_am_i(),
    }
}

/// The same of an admin.
pub(crate) fn who_am_i(admin: &Admin) -> WhoAmI {
    let Admin { name, id: _, person: _, role, within, expires, via } = admin.clone();
    let buckets = match within {
        Within::Everything => None,
        Within::Buckets(buckets) => Some(buckets.into_iter().collect()),
    };
    WhoAmI { name: name.into(), role: role.into(), buckets, expires_at: expires, via }
}
