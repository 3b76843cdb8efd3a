//! `mintgate signing-keys list`

use clap::Args;
use mintgate_admin_api::{SigningKeyList, paths};

use crate::{
    args::{FormatArgs, RemoteArgs},
    commands::signing_keys,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `signing-keys list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl List {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let list: SigningKeyList = self.remote.connect(screen)?.get(paths::SIGNING_KEYS)?;
        if self.format.json { screen.json(&list.data) } else { signing_keys::show(&list.data, screen) }
    }
}
