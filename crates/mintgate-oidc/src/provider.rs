//! The provider as the admin API asks it.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use mintgate_admin::{Identity, IdentityError, IdentityProvider, SignInAttempt};
use mintgate_types::InvalidName;
use mintgate_verify::{
    Claims, Expected, ExpectedType, InvalidPolicy, InvalidSource, KeySource, PlainHttp, TokenPolicy, Verifier,
};
use oauth2::{
    AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointSet, ExtraTokenFields,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardRevocableToken,
    StandardTokenResponse,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{OidcError, discovery::Endpoints, fetch::Fetcher};

/// How the provider is used.
#[derive(Debug)]
pub struct OidcConfig {
    /// Its name, as its discovery document and its tokens state it, byte for byte.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// What proves it; a public client has none.
    pub client_secret: Option<SecretString>,
    /// Where browsers come back to.
    pub redirect_url: String,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists what somebody belongs to.
    pub groups_claim: String,
    /// Whether the provider may be spoken to without TLS.
    pub plain_http: PlainHttp,
    /// How long one question may take.
    pub timeout: Duration,
}

/// An `OpenID` Connect provider. Cheap to clone; asks nothing before somebody signs in.
#[derive(Clone)]
pub struct OidcProvider(Arc<Inner>);

struct Inner {
    config: OidcConfig,
    redirect_url: RedirectUrl,
    fetcher: Fetcher,
    verifier: Verifier,
}

/// What an answer to a code has besides what OAuth 2 says.
#[derive(Deserialize, Serialize)]
struct IdentityToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for IdentityToken {}

impl fmt::Debug for IdentityToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("IdentityToken(..)")
    }
}

type OidcClient = Client<
    BasicErrorResponse,
    StandardTokenResponse<IdentityToken, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    EndpointSet,
>;

