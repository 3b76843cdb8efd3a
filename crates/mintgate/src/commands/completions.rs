//! `mintgate completions SHELL`

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::{Cli, failure::Outcome, screen::Screen};

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "mintgate", &mut script);
        screen.write(&script)?;
        screen.finish()
    }
}
