//! `mintgate token …`

mod inspect;
mod verify;

use std::io::Read as _;

use crate::{
    failure::{Failure, Outcome},
    screen::Screen,
};

/// What can be done with tokens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Token {
    /// Verify a token as an origin does, and print its claims.
    Verify(verify::Verify),
    /// Print what a token says about itself, without verifying it.
    Inspect(inspect::Inspect),
}

impl Token {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        match self {
            Self::Verify(command) => command.run(screen),
            Self::Inspect(command) => command.run(screen),
        }
    }
}

/// The token that was given, or what stands on stdin. Whitespace around it is none of its.
fn text(argument: String) -> Result<String, Failure> {
    if argument != "-" {
        return Ok(argument);
    }
    let mut text = String::new();
    std::io::stdin().take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(Failure::refused("what stands on stdin is too long for a token"));
    }
    Ok(text.trim().to_owned())
}

/// More than any verifier accepts.
const LONGEST: u64 = 4 << 20;
