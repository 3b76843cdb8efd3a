//! How people sign in to the console, as the configuration says it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use mintgate_admin::{GroupGrant, SignInConfig, SingleSignOn};
use mintgate_admin_api::{Role, paths};
use mintgate_oidc::{InvalidProvider, OidcProvider};
use mintgate_verify::PlainHttp;

use crate::config::{AdminConfig, GrantConfig, OidcConfig, RoleName, Scheme, SecretError};

/// Why nobody could sign in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The client's secret cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The configuration describes no provider.
    #[error("the identity provider")]
    Provider(#[from] InvalidProvider),
}

/// The sign-in of a console that browsers reach at `address`, unless the configuration says where they do.
pub(crate) fn config(admin: &AdminConfig, address: SocketAddr) -> Result<SignInConfig, SignInError> {
    let public_url =
        admin.public_url.as_ref().map_or_else(|| format!("http://{address}"), ToString::to_string);
    Ok(SignInConfig {
        over_tls: admin.public_url.as_ref().is_some_and(|url| url.scheme() == Scheme::Https),
        lifetime: admin.session_lifetime,
        single_sign_on: admin
            .oidc
            .as_ref()
            .map(|oidc| single_sign_on(oidc, admin.self_service, &public_url))
            .transpose()?,
    })
}

fn single_sign_on(
    oidc: &OidcConfig,
    self_service: bool,
    public_url: &str,
) -> Result<SingleSignOn, SignInError> {
    let client_secret = oidc.client_secret.as_ref().map(crate::config::SecretSource::client_secret);
    let provider = OidcProvider::new(mintgate_oidc::OidcConfig {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: client_secret.transpose()?,
        redirect_url: format!("{public_url}{}", paths::SESSION_OIDC_CALLBACK),
        scopes: oidc.scopes.clone(),
        groups_claim: oidc.groups_claim.clone(),
        plain_http: PlainHttp::LoopbackOnly,
        timeout: PATIENCE,
    })?;
    Ok(SingleSignOn {
        name: oidc.name.clone(),
        grants: oidc.grants.iter().map(grant).collect(),
        provider: Arc::new(provider),
        self_service,
    })
}

fn grant(config: &GrantConfig) -> GroupGrant {
    let role = match config.role {
        RoleName::Owner => Role::Owner,
        RoleName::Operator => Role::Operator,
        RoleName::Auditor => Role::Auditor,
    };
    GroupGrant { group: config.group.clone(), role, buckets: config.buckets.clone() }
}

/// For each of the questions that signing in takes; somebody is waiting.
const PATIENCE: Duration = Duration::from_secs(5);
