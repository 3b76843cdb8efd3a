//! `mintgate config …`

mod show;

use crate::{failure::Outcome, screen::Screen};

/// What can be done with the configuration of a running gateway. It is changed in its file.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Config {
    /// Show the configuration in force, defaults included; of secrets only where they come from.
    Show(show::Show),
}

impl Config {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        match self {
            Self::Show(command) => command.run(screen),
        }
    }
}
