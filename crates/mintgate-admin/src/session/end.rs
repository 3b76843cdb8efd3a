//! `DELETE /v1/session`

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use mintgate_admin_api::paths;

use super::{Cookie, WithCookies};
use crate::{
    AdminService,
    operation::{self, SignedIn},
    reply::{Refusal, Reply},
};

/// Sign out
///
/// The session is over for whoever holds its cookie.
#[utoipa::path(
    delete,
    path = paths::SESSION,
    tag = "signing in",
    responses(
        (status = 204, description = "Signed out"),
        (status = 404, description = "The request came with a token, not with a session", body = mintgate_admin_api::Problem, content_type = "application/problem+json")
    )
)]
pub(crate) async fn sign_out(
    State(service): State<AdminService>,
    party: SignedIn<operation::EndSession>,
    headers: HeaderMap,
) -> Reply<WithCookies<StatusCode>> {
    let presented = super::presented(&service, &headers).await?.ok_or(Refusal::NotFound("session"))?;
    service.store().end_session(presented.session.fingerprint, &party.trace().author(&service)).await?;
    Ok(WithCookies(vec![Cookie::Session.clear(service.sign_in().over_tls)], StatusCode::NO_CONTENT))
}
