//! `mintgate admin-tokens show ID`

use clap::Args;
use mintgate_admin_api::{AdminToken, paths};
use mintgate_types::AdminTokenId;

use crate::{
    args::{AdminTokenIdParser, FormatArgs, RemoteArgs},
    commands::admin_tokens,
    failure::Outcome,
    screen::Screen,
    table::{facts, time, time_or_dash},
};

/// Arguments of `admin-tokens show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Which one: the 12 characters after its prefix.
    #[arg(value_parser = AdminTokenIdParser)]
    id: AdminTokenId,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Show {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let token: AdminToken = self.remote.connect(screen)?.get(&paths::admin_token(self.id))?;
        if self.format.json { screen.json(&token) } else { show(&token, screen) }
    }
}

fn show(token: &AdminToken, screen: &mut Screen) -> Outcome {
    let successor = token.rolled.as_ref().map(|rolled| {
        format!("{} since {}, until {}", rolled.successor, time(rolled.at), time(rolled.until))
    });
    facts(
        &[
            ("ID", token.id.map_or_else(String::new, |id| id.to_string())),
            ("NAME", token.name.to_string()),
            ("ROLE", admin_tokens::role(token.role).to_owned()),
            ("BUCKETS", admin_tokens::buckets(token.buckets.as_deref())),
            ("STATE", admin_tokens::state(token).to_owned()),
            ("CREATED", time_or_dash(token.created_at)),
            ("EXPIRES", time_or_dash(token.expires_at)),
            ("SUCCESSOR", successor.unwrap_or_default()),
            ("REVOKED", token.revoked_at.map_or_else(String::new, time)),
        ],
        screen,
    )
}
