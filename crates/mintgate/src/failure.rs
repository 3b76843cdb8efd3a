//! How a command ends when it does not do what it was asked.

use std::{fmt, io, process::ExitCode};

use crate::screen::Screen;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was asked for something that cannot be, or that somebody refused. Status 1.
    Refused(anyhow::Error),
    /// It was called wrongly. Status 2, as for wrong arguments.
    Usage(String),
    /// Everything has been said already. Status 1.
    Said,
    /// Whoever read the output has seen enough, as `head` does. Not an error.
    OutputClosed,
}

impl Failure {
    /// A refusal in words.
    pub(crate) fn refused(message: impl fmt::Display) -> Self {
        Self::Refused(anyhow::anyhow!("{message}"))
    }

    /// Says what there is to say, and gives the exit status.
    pub(crate) fn report(self, screen: &mut Screen) -> ExitCode {
        match self {
            Self::OutputClosed => ExitCode::SUCCESS,
            Self::Said => ExitCode::from(1),
            Self::Refused(error) => {
                screen.say(format_args!("mintgate: {error:#}"));
                ExitCode::from(1)
            }
            Self::Usage(message) => {
                screen.say(format_args!("mintgate: {message}"));
                ExitCode::from(2)
            }
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

/// Writing to stdout.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Failure> {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => Failure::Refused(anyhow::Error::new(error).context("writing the output")),
    })
}

/// What a command returns.
pub(crate) type Outcome = Result<(), Failure>;
