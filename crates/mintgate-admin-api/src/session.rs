//! Signing in with a browser.

use mintgate_types::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::WhoAmI;

/// How a browser may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignInWays {
    /// With an admin token. Always possible.
    pub token: bool,
    /// With an identity provider, if one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcWay>,
    /// Whether managers of consumers may sign in with it, too.
    pub self_service: bool,
}

/// Signing in with an identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OidcWay {
    /// What people know it as.
    #[schema(example = "Example SSO")]
    pub name: String,
    /// Where to send the browser.
    #[schema(example = "/v1/session/oidc")]
    pub href: String,
}

/// Signing in with an admin token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The token.
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 512)]
    pub token: SecretString,
}

/// A browser that has signed in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Whose it is.
    #[serde(flatten)]
    pub who: WhoAmI,
    /// To be sent back as `X-CSRF-Token` with every request that changes something.
    pub csrf_token: String,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub session_expires_at: Timestamp,
}
