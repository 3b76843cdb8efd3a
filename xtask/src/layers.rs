//! Dependencies point down only, and what verifies cannot mint.
//!
//! The rows are those of `docs/architecture.md`. A crate may use any row below its own, never its own or a higher one.
//! The one crate that everybody may use is [`WORDS`], which is why its neighbour in the lowest row may use it too.

use anyhow::Result;

use crate::graph::{EdgeKind, Graph};
use crate::tree::Tree;

/// Lowest row first.
const ROWS: [(&str, &[&str]); 10] = [
    ("words", &[WORDS, "mintgate-admin-api"]),
    ("rules", &["mintgate-apikey", "mintgate-import", "mintgate-policy", "mintgate-jwt"]),
    ("port", &["mintgate-store"]),
    ("keys", &["mintgate-signing"]),
    ("work", &["mintgate-exchange"]),
    (
        "edges",
        &[
            "mintgate-proxy",
            "mintgate-admin",
            "mintgate-console",
            "mintgate-store-sqlite",
            "mintgate-store-postgres",
            "mintgate-verify",
            "mintgate-probe",
        ],
    ),
    ("sign-in", &["mintgate-oidc"]),
    ("assembly", &["mintgate-server"]),
    ("app", &["mintgate"]),
    ("proof", &["mintgate-e2e"]),
];

/// The words of the domain, below every other crate.
const WORDS: &str = "mintgate-types";

/// The verifier runs in other people's origins: it gets these rows and nothing else of ours.
const VERIFIER: (&str, &[&str]) = ("mintgate-verify", &["words", "rules"]);

/// Packages outside the rows: chores, fuzz targets, the wheel around the verifier, and an origin to copy from.
const OUTSIDE: [&str; 5] = ["xtask", "mintgate-fuzz", PYTHON, "mintgate-bench", "mintgate-example-axum"];
const PYTHON: &str = "mintgate-python";

/// Holds private keys; these must not contain it, even by way of another crate.
const PRIVATE_KEYS: &str = "mintgate-signing";
const NEVER_PRIVATE_KEYS: [&str; 3] = ["mintgate-jwt", "mintgate-verify", PYTHON];

pub(crate) fn find() -> Result<Vec<String>> {
    let tree = Tree::of_this_repository()?;
    let mut graph = Graph::of(&tree.root().join("Cargo.toml"))?;
    for apart in ["python/Cargo.toml", "fuzz/Cargo.toml"] {
        let manifest = tree.root().join(apart);
        if manifest.exists() {
            graph.join(Graph::of(&manifest)?);
        }
    }
    Ok(breaches(&graph))
}

fn breaches(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for package in &graph.packages {
        if row(package).is_none() && !OUTSIDE.contains(&package.as_str()) {
            found.push(format!("{package} has no row: give it one here and in docs/architecture.md"));
        }
    }
    for edge in &graph.edges {
        let (Some(from), Some(to)) = (row(&edge.from), row(&edge.to)) else { continue };
        // A crate's tests may switch on a feature of the crate itself, or use what it already sees.
        let own_tests = edge.kind == EdgeKind::Dev && edge.from == edge.to;
        if to >= from && edge.to != WORDS && !own_tests {
            let direction = if to == from { "sideways" } else { "up" };
            found.push(format!(
                "{} ({}) points {direction} to {} ({}){}",
                edge.from,
                ROWS[from].0,
                edge.to,
                ROWS[to].0,
                if edge.kind == EdgeKind::Dev { ", in its tests" } else { "" }
            ));
        } else if edge.from == VERIFIER.0
            && !VERIFIER.1.contains(&ROWS[to].0)
            && edge.kind == EdgeKind::Normal
        {
            found.push(format!("{} may use only {}, not {}", edge.from, VERIFIER.1.join(" and "), edge.to));
        }
    }
    for package in NEVER_PRIVATE_KEYS {
        if let Some(path) = graph.reachable(package).get(PRIVATE_KEYS) {
            found.push(format!("{package} contains private keys: {}", path.join(" -> ")));
        }
    }
    for package in graph
        .reachable(PYTHON)
        .keys()
        .filter(|package| row(package).is_some_and(|row| row > row_of_verifier()))
    {
        found.push(format!("{PYTHON} contains {package}, which is above the verifier"));
    }
    found
}

fn row(package: &str) -> Option<usize> {
    ROWS.iter().position(|(_, packages)| packages.contains(&package))
}

fn row_of_verifier() -> usize {
    row(VERIFIER.0).expect("the verifier has a row")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_that_point_down_pass() {
        let graph = Graph::made_of(
            &[("mintgate-exchange", "mintgate-apikey"), ("mintgate-admin-api", "mintgate-types")],
            &[("mintgate-store-sqlite", "mintgate-store")],
        );
        assert_eq!(breaches(&graph), [""; 0]);
    }

    #[test]
    fn an_upward_edge_is_found() {
        let graph = Graph::made_of(&[("mintgate-policy", "mintgate-exchange")], &[]);
        assert_eq!(breaches(&graph), ["mintgate-policy (rules) points up to mintgate-exchange (work)"]);
    }

    #[test]
    fn a_sideways_edge_is_found_even_in_tests() {
        let graph = Graph::made_of(&[], &[("mintgate-proxy", "mintgate-admin")]);
        assert_eq!(
            breaches(&graph),
            ["mintgate-proxy (edges) points sideways to mintgate-admin (edges), in its tests"]
        );
    }

    #[test]
    fn the_verifier_may_use_words_and_rules_only() {
        let graph = Graph::made_of(
            &[("mintgate-verify", "mintgate-jwt"), ("mintgate-verify", "mintgate-store")],
            &[],
        );
        assert_eq!(breaches(&graph), ["mintgate-verify may use only words and rules, not mintgate-store"]);
    }

    #[test]
    fn private_keys_are_found_through_another_crate() {
        let graph =
            Graph::made_of(&[(PYTHON, "mintgate-exchange"), ("mintgate-exchange", "mintgate-signing")], &[]);
        assert_eq!(
            breaches(&graph),
            [
                "mintgate-python contains private keys: mintgate-python -> mintgate-exchange -> mintgate-signing"
            ]
        );
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        let graph = Graph::made_of(&[("mintgate-new", "mintgate-types")], &[]);
        assert_eq!(
            breaches(&graph),
            ["mintgate-new has no row: give it one here and in docs/architecture.md"]
        );
    }
}
