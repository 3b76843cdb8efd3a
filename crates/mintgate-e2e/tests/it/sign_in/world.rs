//! Where people sign in: a gateway and a real `OpenID` Connect provider.

use std::io::Write as _;

use mintgate_e2e::{Gateway, Origin, ReservedPort, Server, node, repository};

use super::browser::Browser;

const CLIENT_SECRET: &str = "a secret that only the two of them know";
pub(super) const CALLBACK: &str = "/v1/session/oidc/callback";

/// A gateway, and a provider that people sign in with.
pub(super) struct World {
    pub(super) gateway: Gateway,
    pub(super) provider: Server,
    pub(super) origin: Origin,
}

impl World {
    /// With these people, as the provider knows them, and more lines of `[admin]`.
    pub(super) fn start(people: &str, admin: &[&str]) -> Self {
        let origin = Origin::echo();
        let builder = Gateway::builder().origin("orders", origin.address());
        let builder = admin.iter().fold(builder, |builder, line| builder.admin(line));
        let mut gateway = Gateway::prepare(&builder);
        let port = ReservedPort::new();
        let home = gateway.home();
        let secret = home.join("data/client.secret");
        std::fs::write(&secret, CLIENT_SECRET).expect("a file");
        std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
        gateway.keep_secret(CLIENT_SECRET);
        let mut config =
            std::fs::OpenOptions::new().append(true).open(gateway.config_file()).expect("a file");
        write!(
            config,
            "\n[admin.oidc]\nname = \"Example\"\nissuer = \"http://{}\"\nclient_id = \"mintgate\"\n\
             client_secret_file = \"data/client.secret\"\nscopes = [\"email\", \"profile\", \"groups\"]\n\
             [[admin.oidc.grant]]\ngroup = \"platform\"\nrole = \"owner\"\n\
             [[admin.oidc.grant]]\ngroup = \"support\"\nrole = \"operator\"\nbuckets = [\"production\"]\n",
            port.address()
        )
        .expect("it can be written");
        let mut command = node();
        command
            .arg(repository().join("crates/mintgate-e2e/tests/it/sign_in/provider.mjs"))
            .arg(port.address().port().to_string())
            .args(["mintgate", CLIENT_SECRET])
            .arg(format!("http://{}{CALLBACK}", gateway.admin_address()))
            .arg(people);
        let provider = Server::start(&mut command, port.address());
        gateway.boot();
        Self { gateway, provider, origin }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.gateway.admin_address())
    }

    /// Where somebody ends who signs in as `person`.
    pub(super) fn sign_in(&self, browser: &mut Browser, person: &str) -> String {
        let out = browser.get(&self.url("/v1/session/oidc"));
        assert_eq!(out.status(), 303, "{}", out.text());
        let there = format!("{}&login_hint={person}", out.header("location").expect("the provider"));
        browser.visit(&there).0
    }
}
