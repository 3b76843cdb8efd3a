//! `GET /v1/sign-in`

use axum::{Json, extract::State};
use mintgate_admin_api::{OidcWay, SignInWays, paths};

use crate::AdminService;

/// How to sign in
///
/// Open to everybody, and says nothing else.
#[utoipa::path(
    get,
    path = paths::SIGN_IN,
    tag = "signing in",
    responses((status = 200, description = "The ways there are", body = SignInWays))
)]
pub(crate) async fn sign_in_ways(State(service): State<AdminService>) -> Json<SignInWays> {
    let oidc = service
        .sign_in()
        .single_sign_on
        .as_ref()
        .map(|sso| OidcWay { name: sso.name.clone(), href: paths::SESSION_OIDC.to_owned() });
    Json(SignInWays { token: true, oidc, self_service: service.sign_in().has_self_service() })
}
