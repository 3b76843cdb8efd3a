//! Whose tokens the origin gets.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use mintgate_admin_api::Span;
use mintgate_probe::{OwnIssuer, PrivateKey, Tokens};
use zeroize::Zeroizing;

use crate::failure::Failure;

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
}

impl TokenArgs {
    pub(crate) fn read(self) -> Result<Tokens, Failure> {
        let Some(file) = self.private_key else {
            let url = self.issuer_url.map(|url| url.trim_end_matches('/').to_owned());
            let max_age: Duration = self.jwks_max_age.duration().unsigned_abs();
            return Ok(Tokens::Own(OwnIssuer { listen: self.issuer_listen, url, max_age }));
        };
        let failed = |error: anyhow::Error| Failure::Refused(error.context(file.display().to_string()));
        let text = std::fs::read_to_string(&file).map_err(|error| failed(error.into()))?;
        let text = Zeroizing::new(text);
        let key = PrivateKey::parse(&text).map_err(|error| failed(error.into()))?;
        // Clap sees to it that both are there.
        let (issuer, kid) = (self.issuer.unwrap_or_default(), self.kid.unwrap_or_default());
        Ok(Tokens::Key { issuer, kid, key })
    }
}
