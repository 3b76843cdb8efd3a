//! `[admin]`: the listener for management, apart from the data listener.

use std::net::SocketAddr;

use super::{
    problem::Finding,
    secrets::SecretSource,
    section::{Default, Section},
    setting::At,
};

/// The listener for management.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminConfig {
    /// Its address, never one of the data listener's.
    pub listen: SocketAddr,
    /// Where the token is that admins present.
    pub token: SecretSource,
}

/// `[admin]` as far as it could be read, with the places that later checks need.
pub(crate) struct AdminSection {
    pub(crate) listen: At<SocketAddr>,
    pub(crate) token: Option<At<SecretSource>>,
}

pub(crate) fn read(section: &mut Section<'_>) -> AdminSection {
    let listen = section.defaulted::<SocketAddr>(
        "listen",
        Default::Text("127.0.0.1:8081"),
        "The address of the admin API and the console. Never one of `server.listen`.",
    );
    let token = SecretSource::read(
        section,
        ["token_file", "token_env"],
        ["A file with the admin token.", "An environment variable with the admin token."],
        Some("data/admin.token"),
    );
    if !listen.value.ip().is_loopback() {
        let finding =
            Finding::new(listen.span.clone(), "the admin API can be reached over the network in the clear")
                .advice(
                    "listen on a loopback address, or keep others away from this one and put TLS before it",
                );
        section.ledger().warning(finding);
    }
    AdminSection { listen, token }
}

impl AdminSection {
    pub(crate) fn into_config(self) -> Option<AdminConfig> {
        Some(AdminConfig { listen: self.listen.value, token: self.token?.value })
    }
}
