//! Whose tokens the origin gets.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use mintgate_admin_api::Span;
use mintgate_probe::{OwnIssuer, PrivateKey, Tokens};
use mintgate_types::OriginName;
use zeroize::Zeroizing;

use super::guest::Guest;
use crate::{args::RemoteArgs, failure::Failure, screen::Screen};

/// An issuer of the kit's own, or the key of another.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tokens")]
pub(crate) struct TokenArgs {
    /// Where the kit's own issuer listens. The origin must be told to trust it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9480", conflicts_with = "private_key")]
    issuer_listen: SocketAddr,
    /// What the kit's own issuer calls itself, where the origin reaches it by another name.
    #[arg(long, value_name = "URL", conflicts_with = "private_key")]
    issuer_url: Option<String>,
    /// For how long the kit's own issuer says that its keys may be kept.
    #[arg(long, value_name = "TIME", default_value = "30s", conflicts_with = "private_key")]
    jwks_max_age: Span,
    /// The private key of an issuer that the origin trusts: PEM (PKCS #8) or a JWK. No issuer is started then.
    #[arg(long, value_name = "FILE", requires = "kid", requires = "issuer")]
    private_key: Option<PathBuf>,
    /// The name of that key.
    #[arg(long, value_name = "KID", requires = "private_key")]
    kid: Option<String>,
    /// Who issues with that key.
    #[arg(long, value_name = "URL", requires = "private_key")]
    issuer: Option<String>,
    /// Take tokens from a running gateway: the name that its configuration has for the origin. A consumer is made for
    /// the time of the run.
    #[arg(long, value_name = "ORIGIN", conflicts_with_all = ["private_key", "issuer_listen", "issuer_url"])]
    gateway: Option<OriginName>,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// Tokens, and what is known of them beside.
pub(super) struct Source {
    pub(super) tokens: Tokens,
    /// For whom they are, where that is not for the caller to say.
    pub(super) audience: Option<String>,
    /// Who has to leave afterwards.
    pub(super) guest: Option<Guest>,
}

impl From<Tokens> for Source {
    fn from(tokens: Tokens) -> Self {
        Self { tokens, audience: None, guest: None }
    }
}

impl TokenArgs {
    pub(super) fn read(self, scopes: &[String], screen: &mut Screen) -> Result<Source, Failure> {
        if let Some(origin) = self.gateway {
            let guest = Guest::arrive(self.remote.connect(screen)?)?;
            return match guest.tokens(&origin, scopes) {
                Ok((handed, audience)) => {
                    let tokens = Tokens::Handed(handed);
                    Ok(Source { tokens, audience: Some(audience), guest: Some(guest) })
                }
                Err(failure) => {
                    // What went wrong first is what is worth telling.
                    let _ = guest.leave();
                    Err(failure)
                }
            };
        }
        let Some(file) = self.private_key else {
            let url = self.issuer_url.map(|url| url.trim_end_matches('/').to_owned());
            let max_age: Duration = self.jwks_max_age.duration().unsigned_abs();
            return Ok(Tokens::Own(OwnIssuer { listen: self.issuer_listen, url, max_age }).into());
        };
        let failed = |error: anyhow::Error| Failure::Refused(error.context(file.display().to_string()));
        let text = std::fs::read_to_string(&file).map_err(|error| failed(error.into()))?;
        let text = Zeroizing::new(text);
        let key = PrivateKey::parse(&text).map_err(|error| failed(error.into()))?;
        // Clap sees to it that both are there.
        let (issuer, kid) = (self.issuer.unwrap_or_default(), self.kid.unwrap_or_default());
        Ok(Tokens::Key { issuer, kid, key }.into())
    }
}
