//! `mintgate admin-tokens list`

use clap::Args;
use mintgate_admin_api::{AdminTokenList, paths};

use crate::{
    args::{FormatArgs, RemoteArgs},
    commands::admin_tokens,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `admin-tokens list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl List {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let list: AdminTokenList = client.get(paths::ADMIN_TOKENS)?;
        if self.format.json { screen.json(&list.data) } else { admin_tokens::show_all(&list.data, screen) }
    }
}
