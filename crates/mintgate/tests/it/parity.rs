//! The table of what the API, the command line and the console can each do is whole.

use std::collections::BTreeSet;

use crate::transcript::Folder;

const TABLE: &str = include_str!("../../../../docs/parity.md");
const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");
const CONSOLE: &str = include_str!("../../../../docs/console.md");

#[test]
fn every_operation_has_one_row() {
    let document: serde_json::Value = serde_json::from_str(DOCUMENT).expect("JSON");
    let operations = document["paths"].as_object().expect("paths").iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("operations").keys();
        methods.map(move |method| format!("`{} {path}`", method.to_uppercase()))
    });
    let mut rows: Vec<_> =
        rows(TABLE, "## Operations").into_iter().map(|[operation, _, _]| operation).collect();
    let mut operations: Vec<_> = operations.collect();
    operations.sort();
    rows.sort_unstable();
    let lacking: Vec<_> = operations.iter().filter(|operation| !rows.contains(&operation.as_str())).collect();
    assert!(lacking.is_empty(), "docs/parity.md lacks {lacking:?}");
    let gone: Vec<_> = rows.iter().filter(|row| !operations.contains(&(**row).to_owned())).collect();
    assert!(gone.is_empty(), "docs/parity.md has {gone:?}, which is no operation");
    assert_eq!(rows.len(), operations.len(), "docs/parity.md has an operation twice");
}

#[test]
fn every_cell_names_something_that_is_there_or_says_why_not() {
    let commands = commands();
    let pages: Vec<_> = rows(CONSOLE, "## Pages").into_iter().map(|[page, _]| page).collect();
    for [operation, command, console] in rows(TABLE, "## Operations") {
        let named = commands_in(command);
        assert!(!named.is_empty() || says_why(command), "{operation}: {command}");
        for name in named {
            assert!(commands.iter().any(|command| begins_with(name, command)), "{operation}: {name}");
        }
        let is_page = pages.iter().any(|page| {
            console == *page
                || console.starts_with(&format!("{page},"))
                || console.starts_with(&format!("{page};"))
        });
        assert!(is_page || says_why(console), "{operation}: {console}");
    }
}

#[test]
fn every_command_is_in_one_of_the_tables() {
    let mut named: Vec<&str> =
        rows(TABLE, "## Operations").into_iter().flat_map(|[_, command, _]| commands_in(command)).collect();
    let local = rows(TABLE, "## Commands without an operation of their own");
    named.extend(local.iter().flat_map(|[command, _]| commands_in(command)));
    for command in commands() {
        assert!(named.iter().any(|name| begins_with(name, &command)), "docs/parity.md lacks {command}");
    }
    for [command, why] in local {
        assert!(commands().iter().any(|known| format!("`mintgate {known}`") == command), "{command}");
        assert!(why.len() > 10, "{command}: {why}");
    }
}

fn says_why(cell: &str) -> bool {
    cell.strip_prefix("none: ").is_some_and(|why| why.len() > 20)
}

/// What stands in code and begins with the program's name.
fn commands_in(cell: &str) -> Vec<&str> {
    let code = cell.split('`').skip(1).step_by(2);
    code.filter_map(|code| code.strip_prefix("mintgate ")).collect()
}

/// Whether these are the words of that command, and then at most arguments.
fn begins_with(words: &str, command: &str) -> bool {
    words.strip_prefix(command).is_some_and(|rest| rest.is_empty() || rest.starts_with(" --"))
}

/// The cells of the table under a heading, without its head.
fn rows<'a, const N: usize>(text: &'a str, heading: &str) -> Vec<[&'a str; N]> {
    let (_, section) = text.split_once(&format!("{heading}\n")).expect(heading);
    let section = section.split("\n## ").next().expect("something before the next heading");
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2).map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        <[&str; N]>::try_from(cells).unwrap_or_else(|cells| panic!("{heading} has a row of {cells:?}"))
    });
    rows.collect()
}

/// Every command that does something, by its words.
fn commands() -> BTreeSet<String> {
    let folder = Folder::new();
    let mut all = BTreeSet::new();
    for command in folder.commands_of(&[]) {
        let nested = folder.commands_of(&[&command]);
        if nested.is_empty() {
            all.insert(command);
        } else {
            all.extend(nested.iter().map(|nested| format!("{command} {nested}")));
        }
    }
    all
}
