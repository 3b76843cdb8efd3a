//! The configuration: `mintgate.toml` in, parsed values out.
//!
//! [`load`] and [`parse`] report all problems at once, each with its place and what to do about it; an unknown key is a
//! problem. What comes out holds no secrets, only where they are ([`SecretSource`]), so it may be shown. This is the
//! one place that reads the file and the environment; nothing else here does I/O. Every setting is described in
//! `docs/configuration.md`, and by [`schema`].

mod admin;
mod agreement;
mod base_url;
mod claims;
mod issuer;
mod log;
mod mask;
mod origin;
mod problem;
mod quantity;
mod route;
mod secrets;
mod section;
mod server;
mod setting;
mod shown;
mod sign_in;
mod store;
#[cfg(test)]
mod tests;
mod usage;

use std::path::Path;

use mintgate_policy::Routes;
use mintgate_signing::ClaimMapping;
use serde_json::{Value as Json, json};
use toml::de::DeTable;

pub use admin::{AdminConfig, AdminPriority};
pub use base_url::{BaseUrl, InvalidBaseUrl, Scheme};
pub use issuer::IssuerConfig;
pub use log::{LogConfig, LogFormat, LogLevel};
pub use origin::{HostHeader, OriginConfig, OriginProfile};
pub use problem::{ConfigReport, Problem, Style, Warning};
pub use secrets::{SecretError, SecretSource};
pub use server::{LimitsConfig, ServerConfig};
pub use sign_in::{GrantConfig, OidcConfig, RoleName};
pub use store::{StoreConfig, StoreLocation};
pub use usage::UsageConfig;

use problem::{Finding, Source};
use section::{Ledger, Reading, Section};

/// A configuration that fits together.
#[derive(Debug)]
pub struct Config {
    /// The data listener.
    pub server: ServerConfig,
    /// The listener for management.
    pub admin: AdminConfig,
    /// Where consumers and keys rest.
    pub store: StoreConfig,
    /// Tokens, and the keys that sign them.
    pub issuer: IssuerConfig,
    /// Which metadata becomes which claim.
    pub claims: ClaimMapping,
    /// The protected backends, in the order that [`mintgate_policy::OriginIndex`] counts.
    pub origins: Vec<OriginConfig>,
    /// Which requests go where.
    pub routes: Routes,
    /// How requests are counted.
    pub usage: UsageConfig,
    /// What is logged, and how.
    pub log: LogConfig,
}

/// Reads a configuration file.
pub fn load(path: &Path) -> Result<(Config, Vec<Warning>), ConfigReport> {
    let name = path.display().to_string();
    let refused = |message: String, hint: &str| {
        let finding = Finding::new(None, message).advice(hint);
        ConfigReport::new(vec![finding.into_problem(&Source::new(&name, ""))], Vec::new())
    };
    let bytes = read_file(path).map_err(|error| {
        refused(format!("cannot be read: {error}"), "`mintgate init` makes a configuration")
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
        refused(format!("line {line} is not UTF-8"), "save the file as UTF-8")
    })?;
    parse(&text, &name)
}

/// Reads a configuration that was read from `name`, to whose folder its paths are relative.
pub fn parse(text: &str, name: &str) -> Result<(Config, Vec<Warning>), ConfigReport> {
    let source = Source::new(name, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let reading = if errors.is_empty() { Reading::Whole } else { Reading::Broken };
    let ledger = Ledger::new(source, reading);
    let first =
        errors.iter().filter_map(|error| Some((error.span()?, error))).min_by_key(|(span, _)| span.start);
    let table = match first {
        // A bracket or a quote that stays open makes nonsense of all that follows: only what is before it is looked at.
        Some((span, error)) if errors.len() > MOST_ERRORS => {
            let line = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
            let said = Finding::new(span, error.message());
            ledger.problem(said.advice("what follows cannot be read before this is right"));
            DeTable::parse_recoverable(&text[..line]).0
        }
        _ => {
            for error in &errors {
                ledger.problem(Finding::new(error.span(), error.message()));
            }
            table
        }
    };
    let mut root = Section::root(&ledger, table.get_ref());
    let config = read(&mut root);
    root.finish();
    let warnings = ledger.close()?;
    let config = config.expect("what is missing was noted as a problem");
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    Ok((config.based_on(folder), warnings))
}

/// More errors of syntax than this are one that the others follow from.
const MOST_ERRORS: usize = 5;

/// The JSON Schema of `mintgate.toml` (draft 2020-12), for editors.
#[must_use]
pub fn schema() -> Json {
    let ledger = Ledger::new(Source::new("", ""), Reading::Nothing);
    let table = DeTable::new();
    let mut root = Section::root(&ledger, &table);
    read(&mut root);
    let mut schema = root.finish();
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("mintgate.toml");
    schema
}

/// Reads all sections. `None` where a problem was noted.
fn read(root: &mut Section<'_>) -> Option<Config> {
    let server = root.section("server", "The data listener.", server::read);
    let admin = root.section("admin", "The listener of the admin API and the console.", admin::read);
    let store = root.section("store", "Where consumers and keys rest.", store::read);
    let issuer = root.section("issuer", "Tokens, and the keys that sign them.", issuer::read);
    let claims = claims::read(root);
    let origins = root.sections("origin", "The protected backends.", origin::read);
    let routes = root.sections("route", "Which requests go where, and what they must bring.", route::read);
    let usage = root.section("usage", "How requests are counted.", usage::read);
    let log = root.section("log", "What is logged, and how.", log::read);

    let ledger = root.ledger();
    let expected = routes.len();
    let origins: Vec<_> = origins.into_iter().flatten().collect();
    origin::check(&origins, ledger);
    let routes = route::join(routes, &origins, ledger);
    let set = route::set(&routes, ledger);
    agreement::apart(&server.listen, &admin, ledger);
    agreement::no_circles(&server.listen, &admin, &origins, ledger);
    agreement::issuer_path_is_free(&issuer, &routes, ledger);
    agreement::public_over_guarded(&routes, ledger);
    if routes.len() == expected {
        agreement::used(&routes, &origins, ledger);
    }

    let issuer = issuer.into_config(root, server.config.as_ref().map(|server| &server.public_url));
    Some(Config {
        server: server.config?,
        admin: admin.into_config()?,
        store: store?,
        issuer: issuer?,
        claims,
        origins: origins.into_iter().map(|origin| origin.config).collect(),
        routes: set?,
        usage,
        log,
    })
}

impl Config {
    fn based_on(self, folder: &Path) -> Self {
        Self { admin: self.admin.based_on(folder), store: self.store.based_on(folder), ..self }
    }
}

fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(std::io::Error::other("larger than 4 MiB"));
    }
    Ok(bytes)
}

/// More than any configuration; a wrong path to a huge file must not fill the memory.
const LONGEST: u64 = 4 << 20;
