//! The command line of Mintgate.
//!
//! `serve` runs a node, `init`, `check`, `explain` and `token` work on files, and everything else is a client of the
//! admin API. Data goes to stdout, talk to stderr; tables are for people, `--json` is for programs. Exit status: 0 done,
//! 1 refused, 2 used wrongly. Secrets are never taken from arguments: keys come from files or stdin.

mod args;
mod client;
mod commands;
mod failure;
mod part;
mod query;
mod remote;
mod screen;
mod table;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::{commands::Command, screen::Screen};

/// A request takes and frees two read buffers of eight kilobytes, which glibc serves from its slow path.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// API keys stop at the gate; short-lived JWTs go to the origin.
#[derive(Debug, clap::Parser)]
#[command(name = "mintgate", version, max_term_width = 100, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let mut screen = Screen::standard();
    let mut command = without_empty_variables(Cli::command());
    let cli = Cli::from_arg_matches(&command.get_matches_mut())
        .unwrap_or_else(|error| error.format(&mut command).exit());
    match cli.command.run(&mut screen) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&mut screen),
    }
}

/// A variable that is set to nothing counts as not set, as in most programs: that is how scripts unset one for a command.
#[expect(clippy::disallowed_methods, reason = "clap reads the environment, but does not tell what it found")]
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|argument| match argument.get_env() {
            Some(name) if is_empty(name) => argument.env(clap::builder::Resettable::Reset),
            _ => argument,
        })
        .mut_subcommands(without_empty_variables)
}
