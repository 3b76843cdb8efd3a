//! What a gateway under test is set up with.

use std::{fmt::Write, net::SocketAddr, path::Path};

use crate::{gateway::Gateway, ports::ReservedPort};

/// A gateway in the making. What is not said is as a user would have it, but for three things that tests need: one
/// data worker, a short grace, and ES256, since making RSA keys takes its time.
#[derive(Debug, Clone)]
pub struct GatewayBuilder {
    server: Vec<String>,
    limits: Vec<String>,
    admin: Vec<String>,
    issuer: Vec<String>,
    origins: Vec<String>,
    routes: Vec<String>,
    sections: Vec<String>,
    names: Vec<String>,
}

impl GatewayBuilder {
    pub(crate) fn new() -> Self {
        Self {
            server: Vec::new(),
            limits: Vec::new(),
            admin: Vec::new(),
            issuer: Vec::new(),
            origins: Vec::new(),
            routes: Vec::new(),
            sections: Vec::new(),
            names: Vec::new(),
        }
    }

    /// With a line of `[server]`.
    #[must_use]
    pub fn server(mut self, line: &str) -> Self {
        self.server.push(line.to_owned());
        self
    }

    /// With a line of `[server.limits]`.
    #[must_use]
    pub fn limit(mut self, line: &str) -> Self {
        self.limits.push(line.to_owned());
        self
    }

    /// With a line of `[admin]`.
    #[must_use]
    pub fn admin(mut self, line: &str) -> Self {
        self.admin.push(line.to_owned());
        self
    }

    /// With a line of `[issuer]`.
    #[must_use]
    pub fn issuer(mut self, line: &str) -> Self {
        self.issuer.push(line.to_owned());
        self
    }

    /// With an origin, whose audience is its name.
    #[must_use]
    pub fn origin(self, name: &str, address: SocketAddr) -> Self {
        self.origin_with(name, address, "")
    }

    /// With an origin and more lines of its section.
    #[must_use]
    pub fn origin_with(mut self, name: &str, address: SocketAddr, lines: &str) -> Self {
        self.origins.push(format!("[[origin]]\nname = \"{name}\"\nurl = \"http://{address}\"\n{lines}\n"));
        self.names.push(name.to_owned());
        self
    }

    /// With a route: its lines. Without any, everything goes to the first origin, with a key.
    #[must_use]
    pub fn route(mut self, lines: &str) -> Self {
        self.routes.push(format!("[[route]]\n{lines}\n"));
        self
    }

    /// With a further section, or several.
    #[must_use]
    pub fn section(mut self, text: &str) -> Self {
        self.sections.push(text.to_owned());
        self
    }

    /// Starts it and waits until it serves.
    #[must_use]
    pub fn start(self) -> Gateway {
        Gateway::start(&self)
    }

    /// The whole file.
    pub(crate) fn text(&self, data: SocketAddr, admin: SocketAddr) -> String {
        let mut text = String::new();
        let mut put = |line: &str| writeln!(text, "{line}").expect("a string takes text");
        let unless_said = |lines: &[String], key: &str, value: &str| {
            let is_said = lines.iter().any(|line| line.trim_start().starts_with(key));
            if is_said { String::new() } else { format!("{key} = {value}") }
        };
        put("[server]");
        put(&unless_said(&self.server, "listen", &format!("[\"{data}\"]")));
        put(&unless_said(&self.server, "public_url", &format!("\"http://{data}\"")));
        put(&unless_said(&self.server, "workers", "1"));
        put(&unless_said(&self.server, "shutdown_grace", "\"2s\""));
        self.server.iter().for_each(|line| put(line));
        put("[server.limits]");
        self.limits.iter().for_each(|line| put(line));
        put(&format!("[admin]\nlisten = \"{admin}\"\ntoken_file = \"data/admin.token\""));
        self.admin.iter().for_each(|line| put(line));
        put("[store]\nurl = \"sqlite:data/mintgate.db\"\nmaster_key_file = \"data/master.key\"");
        put("[issuer]");
        put(&unless_said(&self.issuer, "algorithm", "\"ES256\""));
        self.issuer.iter().for_each(|line| put(line));
        self.sections.iter().for_each(|section| put(section));
        self.origins.iter().for_each(|origin| put(origin));
        self.routes.iter().for_each(|route| put(route));
        if self.routes.is_empty() {
            let origin = self.names.first().expect("a gateway has an origin");
            put(&format!("[[route]]\npath = \"/{{*rest}}\"\norigin = \"{origin}\"\nauth = \"api-key\""));
        }
        text
    }

    pub(crate) fn write(&self, folder: &Path, data: &ReservedPort, admin: &ReservedPort) {
        let text = self.text(data.address(), admin.address());
        std::fs::write(folder.join("mintgate.toml"), text).expect("a folder of our own");
    }
}
