//! `[admin]`: the listener for management, apart from the data listener.

use std::{net::SocketAddr, time::Duration};

use super::{
    base_url::{BaseUrl, Scheme},
    problem::Finding,
    quantity::Period,
    secrets::SecretSource,
    section::{Default, Section},
    setting::{At, choice},
    sign_in::{self, OidcConfig, Others},
};

/// The listener for management.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminConfig {
    /// Its address, never one of the data listener's.
    pub listen: SocketAddr,
    /// Where the token is that admins present.
    pub token: SecretSource,
    /// Where browsers reach the console, if not at `listen`.
    pub public_url: Option<BaseUrl>,
    /// How long somebody who signed in stays so.
    pub session_lifetime: Duration,
    /// Whether the managers of consumers may sign in and look after their keys.
    pub self_service: bool,
    /// How much processor time management gets beside requests.
    pub priority: AdminPriority,
    /// Who else vouches for people.
    pub oidc: Option<OidcConfig>,
}

choice!(
    /// How much processor time management gets beside requests.
    AdminPriority {
        /// A tenth of what requests have, where both want it.
        Normal = "normal",
        /// What requests, and whatever else runs on the machine, leave over.
        Idle = "idle",
    }
);

/// `[admin]` as far as it could be read, with the places that later checks need.
pub(crate) struct AdminSection {
    pub(crate) listen: At<SocketAddr>,
    pub(crate) token: Option<At<SecretSource>>,
    public_url: Option<BaseUrl>,
    session_lifetime: Duration,
    self_service: bool,
    priority: AdminPriority,
    oidc: Option<OidcConfig>,
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
    let public_url = read_public_url(section);
    let lifetime = section.within::<Period>(
        "session_lifetime",
        Default::Text("12h"),
        Period::seconds(60)..=Period::days(30),
        "How long somebody who signed in to the console stays so.",
    );
    let has_oidc = section.has("oidc");
    let meaning = "Signing in to the console with an OpenID Connect provider.";
    let self_service = read_self_service(section, has_oidc);
    let others = if self_service { Others::Managers } else { Others::Nobody };
    let oidc = section.section("oidc", meaning, |oidc| sign_in::read(oidc, has_oidc, others));
    let priority = section.defaulted::<AdminPriority>(
        "priority",
        Default::Text("normal"),
        "How much processor time management gets beside requests: a tenth of theirs, or what they leave over.",
    );
    AdminSection {
        listen,
        token,
        public_url,
        session_lifetime: lifetime.value.get(),
        self_service,
        priority: priority.value,
        oidc,
    }
}

fn read_self_service(section: &mut Section<'_>, has_oidc: bool) -> bool {
    let given = section.defaulted::<bool>(
        "self_service",
        Default::Flag(false),
        "Whether the managers of consumers may sign in with the provider of `admin.oidc`, and see and roll the keys of \
         those consumers.",
    );
    if given.value && !has_oidc {
        let finding = Finding::new(given.span, "nobody vouches for the managers of consumers")
            .advice("add `[admin.oidc]`, or leave `self_service` out");
        section.ledger().problem(finding);
    }
    given.value
}

fn read_public_url(section: &mut Section<'_>) -> Option<BaseUrl> {
    let given = section.optional::<BaseUrl>(
        "public_url",
        "Where browsers reach the console. `http://` and `listen`, if left out. With `https://`, cookies never travel \
         without TLS.",
    )?;
    if given.value.scheme() == Scheme::Http && !given.value.is_loopback() {
        let finding = Finding::new(given.span, "people sign in to the console over the network in the clear")
            .advice("put TLS before the admin listener and write `https://`");
        section.ledger().warning(finding);
    }
    Some(given.value)
}

impl AdminSection {
    pub(crate) fn into_config(self) -> Option<AdminConfig> {
        Some(AdminConfig {
            listen: self.listen.value,
            token: self.token?.value,
            public_url: self.public_url,
            session_lifetime: self.session_lifetime,
            self_service: self.self_service,
            priority: self.priority,
            oidc: self.oidc,
        })
    }
}

impl AdminConfig {
    pub(crate) fn based_on(self, folder: &std::path::Path) -> Self {
        let oidc = self.oidc.map(|oidc| oidc.based_on(folder));
        Self { token: self.token.based_on(folder), oidc, ..self }
    }
}
