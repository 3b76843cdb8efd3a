//! `mintgate signing-keys retire KID`

use clap::Args;
use mintgate_admin_api::{SigningKeyList, paths};
use mintgate_types::Kid;

use crate::{
    args::{FormatArgs, RemoteArgs},
    commands::signing_keys,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `signing-keys retire`.
#[derive(Debug, Args)]
pub(crate) struct Retire {
    /// The signing key's name.
    #[arg(allow_hyphen_values = true)]
    kid: Kid,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Retire {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let list: SigningKeyList =
            client.post(&paths::signing_key_retire(&self.kid), &serde_json::json!({}))?;
        screen.say(format_args!("{} left the JWKS: what it signed stops verifying", self.kid));
        if self.format.json { screen.json(&list.data) } else { signing_keys::show(&list.data, screen) }
    }
}
