//! `mintgate signing-keys …`

mod list;
mod retire;
mod rotate;

use mintgate_admin_api::{SigningKey, SigningKeyStateName};

use crate::{
    failure::Outcome,
    screen::Screen,
    table::{Rows, time, time_or_dash},
};

/// What can be done with signing keys.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum SigningKeys {
    /// List all signing keys, oldest first.
    List(list::List),
    /// Bring a new signing key.
    Rotate(rotate::Rotate),
    /// Take a signing key out of the JWKS at once.
    Retire(retire::Retire),
}

impl SigningKeys {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        match self {
            Self::List(command) => command.run(screen),
            Self::Rotate(command) => command.run(screen),
            Self::Retire(command) => command.run(screen),
        }
    }
}

/// Shows signing keys to people.
pub(crate) fn show(signing_keys: &[SigningKey], screen: &mut Screen) -> Outcome {
    let mut rows = Rows::under(["KID", "ALGORITHM", "STATE", "SINCE", "UNTIL"]);
    for key in signing_keys {
        let state = match key.state {
            SigningKeyStateName::Published => "published",
            SigningKeyStateName::Active => "active",
            SigningKeyStateName::Retiring => "retiring",
            SigningKeyStateName::Retired => "retired",
        };
        rows.row([
            key.kid.to_string(),
            key.algorithm.clone(),
            state.to_owned(),
            time(key.since),
            time_or_dash(key.until),
        ]);
    }
    rows.show(screen)
}
