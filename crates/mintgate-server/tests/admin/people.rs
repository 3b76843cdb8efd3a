//! People who sign in elsewhere: a provider that vouches for whom it is told to, and as much of a browser as that takes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::body::Body;
use http::{Request, header};
use mintgate_admin::{
    GroupGrant, Identity, IdentityError, IdentityProvider, SignInAttempt, SignInConfig, SingleSignOn,
};
use mintgate_admin_api::Role;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::api::{Api, Reply};

pub(crate) const ISSUER: &str = "https://id.example";

/// The provider, and how the gateway uses it.
pub(crate) struct People {
    pub(crate) self_service: bool,
    pub(crate) provider: Provider,
}

/// Somebody as the provider sees them.
#[derive(Debug, Clone)]
pub(crate) struct Person(Identity);

impl Person {
    pub(crate) fn subject(subject: &str) -> Self {
        Self(Identity { subject: subject.to_owned(), email: None, name: None, groups: Vec::new() })
    }

    /// With an address that the provider has verified.
    pub(crate) fn with_address(mut self, address: &str) -> Self {
        self.0.email = Some(address.to_owned());
        self
    }

    pub(crate) fn with_name(mut self, name: &str) -> Self {
        self.0.name = Some(name.to_owned());
        self
    }

    pub(crate) fn in_group(mut self, group: &str) -> Self {
        self.0.groups.push(group.to_owned());
        self
    }
}

/// Says of each code who brings it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Provider(Arc<Mutex<HashMap<String, Identity>>>);

#[async_trait]
impl IdentityProvider for Provider {
    fn issuer(&self) -> &str {
        ISSUER
    }

    async fn begin(&self, attempt: &SignInAttempt) -> Result<String, IdentityError> {
        Ok(format!("{ISSUER}/auth?state={}", attempt.state.expose_secret()))
    }

    async fn finish(&self, _: &SignInAttempt, code: SecretString) -> Result<Identity, IdentityError> {
        let known = self.0.lock().expect("the lock").get(code.expose_secret()).cloned();
        known.ok_or_else(|| IdentityError::Refused("no such code".into()))
    }
}

impl People {
    pub(crate) fn new() -> Self {
        Self { self_service: true, provider: Provider::default() }
    }
}

/// An API where people sign in, members of `support` as operators, those of `support-eu` in the bucket `europe` alone.
pub(crate) async fn api(people: People) -> PeopleApi {
    let codes = people.provider.0.clone();
    let sso = SingleSignOn {
        name: "Example".to_owned(),
        grants: vec![
            GroupGrant { group: "support".to_owned(), role: Role::Operator, buckets: None },
            GroupGrant {
                group: "support-eu".to_owned(),
                role: Role::Operator,
                buckets: Some(["europe".parse().expect("a name")].into()),
            },
        ],
        provider: Arc::new(people.provider),
        self_service: people.self_service,
    };
    let sign_in =
        SignInConfig { over_tls: false, lifetime: Duration::from_hours(12), single_sign_on: Some(sso) };
    PeopleApi { api: Api::with(Duration::from_secs(30), sign_in).await, codes }
}

pub(crate) struct PeopleApi {
    api: Api,
    codes: Arc<Mutex<HashMap<String, Identity>>>,
}

impl std::ops::Deref for PeopleApi {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

/// A browser with a session.
pub(crate) struct Browser {
    pub(crate) cookie: String,
    pub(crate) csrf_token: String,
}

impl PeopleApi {
    /// Signs somebody in. The problem that the console is told, if they are not let in.
    pub(crate) async fn signed_in(&self, person: &Person) -> Result<Browser, String> {
        self.codes.lock().expect("the lock").insert("code".to_owned(), person.0.clone());
        let out = self.send(bare("GET", "/v1/session/oidc")).await;
        let attempt = cookie_of(&out, "mintgate-sign-in=").expect("an attempt");
        let to = out.header(header::LOCATION);
        let state = to.split_once("state=").expect("a state").1;
        let back = Request::builder()
            .uri(format!("/v1/session/oidc/callback?code=code&state={state}"))
            .header(header::COOKIE, attempt);
        let back = self.send(back.body(Body::empty()).expect("a request")).await;
        let Some(cookie) = cookie_of(&back, "mintgate-session=") else {
            let (_, problem) = back.header(header::LOCATION).split_once("problem=").expect("a reason");
            return Err(problem.to_owned());
        };
        let mut browser = Browser { cookie, csrf_token: String::new() };
        let session = self.as_person(&browser, "GET", "/v1/session", Value::Null).await.done(200);
        session["csrf_token"].as_str().expect("a token").clone_into(&mut browser.csrf_token);
        Ok(browser)
    }

    /// Asks as a page of the console does.
    pub(crate) async fn as_person(&self, browser: &Browser, method: &str, path: &str, body: Value) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, &browser.cookie)
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf-token", &browser.csrf_token)
            .header(header::CONTENT_TYPE, "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request.body(body).expect("a request")).await
    }

    /// The same, to be done once.
    pub(crate) async fn once_as(&self, browser: &Browser, key: &str, path: &str, body: Value) -> Reply {
        let request = Request::post(path)
            .header(header::COOKIE, &browser.cookie)
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf-token", &browser.csrf_token)
            .header("idempotency-key", key)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    pub(crate) async fn see(&self, browser: &Browser, path: &str) -> Reply {
        self.as_person(browser, "GET", path, Value::Null).await
    }

    /// A consumer with these managers.
    pub(crate) async fn managed(&self, name: &str, managers: &[&str]) {
        let body = json!({"name": name, "managers": managers});
        self.post("/v1/buckets/production/consumers", body).await.done(201);
    }
}

fn bare(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).expect("a request")
}

fn cookie_of(reply: &Reply, name: &str) -> Option<String> {
    let lines = reply.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let value = lines.filter_map(|line| line.split(';').next()).find(|pair| pair.starts_with(name))?;
    (value.len() > name.len()).then(|| value.to_owned())
}
