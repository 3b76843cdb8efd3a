//! `mintgate whoami`

use clap::Args;
use mintgate_admin_api::{WhoAmI, paths};

use crate::{
    args::{FormatArgs, RemoteArgs},
    commands::admin_tokens,
    failure::Outcome,
    screen::Screen,
    table::{facts, time_or_dash},
};

/// Arguments of `whoami`.
#[derive(Debug, Args)]
pub(crate) struct ShowWhoAmI {
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl ShowWhoAmI {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let admin: WhoAmI = self.remote.connect(screen)?.get(paths::WHOAMI)?;
        if self.format.json {
            return screen.json(&admin);
        }
        facts(
            &[
                ("NAME", admin.name),
                ("ROLE", admin.role.name().to_owned()),
                ("BUCKETS", admin_tokens::buckets(admin.buckets.as_deref())),
                ("EXPIRES", time_or_dash(admin.expires_at)),
            ],
            screen,
        )
    }
}
