//! The map names every crate, so that a newcomer finds each of them on it.

use anyhow::Result;

use crate::graph::Graph;
use crate::tree::Tree;

const MAP: &str = "docs/architecture.md";

pub(crate) fn find() -> Result<Vec<String>> {
    let tree = Tree::of_this_repository()?;
    if !tree.root().join(MAP).exists() {
        return Ok(vec![format!("{MAP} is missing")]);
    }
    let graph = Graph::of(&tree.root().join("Cargo.toml"))?;
    Ok(missing(graph.packages.iter().map(String::as_str), &tree.read(MAP)?))
}

fn missing<'a>(packages: impl Iterator<Item = &'a str>, map: &str) -> Vec<String> {
    let words: Vec<&str> = map.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').collect();
    packages
        .filter(|package| !words.contains(package))
        .map(|package| format!("{MAP} does not name {package}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_whose_name_is_only_part_of_a_longer_one_is_missing() {
        let found =
            missing(["mintgate", "mintgate-store"].into_iter(), "`mintgate` and mintgate-store-sqlite.");
        assert_eq!(found, ["docs/architecture.md does not name mintgate-store"]);
    }
}
