//! `mintgate admin-tokens revoke ID`

use clap::Args;
use mintgate_admin_api::{AdminToken, paths};
use mintgate_types::AdminTokenId;

use crate::{
    args::{AdminTokenIdParser, FormatArgs, RemoteArgs},
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `admin-tokens revoke`.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// Which one: the 12 characters after its prefix.
    #[arg(value_parser = AdminTokenIdParser)]
    id: AdminTokenId,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Revoke {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let nothing = serde_json::Map::new();
        let revoked: AdminToken = client.post(&paths::admin_token_revoke(self.id), &nothing)?;
        screen.say(format_args!("revoked {}: the next request with it is refused", self.id));
        if self.format.json { screen.json(&revoked) } else { Ok(()) }
    }
}
