//! Who depends on whom, as `cargo metadata` tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A dependency of one package of this repository on another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) kind: EdgeKind,
}

/// When the dependency is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EdgeKind {
    /// In what we ship; a build script counts, because it runs on the same machine.
    Normal,
    /// Only while the package's own tests run.
    Dev,
}

/// The packages of one manifest's workspace that live in this repository, and the edges between them.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) packages: BTreeSet<String>,
    pub(crate) edges: BTreeSet<Edge>,
}

impl Graph {
    /// Asks cargo about the workspace of `manifest`.
    pub(crate) fn of(manifest: &Path) -> Result<Self> {
        let cargo = std::option_env!("CARGO").unwrap_or("cargo");
        let done = Command::new(cargo)
            .args(["metadata", "--format-version=1", "--no-deps", "--manifest-path"])
            .arg(manifest)
            .output()
            .context("running cargo metadata")?;
        ensure!(done.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&done.stderr));
        Self::parse(&serde_json::from_slice(&done.stdout).context("reading cargo metadata")?)
    }

    /// A path dependency is one of ours: everything else comes from the registry (`cargo deny` sees to that).
    fn parse(metadata: &Value) -> Result<Self> {
        let mut graph = Self::default();
        for package in metadata["packages"].as_array().context("cargo metadata has no packages")? {
            let from = package["name"].as_str().context("a package has no name")?;
            graph.packages.insert(from.to_owned());
            for dependency in package["dependencies"].as_array().context("a package has no dependencies")? {
                if dependency["path"].is_null() {
                    continue;
                }
                let to = dependency["name"].as_str().context("a dependency has no name")?;
                let kind = if dependency["kind"] == "dev" { EdgeKind::Dev } else { EdgeKind::Normal };
                graph.edges.insert(Edge { from: from.to_owned(), to: to.to_owned(), kind });
            }
        }
        Ok(graph)
    }

    /// Adds another workspace, such as `python/`, whose edges point into this one.
    pub(crate) fn join(&mut self, other: Self) {
        self.packages.extend(other.packages);
        self.edges.extend(other.edges);
    }

    /// Everything that a shipped `from` contains of ours, each with the path that leads there.
    pub(crate) fn reachable(&self, from: &str) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut open = vec![vec![from.to_owned()]];
        while let Some(path) = open.pop() {
            let last = path.last().expect("a path starts with its package").clone();
            for edge in self.edges.iter().filter(|edge| edge.kind == EdgeKind::Normal && edge.from == last) {
                if !found.contains_key(&edge.to) {
                    let longer: Vec<String> = path.iter().cloned().chain([edge.to.clone()]).collect();
                    found.insert(edge.to.clone(), longer.clone());
                    open.push(longer);
                }
            }
        }
        found
    }
}

#[cfg(test)]
impl Graph {
    /// A graph for a test: `(from, to)` pairs that ship, and pairs for tests only.
    pub(crate) fn made_of(normal: &[(&str, &str)], dev: &[(&str, &str)]) -> Self {
        let mut graph = Self::default();
        let kinds = [(normal, EdgeKind::Normal), (dev, EdgeKind::Dev)];
        for (from, to, kind) in
            kinds.into_iter().flat_map(|(pairs, kind)| pairs.iter().map(move |p| (p.0, p.1, kind)))
        {
            graph.packages.extend([from.to_owned(), to.to_owned()]);
            graph.edges.insert(Edge { from: from.to_owned(), to: to.to_owned(), kind });
        }
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_path_dependencies_are_edges_and_build_dependencies_ship() {
        let metadata = serde_json::json!({"packages": [{"name": "a", "dependencies": [
            {"name": "b", "path": "/b", "kind": null},
            {"name": "c", "path": "/c", "kind": "dev"},
            {"name": "d", "path": "/d", "kind": "build"},
            {"name": "serde", "kind": null},
        ]}]});
        let graph = Graph::parse(&metadata).unwrap();
        let edges: Vec<_> = graph.edges.iter().map(|edge| (edge.to.as_str(), edge.kind)).collect();
        assert_eq!(edges, [("b", EdgeKind::Normal), ("c", EdgeKind::Dev), ("d", EdgeKind::Normal)]);
    }

    #[test]
    fn reachable_follows_what_ships_and_ends_on_a_cycle() {
        let graph = Graph::made_of(&[("a", "b"), ("b", "c"), ("c", "a")], &[("c", "d")]);
        let found = graph.reachable("a");
        assert_eq!(found["c"], ["a", "b", "c"]);
        assert!(!found.contains_key("d"));
    }
}