/// Why a configuration describes no provider.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProvider {
    /// The issuer cannot be one.
    #[error("the issuer")]
    Issuer(#[from] InvalidSource),
    /// The issuer cannot be one of tokens.
    #[error("the issuer's name cannot stand in a token")]
    Policy(#[from] InvalidPolicy),
    /// The client's id cannot be an audience.
    #[error("the client id cannot stand in a token")]
    ClientId(#[from] InvalidName),
    /// The address to come back to is no URL.
    #[error("the redirect URL is no URL")]
    Redirect,
}

impl OidcProvider {
    /// The provider of a configuration.
    pub fn new(config: OidcConfig) -> Result<Self, InvalidProvider> {
        let audience = config.client_id.parse()?;
        // Identity tokens have `typ: JWT` or none at all; what keeps other tokens out is the nonce.
        let policy = TokenPolicy::new(Expected::exactly(config.issuer.parse()?), Expected::exactly(audience))
            .with_type(ExpectedType::Any);
        let source = KeySource::issuer(&config.issuer, config.plain_http)?;
        // Nobody signs in for days: keys are fetched when somebody does, and no identity token comes twice.
        let verifier = Verifier::builder(policy, source)
            .timeout(config.timeout)
            .remember_tokens(0)
            .without_background()
            .build();
        let redirect_url =
            RedirectUrl::new(config.redirect_url.clone()).map_err(|_| InvalidProvider::Redirect)?;
        let fetcher = Fetcher::new(config.timeout);
        Ok(Self(Arc::new(Inner { config, redirect_url, fetcher, verifier })))
    }

    /// Runs what blocks where that harms nobody.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, OidcError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let inner = Arc::clone(&self.0);
        let outcome = tokio::task::spawn_blocking(move || work(&inner)).await;
        outcome.unwrap_or(Err(OidcError::Stopping)).map_err(|error| {
            if error.is_outage() {
                IdentityError::Unavailable(Box::new(error))
            } else {
                IdentityError::Refused(Box::new(error))
            }
        })
    }
}

#[async_trait]
impl IdentityProvider for OidcProvider {
    fn issuer(&self) -> &str {
        &self.0.config.issuer
    }

    async fn begin(&self, attempt: &SignInAttempt) -> Result<String, IdentityError> {
        let (state, nonce) = (copy(&attempt.state), copy(&attempt.nonce));
        let verifier = PkceCodeVerifier::new(copy(&attempt.code_verifier));
        self.aside(move |inner| inner.authorization_url(state, &nonce, &verifier)).await
    }

    async fn finish(&self, attempt: &SignInAttempt, code: SecretString) -> Result<Identity, IdentityError> {
        let nonce = attempt.nonce.clone();
        let verifier = PkceCodeVerifier::new(copy(&attempt.code_verifier));
        self.aside(move |inner| inner.identity(&code, verifier, &nonce)).await
    }
}

impl Inner {
    fn authorization_url(
        &self,
        state: String,
        nonce: &str,
        verifier: &PkceCodeVerifier,
    ) -> Result<String, OidcError> {
        let client = self.client()?;
        let (url, _) = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scope(Scope::new("openid".to_owned()))
            .add_scopes(self.config.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(verifier))
            .add_extra_param("nonce", nonce)
            .url();
        Ok(url.into())
    }

    fn identity(
        &self,
        code: &SecretString,
        verifier: PkceCodeVerifier,
        nonce: &SecretString,
    ) -> Result<Identity, OidcError> {
        let answer = self
            .client()?
            .exchange_code(AuthorizationCode::new(copy(code)))
            .set_pkce_verifier(verifier)
            .request(&|request| self.fetcher.send(request))
            .map_err(|error| match error {
                RequestTokenError::Request(source) => {
                    OidcError::Transport { url: "the token endpoint".into(), source: Box::new(source) }
                }
                RequestTokenError::ServerResponse(refusal) => {
                    OidcError::CodeRefused(refusal.error().as_ref().to_owned())
                }
                _ => OidcError::CodeRefused("an answer that is none".to_owned()),
            })?;
        let token = answer.extra_fields().id_token.as_deref().ok_or(OidcError::NoIdentityToken)?;
        let identity = self.verifier.verify(token)?;
        self.read(identity.claims(), nonce)
    }

    /// Who a verified identity token is about, if it is for this attempt.
    fn read(&self, claims: &Claims, nonce: &SecretString) -> Result<Identity, OidcError> {
        let text = |name: &str| claims.all().get(name).and_then(Value::as_str);
        if text("nonce") != Some(nonce.expose_secret()) {
            return Err(OidcError::Mismatch("nonce"));
        }
        // With several audiences, the token says whose it is (OpenID Connect Core §3.1.3.7).
        let is_shared = claims.all().get("aud").and_then(Value::as_array).is_some_and(|all| all.len() > 1);
        match text("azp") {
            Some(party) if party != self.config.client_id => return Err(OidcError::Mismatch("azp")),
            None if is_shared => return Err(OidcError::Mismatch("azp")),
            _ => {}
        }
        let is_verified = claims.all().get("email_verified") == Some(&Value::Bool(true));
        let groups = claims.all().get(&self.config.groups_claim);
        Ok(Identity {
            subject: claims.subject().to_owned(),
            email: text("email").filter(|_| is_verified).map(str::to_owned),
            name: text("name").or_else(|| text("preferred_username")).map(str::to_owned),
            groups: match groups {
                Some(Value::Array(groups)) => {
                    groups.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                Some(Value::String(group)) => vec![group.clone()],
                _ => Vec::new(),
            },
        })
    }

    /// The client, over the endpoints as they are now.
    fn client(&self) -> Result<OidcClient, OidcError> {
        let endpoints = Endpoints::discover(&self.config.issuer, self.config.plain_http, &self.fetcher)?;
        let client = Client::new(ClientId::new(self.config.client_id.clone()))
            .set_auth_uri(endpoints.authorization)
            .set_token_uri(endpoints.token)
            .set_auth_type(endpoints.client_authentication)
            .set_redirect_uri(self.redirect_url.clone());
        Ok(match &self.config.client_secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(copy(secret))),
            None => client,
        })
    }
}

impl fmt::Debug for OidcProvider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OidcProvider").field("issuer", &self.0.config.issuer).finish_non_exhaustive()
    }
}

/// For the types of `oauth2`, which do not print what they hold.
fn copy(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}
