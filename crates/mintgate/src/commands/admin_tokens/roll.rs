//! `mintgate admin-tokens roll ID`

use clap::Args;
use mintgate_admin_api::{RollAdminToken, RolledAdminTokens, Span, paths};
use mintgate_types::{AdminTokenId, SystemClock};

use crate::{
    args::{AdminTokenIdParser, Deadline, FormatArgs, RemoteArgs},
    commands::admin_tokens,
    failure::Outcome,
    screen::Screen,
    table::time,
};

/// Arguments of `admin-tokens roll`.
#[derive(Debug, Args)]
pub(crate) struct Roll {
    /// Which one: the 12 characters after its prefix.
    #[arg(value_parser = AdminTokenIdParser)]
    id: AdminTokenId,
    /// How long the old one goes on working.
    #[arg(long, value_name = "TIME", default_value = "1d")]
    grace: Span,
    /// When the new one stops to work by itself; if left out, after as long a life as the old one was given.
    #[arg(long, value_name = "WHEN")]
    expires: Option<Deadline>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Roll {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let expires_at = self.expires.map(|expires| expires.moment(&SystemClock));
        let request = RollAdminToken { grace: Some(self.grace), expires_at };
        let rolled: RolledAdminTokens = client.create(&paths::admin_token_roll(self.id), &request)?;
        if self.format.json {
            return screen.json(&rolled);
        }
        if let Some(old) = &rolled.replaced.rolled {
            screen.say(format_args!("{} goes on working until {}", self.id, time(old.until)));
        }
        admin_tokens::show_issued(&rolled.issued, screen)
    }
}
