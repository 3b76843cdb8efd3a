//! Finding the admin API: from arguments, the environment, or the configuration that names both.

use std::path::{Path, PathBuf};

use mintgate_server::config::{BaseUrl, Config, Scheme, SecretSource};

use crate::{args::RemoteArgs, client::Client, commands::check, failure::Failure, screen::Screen};

/// The configuration of those who name none.
pub(crate) const USUAL_CONFIG: &str = "mintgate.toml";

impl RemoteArgs {
    /// A client of the admin API that is meant.
    pub(crate) fn connect(self, screen: &mut Screen) -> Result<Client, Failure> {
        let (url, token) = match (self.admin_url, self.admin_token_file) {
            (Some(url), Some(file)) => (url, SecretSource::File(file)),
            (url, file) => {
                let config = named_config(self.config, screen)?;
                let url = url.map_or_else(|| admin_url(&config), Ok)?;
                (url, file.map_or(config.admin.token, SecretSource::File))
            }
        };
        if url.scheme() == Scheme::Http && !url.is_loopback() && !self.allow_plain_http {
            return Err(Failure::Usage(format!(
                "{url} is another machine, and the admin token would go there in clear text: use https, or \
                 --allow-plain-http if the network is trusted"
            )));
        }
        Ok(Client::new(url, token.admin_token()?))
    }
}

fn named_config(named: Option<PathBuf>, screen: &mut Screen) -> Result<Config, Failure> {
    let path = match named {
        Some(path) => path,
        None if Path::new(USUAL_CONFIG).exists() => USUAL_CONFIG.into(),
        None => {
            return Err(Failure::Usage(
                "where is the admin API? Say --config FILE, or --admin-url URL and --admin-token-file FILE"
                    .into(),
            ));
        }
    };
    // What is only worth a warning is for `check` and `serve` to say.
    check::load(&path, screen).map(|(config, _)| config)
}

/// Where the configuration's admin listener can be reached from the same machine.
fn admin_url(config: &Config) -> Result<BaseUrl, Failure> {
    let mut address = config.admin.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}").parse().map_err(Failure::from)
}
