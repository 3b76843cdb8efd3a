//! Sessions: how a browser signs in, and what it may then do.
//!
//! The browser holds a secret in a cookie that no script can read; the store holds its hash. A cookie is sent along by
//! the browser whoever wrote the page, so a change also needs a header that only a page of this site can know, and a
//! request that the browser says comes from another site is refused. What the holder may do is decided anew with each
//! request: a token that was revoked and a group that lost its role end a session at once.

pub(crate) mod begin;
mod cookie;
pub(crate) mod end;
pub(crate) mod finish;
mod grant;
mod secret;
pub(crate) mod show;
pub(crate) mod start;
mod throttle;
pub(crate) mod ways;

use std::{sync::Arc, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use mintgate_admin_api::Via;
use mintgate_store::{Session, SessionHolder};
use mintgate_types::Timestamp;

pub use self::grant::GroupGrant;
pub(crate) use self::throttle::Throttle;
use self::{cookie::Cookie, secret::SessionSecret};
use crate::{
    AdminService, IdentityProvider, admins,
    caller::Admin,
    reply::{Refusal, Reply},
    self_service::Person,
};

/// How browsers sign in.
#[derive(Debug)]
pub struct SignInConfig {
    /// Whether they reach this API over TLS; then cookies never travel without it.
    pub over_tls: bool,
    /// How long a session lasts.
    pub lifetime: Duration,
    /// Signing in elsewhere, if that is possible.
    pub single_sign_on: Option<SingleSignOn>,
}

/// Signing in elsewhere.
#[derive(Debug)]
pub struct SingleSignOn {
    /// What people know the provider as.
    pub name: String,
    /// What its groups may do.
    pub grants: Vec<GroupGrant>,
    /// The provider.
    pub provider: Arc<dyn IdentityProvider>,
    /// Whether the managers of consumers may sign in as such.
    pub self_service: bool,
}

impl SignInConfig {
    pub(crate) fn has_self_service(&self) -> bool {
        self.single_sign_on.as_ref().is_some_and(|sso| sso.self_service)
    }
}

/// Who is behind a credential, as things are now: one of the two at least.
pub(crate) struct Behind {
    pub(crate) admin: Option<Admin>,
    /// Somebody who may be a manager of consumers.
    pub(crate) person: Option<Person>,
}

/// A request's session: who is behind it, and its secret.
pub(crate) struct Presented {
    pub(crate) session: Session,
    secret: SessionSecret,
}

/// The session that a request's cookie names. `None` if it has no such cookie.
pub(crate) async fn presented(service: &AdminService, headers: &HeaderMap) -> Reply<Option<Presented>> {
    let Some(value) = Cookie::Session.find(headers, service.sign_in().over_tls) else { return Ok(None) };
    let secret = SessionSecret::parse(value).ok_or(Refusal::SessionOver)?;
    let session = service.store().session(secret.fingerprint()).await?.ok_or(Refusal::SessionOver)?;
    if session.expires <= service.now() {
        return Err(Refusal::SessionOver);
    }
    Ok(Some(Presented { session, secret }))
}

/// Who is behind a session, as things are now.
pub(crate) async fn who_is_behind(service: &AdminService, session: &Session) -> Reply<Behind> {
    let until = session.expires;
    let behind = match &session.holder {
        SessionHolder::ConfiguredToken { name, token } => {
            let admin = token.as_ref().and_then(|token| admins::configured(service, name, token));
            Behind { admin, person: None }
        }
        SessionHolder::Token { id } => Behind { admin: admins::stored(service, *id).await?, person: None },
        SessionHolder::Identity(who) => vouched_for(service, who, until).await?,
    };
    let admin = behind.admin.map(|admin| Admin {
        via: Via::Session,
        expires: Some(admin.expires.map_or(until, |expires| expires.min(until))),
        ..admin
    });
    if admin.is_none() && behind.person.is_none() {
        return Err(Refusal::SessionOver);
    }
    Ok(Behind { admin, ..behind })
}

/// What somebody is whom the provider vouched for; nothing if it is not the configured one.
pub(crate) async fn vouched_for(
    service: &AdminService,
    who: &mintgate_store::SignedIn,
    until: Timestamp,
) -> Reply<Behind> {
    let sso = service.sign_in().single_sign_on.as_ref().filter(|sso| sso.provider.issuer() == who.issuer);
    let Some(sso) = sso else { return Ok(Behind { admin: None, person: None }) };
    let admin = grant::admin_of(&sso.grants, who);
    let person = sso.self_service.then(|| Person::of(who, until));
    match person {
        // An admin is let in anyhow; whether they manage something is asked where it matters.
        Some(person) if admin.is_some() || person.manages_any(service).await? => {
            Ok(Behind { admin, person: Some(person) })
        }
        _ => Ok(Behind { admin, person: None }),
    }
}

impl Presented {
    /// Refuses what another site's page may have made the browser send.
    pub(crate) fn refuse_forgery(&self, method: &Method, headers: &HeaderMap) -> Reply<()> {
        let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
        if matches!(site, Some(site) if site != b"same-origin" && site != b"none") {
            return Err(Refusal::Forged);
        }
        if method.is_safe() {
            return Ok(());
        }
        let mut tokens = headers.get_all(CSRF_TOKEN).iter();
        match (tokens.next(), tokens.next()) {
            (Some(token), None) if self.secret.csrf_token().matches(token.as_bytes()) => Ok(()),
            _ => Err(Refusal::Forged),
        }
    }

    fn csrf_token(&self) -> String {
        self.secret.csrf_token().reveal().to_owned()
    }
}

/// A reply that gives or takes cookies.
pub(crate) struct WithCookies<T>(Vec<HeaderValue>, T);

impl<T: IntoResponse> IntoResponse for WithCookies<T> {
    fn into_response(self) -> Response {
        let Self(lines, inner) = self;
        let mut response = inner.into_response();
        for line in lines {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
        response
    }
}

/// To another page, whatever the method was.
pub(crate) fn see_other(location: &str) -> Response {
    let location = HeaderValue::from_str(location).expect("an address is visible ASCII");
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The header in which a page proves that it is one of ours.
pub(crate) const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");
