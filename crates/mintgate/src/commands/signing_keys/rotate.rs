//! `mintgate signing-keys rotate`

use clap::Args;
use mintgate_admin_api::{RotateSigningKeys, RotationOutcome, SigningKeyRotation, paths};

use crate::{
    args::{FormatArgs, RemoteArgs},
    failure::Outcome,
    screen::Screen,
    table::time,
};

/// Arguments of `signing-keys rotate`.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Somebody else may have the key: sign with a new one at once, and drop all others.
    #[arg(long)]
    emergency: bool,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Rotate {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let request = RotateSigningKeys { emergency: self.emergency };
        let rotation: SigningKeyRotation = client.create(paths::SIGNING_KEYS_ROTATE, &request)?;
        let SigningKeyRotation { kid, signs_from, .. } = &rotation;
        match rotation.outcome {
            RotationOutcome::Published => {
                screen.say(format_args!("published {kid}; it signs from {} on", time(*signs_from)));
            }
            RotationOutcome::AlreadyPublished => {
                screen
                    .say(format_args!("{kid} is published already; it signs from {} on", time(*signs_from)));
            }
            RotationOutcome::Replaced => {
                screen.say(format_args!("{kid} signs from now on, and all minted tokens are forgotten"));
                for dropped in &rotation.dropped {
                    screen.say(format_args!("dropped {dropped}: what it signed stops verifying"));
                }
                screen.say("origins refuse the old tokens as soon as they fetch the JWKS again");
            }
        }
        if self.format.json { screen.json(&rotation) } else { screen.line(&rotation.kid) }
    }
}
