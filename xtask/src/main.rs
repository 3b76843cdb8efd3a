//! Chores of this repository that are longer than a line of `make`: checks of its shape, and a report on its health.
//!
//! Every check prints what it found wrong, one line each, and fails; none of them changes a file.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line program talks to people")]

mod architecture;
mod ci;
mod graph;
mod health;
mod layers;
mod names;
mod threats;
mod tree;

use std::process::ExitCode;

use anyhow::{Result, bail};

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match perform(&wanted.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(wanted: &[&str]) -> Result<()> {
    match wanted {
        ["ci", steps @ ..] if !steps.is_empty() => ci::run(steps),
        ["health"] => health::report(&tree::Tree::of_this_repository()?),
        ["check"] => run(&CHECKS.iter().collect::<Vec<_>>()),
        [name] => match CHECKS.iter().find(|check| check.name == *name) {
            Some(check) => run(&[check]),
            None => usage(),
        },
        _ => usage(),
    }
}

/// One rule about the repository. `find` returns a line for each breach.
struct Check {
    name: &'static str,
    help: &'static str,
    find: fn() -> Result<Vec<String>>,
}

const CHECKS: [Check; 5] = [
    Check {
        name: "layers",
        help: "dependencies point down; private keys stay where they may be",
        find: layers::find,
    },
    Check {
        name: "names",
        help: "no module is called utils, helpers, common, misc or imp",
        find: names::find,
    },
    Check { name: "sizes", help: "no source file is longer than the hard limit", find: health::find },
    Check { name: "architecture", help: "docs/architecture.md names every crate", find: architecture::find },
    Check {
        name: "threats",
        help: "docs/threats.md names a test that exists for each requirement",
        find: threats::find,
    },
];

fn run(checks: &[&Check]) -> Result<()> {
    let mut breaches = 0;
    for check in checks {
        let found = (check.find)()?;
        println!("{}: {}", check.name, if found.is_empty() { "ok" } else { check.help });
        for breach in &found {
            println!("  {breach}");
        }
        breaches += found.len();
    }
    if breaches > 0 {
        bail!("{breaches} to mend");
    }
    Ok(())
}

fn usage() -> Result<()> {
    println!(
        "cargo xtask COMMAND\n  check         all of the checks below\n  health        sizes and open ends, as a report"
    );
    for check in &CHECKS {
        println!("  {:13} {}", check.name, check.help);
    }
    bail!("no such command")
}
