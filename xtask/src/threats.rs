//! `docs/threats.md` maps each requirement to the type or test that stops an attack; here the map is held to the tree.
//!
//! A row of its table starts with the number, `| R2 | ...`. It names at least one test that exists and carries the
//! number (`r02_...`), or says `not yet:` with the condition on which the requirement starts to apply.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::tree::Tree;

const MAP: &str = "docs/threats.md";
/// R1 to R41 are attacks; the rest is behaviour, which may have rows as well.
const ATTACKS: std::ops::RangeInclusive<u32> = 1..=41;
const NOT_YET: &str = "not yet:";

pub(crate) fn find() -> Result<Vec<String>> {
    let tree = Tree::of_this_repository()?;
    if !tree.root().join(MAP).exists() {
        return Ok(vec![format!("{MAP} is missing")]);
    }
    let mut tests = BTreeSet::new();
    for path in tree.sources(&["rs", "py"]) {
        tests.extend(numbered_functions(&tree.read(path)?));
    }
    Ok(breaches(&tree.read(MAP)?, &tests))
}

fn breaches(map: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let rows = rows(map);
    let mut found: Vec<String> = ATTACKS
        .filter(|number| !rows.contains_key(number))
        .map(|number| format!("R{number} has no row in {MAP}"))
        .collect();
    for (number, row) in rows {
        let named: Vec<&str> = words(row).filter(|word| number_of(word) == Some(number)).collect();
        for name in named.iter().filter(|name| !tests.contains(**name)) {
            found.push(format!("R{number}: there is no test {name}"));
        }
        if named.is_empty() && !row.contains(NOT_YET) {
            found.push(format!("R{number} names no test of its number, and no `{NOT_YET}`"));
        }
    }
    found
}

fn rows(map: &str) -> BTreeMap<u32, &str> {
    map.lines()
        .filter_map(|line| {
            let number = line.strip_prefix("| R")?.split(' ').next()?.parse().ok()?;
            Some((number, line))
        })
        .collect()
}

/// Names of functions such as `r02_...`; pytest's prefix is left out, since the map names the sentence.
fn numbered_functions(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().filter_map(|line| {
        let line = line.trim_start();
        let start = line.find("fn ").map(|at| at + 3).or_else(|| line.find("def ").map(|at| at + 4))?;
        let name = words(&line[start..]).next()?;
        let name = name.strip_prefix("test_").unwrap_or(name);
        number_of(name).map(|_| name.to_owned())
    })
}

/// `r02_the_origin...` is 2.
fn number_of(name: &str) -> Option<u32> {
    let (number, rest) = name.strip_prefix('r')?.split_once('_')?;
    if rest.is_empty() { None } else { number.parse().ok() }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(number: u32, map: &str, tests: &[&str]) -> Vec<String> {
        let tests = tests.iter().map(|&name| name.to_owned()).collect();
        let prefix = [format!("R{number} "), format!("R{number}:")];
        breaches(map, &tests).into_iter().filter(|line| prefix.iter().any(|p| line.starts_with(p))).collect()
    }

    #[test]
    fn a_row_with_an_existing_test_of_its_number_passes() {
        assert_eq!(about(2, "| R2 | two lines | `r02_exactly_one` |", &["r02_exactly_one"]), [""; 0]);
    }

    #[test]
    fn a_missing_row_and_a_missing_test_are_found() {
        assert_eq!(about(3, "", &[]), ["R3 has no row in docs/threats.md"]);
        assert_eq!(about(2, "| R2 | two lines | `r02_gone` |", &[]), ["R2: there is no test r02_gone"]);
    }

    #[test]
    fn a_test_of_another_number_does_not_count() {
        let found = about(2, "| R2 | two lines | `r20_other` |", &["r20_other"]);
        assert_eq!(found, ["R2 names no test of its number, and no `not yet:`"]);
    }

    #[test]
    fn a_row_may_say_on_which_condition_it_starts_to_apply() {
        assert_eq!(about(37, "| R37 | downgrade | not yet: when HTTP/2 is served |", &[]), [""; 0]);
    }

    #[test]
    fn functions_of_both_languages_are_found() {
        let text = "    async fn r02_one() {\ndef test_r03_two(gate):\n// see r04_three\nfn rest_of_it() {";
        assert_eq!(numbered_functions(text).collect::<Vec<_>>(), ["r02_one", "r03_two"]);
    }
}
