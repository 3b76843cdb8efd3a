//! `POST /v1/session`

use axum::{Json, extract::State};
use http::StatusCode;
use mintgate_admin_api::{Session, SignIn, paths};
use mintgate_store::{Author, SessionHolder};
use mintgate_types::Timestamp;
use secrecy::ExposeSecret;

use super::{Cookie, SessionSecret, WithCookies};
use crate::{
    AdminService, admins,
    caller::{Admin, Peer},
    input::Body,
    reply::{Refusal, Reply},
    whoami,
};

/// Sign in with an admin token
///
/// The reply sets a cookie that no script can read. From then on the browser needs no token; a change needs the header
/// `X-CSRF-Token`. Who fails a few times has to wait.
#[utoipa::path(
    post,
    path = paths::SESSION,
    tag = "signing in",
    request_body = SignIn,
    responses(
        (status = 201, description = "Signed in", body = Session, headers(("Set-Cookie" = String, description = "The session's secret"))),
        (status = 401, description = "No such token", body = mintgate_admin_api::Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many failures; wait", body = mintgate_admin_api::Problem, content_type = "application/problem+json", headers(("Retry-After" = u64, description = "Seconds")))
    )
)]
pub(crate) async fn sign_in(
    State(service): State<AdminService>,
    peer: Peer,
    Body(request): Body<SignIn>,
) -> Reply<WithCookies<(StatusCode, Json<Session>)>> {
    let attempts = service.sign_in_attempts();
    attempts.admit(peer.address(), service.now()).map_err(Refusal::TooManyAttempts)?;
    let presented = request.token.expose_secret().as_bytes();
    let admin = match admins::admin_of(&service, presented).await {
        Ok(admin) => admin,
        Err(refusal @ Refusal::InvalidToken) => {
            attempts.failed(peer.address(), service.now());
            return Err(refusal);
        }
        Err(other) => return Err(other),
    };
    let holder = match admin.id {
        Some(id) => SessionHolder::Token { id },
        None => SessionHolder::ConfiguredToken {
            name: admin.name.clone(),
            token: admins::mark_of(&service, presented),
        },
    };
    let author = peer.author_as(&service, admin.actor());
    let (secret, session) = keep(&service, holder, &author, admin.expires).await?;
    let cookie =
        Cookie::Session.set(&secret.reveal(), service.sign_in().over_tls, service.sign_in().lifetime);
    let reply = Session {
        who: whoami::who_am_i(&Admin { via: mintgate_admin_api::Via::Session, ..admin }),
        csrf_token: secret.csrf_token().reveal().to_owned(),
        session_expires_at: session.expires,
    };
    Ok(WithCookies(vec![cookie], (StatusCode::CREATED, Json(reply))))
}

/// Makes a session that ends no later than what it was started with.
pub(super) async fn keep(
    service: &AdminService,
    holder: SessionHolder,
    author: &Author,
    no_longer_than: Option<Timestamp>,
) -> Reply<(SessionSecret, mintgate_store::Session)> {
    let now = service.now();
    // Nobody else clears away what is over, and nobody is in a hurry about it.
    service.store().forget_sessions(now).await?;
    let longest = now + service.sign_in().lifetime;
    let secret = SessionSecret::generate(service.entropy());
    let session = mintgate_store::Session {
        fingerprint: secret.fingerprint(),
        holder,
        created: now,
        expires: no_longer_than.map_or(longest, |expires| expires.min(longest)),
    };
    service.store().create_session(session.clone(), author).await?;
    Ok((secret, session))
}
