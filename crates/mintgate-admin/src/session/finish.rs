//! `GET /v1/session/oidc/callback`

use aws_lc_rs::constant_time;
use axum::{extract::State, response::Response};
use http::HeaderMap;
use mintgate_admin_api::paths;
use mintgate_store::{SessionHolder, SignedIn};
use mintgate_types::{ActorName, ManagerIdentity};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Behind, Cookie, SingleSignOn, WithCookies,
    begin::{back, back_with, log, read},
    see_other,
    start::keep,
};
use crate::{
    AdminService, Identity, IdentityError, SignInAttempt,
    caller::Peer,
    input::Params,
    reply::{Refusal, Reply},
};

/// What a browser brings back from the provider.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Returned {
    /// To be exchanged for who somebody is.
    #[param(value_type = Option<String>)]
    code: Option<SecretString>,
    /// Says which attempt this is.
    #[param(value_type = Option<String>)]
    state: Option<SecretString>,
    /// Says which provider this is (RFC 9207).
    iss: Option<String>,
    /// Why there is no code (RFC 6749 §4.1.2.1).
    error: Option<String>,
}

/// Come back from the identity provider
///
/// For browsers: sends them on to the console, signed in or with the reason why not.
#[utoipa::path(
    get,
    path = paths::SESSION_OIDC_CALLBACK,
    tag = "signing in",
    params(Returned),
    responses(
        (status = 303, description = "To the console", headers(("Location" = String, description = "Where to go"), ("Set-Cookie" = String, description = "The session's secret"))),
        (status = 404, description = "There is no identity provider", body = mintgate_admin_api::Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many failures; wait", body = mintgate_admin_api::Problem, content_type = "application/problem+json", headers(("Retry-After" = u64, description = "Seconds")))
    )
)]
pub(crate) async fn finish_sign_in(
    State(service): State<AdminService>,
    peer: Peer,
    headers: HeaderMap,
    Params(returned): Params<Returned>,
) -> Reply<WithCookies<Response>> {
    let sso = service.sign_in().single_sign_on.as_ref().ok_or(Refusal::NotFound("identity provider"))?;
    service.sign_in_attempts().admit(peer.address(), service.now()).map_err(Refusal::TooManyAttempts)?;
    let over_tls = service.sign_in().over_tls;
    // Whatever comes of it, an attempt is used once.
    let mut cookies = vec![Cookie::Attempt.clear(over_tls)];
    let attempt = Cookie::Attempt.find(&headers, over_tls).and_then(read);
    let outcome = match attempt {
        Some(attempt) => identity(sso, &attempt, returned).await,
        None => Err(Failure::NoAttempt),
    };
    let location = match outcome {
        Ok(identity) => match begin_session(&service, sso, &peer, identity).await? {
            Some(cookie) => {
                cookies.push(cookie);
                paths::CONSOLE.to_owned()
            }
            None => back("no_role"),
        },
        Err(failure) => {
            // A browser that never went out has nothing to guess with; any page can send one here, over and over.
            let is_attack =
                !matches!(failure, Failure::NoAttempt | Failure::Identity(IdentityError::Unavailable(_)));
            if is_attack {
                service.sign_in_attempts().failed(peer.address(), service.now());
            }
            failure.location()
        }
    };
    Ok(WithCookies(cookies, see_other(&location)))
}

/// Why somebody who came back is not signed in.
enum Failure {
    /// The browser did not go out from here, or too long ago.
    NoAttempt,
    /// What it brings back is of another attempt, or of another provider.
    Mismatch,
    /// The provider says no.
    Denied,
    Identity(IdentityError),
}

impl Failure {
    fn location(&self) -> String {
        match self {
            Self::NoAttempt => back("expired"),
            Self::Mismatch | Self::Denied => back("refused"),
            Self::Identity(error) => {
                log(error);
                back_with(error)
            }
        }
    }
}

async fn identity(
    sso: &SingleSignOn,
    attempt: &SignInAttempt,
    returned: Returned,
) -> Result<Identity, Failure> {
    let state = returned.state.ok_or(Failure::Mismatch)?;
    let (state, expected) = (state.expose_secret().as_bytes(), attempt.state.expose_secret().as_bytes());
    if constant_time::verify_slices_are_equal(state, expected).is_err() {
        return Err(Failure::Mismatch);
    }
    if returned.iss.is_some_and(|iss| iss != sso.provider.issuer()) {
        return Err(Failure::Mismatch);
    }
    if returned.error.is_some() {
        return Err(Failure::Denied);
    }
    let code = returned.code.ok_or(Failure::Mismatch)?;
    sso.provider.finish(attempt, code).await.map_err(Failure::Identity)
}

/// The cookie of a new session; `None` for somebody who has no business here.
async fn begin_session(
    service: &AdminService,
    sso: &SingleSignOn,
    peer: &Peer,
    identity: Identity,
) -> Reply<Option<http::HeaderValue>> {
    let who = SignedIn {
        issuer: sso.provider.issuer().to_owned(),
        name: name_of(&identity),
        subject: identity.subject,
        email: identity.email,
        groups: identity.groups,
    };
    let settings = service.sign_in();
    let behind = super::vouched_for(service, &who, service.now() + settings.lifetime).await?;
    let actor = match behind {
        Behind { admin: Some(admin), .. } => admin.actor(),
        Behind { person: Some(person), .. } => person.actor(),
        _ => return Ok(None),
    };
    let author = peer.author_as(service, actor);
    let (secret, _) = keep(service, SessionHolder::Identity(who), &author, None).await?;
    Ok(Some(Cookie::Session.set(&secret.reveal(), settings.over_tls, settings.lifetime)))
}

/// What the log calls somebody: a verified address, or else what the provider knows them by, marked as such where it
/// could be taken for an address. A name that people give themselves would let them pass for others.
fn name_of(identity: &Identity) -> ActorName {
    let address = identity.email.clone().filter(|email| ManagerIdentity::of_address(email).is_some());
    let subject = match ManagerIdentity::of_subject(&identity.subject) {
        Some(subject) => subject.as_str().to_owned(),
        None => format!("sub:{}", identity.subject),
    };
    let named = [address, Some(subject)].into_iter().flatten().find_map(|text| text.parse().ok());
    named.unwrap_or_else(|| "somebody".parse().expect("a short word is a name"))
}
