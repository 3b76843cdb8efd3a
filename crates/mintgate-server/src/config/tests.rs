//! Configurations that are taken, and what is said of those that are not.

mod agreement;
mod examples;
mod properties;
mod rendering;
mod secrets;
mod settings;
mod sign_in;

use super::{Config, parse};

/// The least that is taken, with `{…}` places for what a test wants to say.
pub(super) const LEAST: &str = r#"
[server]
listen = ["127.0.0.1:8080"]
public_url = "http://localhost:8080"
[store]
url = "sqlite:data/mintgate.db"
master_key_file = "data/master.key"
[[origin]]
name = "orders"
url = "http://127.0.0.1:8000"
[[route]]
path = "/{*rest}"
origin = "orders"
auth = "api-key"
"#;

/// The least, with `from` replaced.
pub(super) fn with(from: &str, to: &str) -> String {
    assert!(LEAST.contains(from), "{from}");
    LEAST.replacen(from, to, 1)
}

/// The least, with more at its end: keys of the route, or sections.
pub(super) fn and(more: &str) -> String {
    format!("{LEAST}{more}\n")
}

pub(super) fn taken(text: &str) -> Config {
    match parse(text, "mintgate.toml") {
        Ok((config, _)) => config,
        Err(report) => panic!("{report}"),
    }
}

pub(super) fn warnings(text: &str) -> Vec<String> {
    let (_, warnings) = parse(text, "mintgate.toml").expect("no problems");
    warnings.iter().map(ToString::to_string).collect()
}

/// What is said, a line each, without the file's name.
pub(super) fn problems(text: &str) -> Vec<String> {
    let report = parse(text, "mintgate.toml").expect_err("problems");
    let lines = report.problems().iter().map(|problem| problem.to_string().replace("mintgate.toml:", ""));
    lines.collect()
}

/// What is said where there is one thing to say.
pub(super) fn problem(text: &str) -> String {
    let mut all = problems(text);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}
