//! What the admin API asks of the data plane about a key, answered by the exchange that serves requests.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use mintgate_admin::{JudgeError, Judgement, MintedToken, Question};
use mintgate_admin_api::KeyRefusal;
use mintgate_exchange::{Caller, Exchange, KeyRefused, Token};
use mintgate_policy::{CredentialSources, MethodSet, OriginIndex, Permit, Requirement, Route, RouteSettings};
use mintgate_types::{Audience, OriginName, ScopeSet};
use serde_json::{Map, Value};

use crate::config::Config;

/// The exchange as the admin API sees it.
pub(crate) struct ExchangeJudge {
    // Dependencies.
    exchange: Arc<Exchange>,
    // Settings, which change with a reload. A plain lock: only admins ask for it, once a request.
    audiences: Mutex<Vec<(OriginName, Audience)>>,
}

impl ExchangeJudge {
    pub(crate) fn new(exchange: Arc<Exchange>, config: &Config) -> Self {
        Self { exchange, audiences: Mutex::new(audiences(config)) }
    }

    /// From now on, the origins are these.
    pub(crate) fn change(&self, config: &Config) {
        *self.audiences.lock().expect("no holder of this lock panics") = audiences(config);
    }

    fn audience(&self, origin: &OriginName) -> Option<Audience> {
        let audiences = self.audiences.lock().expect("no holder of this lock panics");
        audiences.iter().find(|(name, _)| name == origin).map(|(_, audience)| audience.clone())
    }

    async fn show(&self, permit: &Permit<Caller>) -> Result<MintedToken, JudgeError> {
        let token = self.exchange.token_for(permit).await.map_err(|error| JudgeError::Mint(error.into()))?;
        read(&token, permit.audience())
    }
}

#[async_trait]
impl mintgate_admin::KeyJudge for ExchangeJudge {
    fn knows(&self, origin: &OriginName) -> bool {
        self.audience(origin).is_some()
    }

    async fn judge(&self, question: Question<'_>) -> Result<Judgement, JudgeError> {
        let wanted = match question.origin {
            Some(origin) => Some((origin, self.audience(origin).ok_or(JudgeError::NoSuchOrigin)?)),
            None => None,
        };
        let caller = match self.exchange.authenticate(question.key) {
            Ok(caller) => caller,
            Err(KeyRefused::NotReady) => return Err(JudgeError::NotReady),
            Err(refused) => return Ok(Judgement::Refused(reason(refused))),
        };
        let (origin, audience) = match wanted {
            Some((origin, audience)) => (origin.clone(), audience),
            None => nowhere(),
        };
        let route = Arc::new(route(origin, audience, question.scopes.clone()));
        let Ok(permit) = route.authorize(caller) else {
            return Ok(Judgement::Refused(KeyRefusal::InsufficientScope));
        };
        let token = if question.origin.is_some() { Some(self.show(&permit).await?) } else { None };
        Ok(Judgement::Valid(token))
    }
}

fn audiences(config: &Config) -> Vec<(OriginName, Audience)> {
    config.origins.iter().map(|origin| (origin.name.clone(), origin.audience.clone())).collect()
}

/// A route that asks for nothing but a key with these scopes: what a request on such a route would meet.
fn route(origin: OriginName, audience: Audience, scopes: ScopeSet) -> Route {
    Route::new(RouteSettings {
        name: "keys-verify".parse().expect("a short word is a name"),
        hosts: Vec::new(),
        pattern: "/".parse().expect("the root is a pattern"),
        methods: MethodSet::common(),
        origin,
        origin_index: OriginIndex(0),
        audience,
        requirement: Requirement::ApiKey,
        scopes,
        credentials: CredentialSources::default(),
        strip_prefix: None,
        response_timeout: None,
    })
    .expect("it strips nothing and is not public")
}

/// For a question about no origin: its permit is dropped, and nothing is minted for it.
fn nowhere() -> (OriginName, Audience) {
    ("none".parse().expect("a short word is a name"), "none".parse().expect("a short word is an audience"))
}

fn reason(refused: KeyRefused) -> KeyRefusal {
    match refused {
        KeyRefused::Revoked { .. } => KeyRefusal::Revoked,
        KeyRefused::Expired { .. } => KeyRefusal::Expired,
        KeyRefused::ConsumerDisabled { .. } => KeyRefusal::ConsumerDisabled,
        KeyRefused::Unmappable { .. } => KeyRefusal::NoClaims,
        // A key whose consumer is gone is about to go itself.
        _ => KeyRefusal::Unknown,
    }
}

/// What we minted ourselves is read without being verified.
fn read(token: &Token, audience: &Audience) -> Result<MintedToken, JudgeError> {
    let value = token.authorization().to_str().map_err(|error| JudgeError::Mint(error.into()))?;
    let value = value.strip_prefix("Bearer ").unwrap_or(value);
    let mut parts = value.split('.').map(part);
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(header), Some(claims)) => {
            Ok(MintedToken { audience: audience.clone(), header, claims, value: value.to_owned().into() })
        }
        _ => Err(JudgeError::Mint("a token that does not read".into())),
    }
}

fn part(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
