//! `mintgate buckets list`

use clap::Args;
use mintgate_admin_api::{BucketList, paths};

use crate::{
    args::{FormatArgs, RemoteArgs},
    commands::buckets,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `buckets list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl List {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let list: BucketList = self.remote.connect(screen)?.get(paths::BUCKETS)?;
        if self.format.json { screen.json(&list.data) } else { buckets::show_all(&list.data, screen) }
    }
}
