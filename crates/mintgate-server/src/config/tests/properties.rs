//! What holds for every text.

use proptest::prelude::*;

use super::LEAST;
use crate::config::{Style, parse};

/// Lines as they occur, and some that should not, so that random files come close to real ones.
fn line() -> impl Strategy<Value = String> {
    let lines: Vec<String> = LEAST
        .lines()
        .chain([
            "[server.limits]",
            "[admin]",
            "[issuer]",
            "[claims]",
            "[log]",
            "server = 3",
            "[[server]]",
            "[origin]",
            "[[route.x]]",
            "listen = [[]]",
            "listen = [1, \"x\"]",
            "body_bytes = \"unlimited\"",
            "auth = [\"public\"]",
            "auth = {}",
            "rotate_every = \"1s\"",
            "token_lifetime = \"99999999999d\"",
            "rsa_bits = 0x800",
            "token = \"\"\"",
            "path = \"/a/{b}\"",
            "\"sub\" = \"metadata.x\"",
            "level = \"info\"",
            "shutdown_grace = \"0s\"",
            "jwks_max_age = \"24h\"",
            "strip_prefix = \"/a\"",
            "methods = []",
            "hosts = [\"a\", \"A.\"]",
            "scopes = [\"a b\"]",
        ])
        .map(str::to_owned)
        .collect();
    prop_oneof![8 => prop::sample::select(lines), 1 => ".{0,30}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_taken_or_reported(lines in prop::collection::vec(line(), 0..24)) {
        let text = lines.join("\n");
        if let Err(report) = parse(&text, "mintgate.toml") {
            prop_assert!(!report.problems().is_empty());
            prop_assert!(!report.render(Style::Plain).is_empty());
            prop_assert!(!report.render(Style::Coloured).is_empty());
        }
    }

    #[test]
    fn a_line_less_or_a_line_more_never_panics(drop in 0..20_usize, at in 0..20_usize, more in line()) {
        let mut lines: Vec<_> = LEAST.lines().map(str::to_owned).collect();
        lines.remove(drop.min(lines.len() - 1));
        lines.insert(at.min(lines.len()), more);
        if let Err(report) = parse(&lines.join("\n"), "mintgate.toml") {
            prop_assert!(!report.to_string().is_empty());
        }
    }
}
