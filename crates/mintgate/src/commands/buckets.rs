//! `mintgate buckets …`

mod create;
mod delete;
mod list;
mod show;
mod update;

use mintgate_admin_api::Bucket;

use crate::{
    failure::Outcome,
    screen::Screen,
    table::{Rows, time},
};

/// What can be done with buckets.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Buckets {
    /// Make a bucket.
    Create(create::Create),
    /// List buckets by name.
    List(list::List),
    /// Show one bucket.
    Show(show::Show),
    /// Change what a bucket's new keys begin with.
    Update(update::Update),
    /// Delete a bucket without consumers.
    Delete(delete::Delete),
}

impl Buckets {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        match self {
            Self::Create(command) => command.run(screen),
            Self::List(command) => command.run(screen),
            Self::Show(command) => command.run(screen),
            Self::Update(command) => command.run(screen),
            Self::Delete(command) => command.run(screen),
        }
    }
}

/// Shows buckets to people.
fn show_all(buckets: &[Bucket], screen: &mut Screen) -> Outcome {
    let mut rows = Rows::under(["NAME", "PREFIX", "CREATED"]);
    for bucket in buckets {
        rows.row([bucket.name.to_string(), bucket.prefix.to_string(), time(bucket.created)]);
    }
    rows.show(screen)
}
