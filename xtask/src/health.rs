//! Sizes and open ends. The report informs a review; only the hard limit fails a build.

use std::cmp::Reverse;

use anyhow::Result;

use crate::tree::Tree;

/// Above this a file is asked about in review.
const SOFT_LINES: usize = 300;
/// Above this a file is split.
const HARD_LINES: usize = 500;
const SOURCES: [&str; 4] = ["rs", "py", "ts", "tsx"];

pub(crate) fn find() -> Result<Vec<String>> {
    let sizes = sizes(&Tree::of_this_repository()?)?;
    let over = sizes.iter().filter(|(lines, _)| *lines > HARD_LINES);
    Ok(over.map(|(lines, path)| format!("{path}: {lines} lines, at most {HARD_LINES}")).collect())
}

pub(crate) fn report(tree: &Tree) -> Result<()> {
    let sizes = sizes(tree)?;
    let total: usize = sizes.iter().map(|(lines, _)| lines).sum();
    println!("{} source files, {total} lines without the tests at their foot", sizes.len());
    println!("over {SOFT_LINES} lines:");
    for (lines, path) in sizes.iter().take_while(|(lines, _)| *lines > SOFT_LINES) {
        println!("  {lines:5} {path}");
    }
    println!("open ends:");
    for path in tree.sources(&SOURCES).filter(|path| !path.starts_with("xtask/")) {
        for (index, line) in tree.read(path)?.lines().enumerate().filter(|(_, line)| line.contains("TODO")) {
            println!("  {path}:{}: {}", index + 1, line.trim());
        }
    }
    println!("exceptions from lints:");
    let mut exceptions = 0;
    for path in tree.sources(&["rs"]) {
        exceptions += tree.read(path)?.matches("[expect(").count();
    }
    println!("  {exceptions}");
    Ok(())
}

/// Lines of each file of ours without the tests at its foot, longest first.
fn sizes(tree: &Tree) -> Result<Vec<(usize, String)>> {
    let mut sizes = Vec::new();
    for path in tree.sources(&SOURCES).filter(|path| !path.contains("/tests") && !path.contains("/generated"))
    {
        sizes.push((lines_without_tests(&tree.read(path)?), path.to_owned()));
    }
    sizes.sort_by_key(|(lines, _)| Reverse(*lines));
    Ok(sizes)
}

fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "));
    tests.unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_at_the_foot_do_not_count() {
        assert_eq!(lines_without_tests("a\nb\n#[cfg(test)]\nmod tests {\n}\n"), 2);
    }

    #[test]
    fn an_item_for_tests_in_the_middle_counts() {
        assert_eq!(lines_without_tests("a\n#[cfg(test)]\nfn b() {}\nc\n"), 4);
    }
}
