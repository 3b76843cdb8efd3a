//! `GET /v1/signing-keys`

use axum::{Json, extract::State};
use mintgate_admin_api::{SigningKeyList, paths};

use crate::{
    AdminService,
    operation::{self, Allowed},
    reply::Reply,
    signing_keys,
};

/// All signing keys
///
/// Those that left the JWKS are there too.
#[utoipa::path(
    get,
    path = paths::SIGNING_KEYS,
    tag = "signing keys",
    responses((status = 200, description = "The signing keys, oldest first", body = SigningKeyList))
)]
pub(crate) async fn list_signing_keys(
    State(service): State<AdminService>,
    _: Allowed<operation::ListSigningKeys>,
) -> Reply<Json<SigningKeyList>> {
    signing_keys::all(&service).await.map(Json)
}
