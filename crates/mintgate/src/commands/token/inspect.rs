//! `mintgate token inspect TOKEN`

use clap::Args;
use mintgate_verify::{Unverified, inspect};
use serde_json::json;

use crate::{
    commands::token,
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `token inspect`.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The token, or - for stdin.
    #[arg(allow_hyphen_values = true)]
    token: String,
}

impl Inspect {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let token = token::text(self.token)?;
        let Unverified { header, claims } = inspect(&token).map_err(Failure::refused)?;
        screen.say("not verified: anybody can write such a token");
        screen.json(&json!({ "header": header, "claims": claims }))
    }
}
