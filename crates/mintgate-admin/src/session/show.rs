//! `GET /v1/session`

use axum::{Json, extract::State};
use http::HeaderMap;
use mintgate_admin_api::{Session, paths};

use crate::{
    AdminService,
    operation::{self, SignedIn},
    reply::{Refusal, Reply},
    whoami,
};

/// The session of this browser
///
/// For a page that was loaded anew: it needs the token against forged requests again.
#[utoipa::path(
    get,
    path = paths::SESSION,
    tag = "signing in",
    responses(
        (status = 200, description = "The session", body = Session),
        (status = 404, description = "The request came with a token, not with a session", body = mintgate_admin_api::Problem, content_type = "application/problem+json")
    )
)]
pub(crate) async fn show_session(
    State(service): State<AdminService>,
    party: SignedIn<operation::ShowSession>,
    headers: HeaderMap,
) -> Reply<Json<Session>> {
    let presented = super::presented(&service, &headers).await?.ok_or(Refusal::NotFound("session"))?;
    Ok(Json(Session {
        who: whoami::of(&party),
        csrf_token: presented.csrf_token(),
        session_expires_at: presented.session.expires,
    }))
}
