//! `mintgate buckets show NAME`

use clap::Args;
use mintgate_admin_api::{Bucket, paths};
use mintgate_types::BucketName;

use crate::{
    args::{FormatArgs, RemoteArgs},
    commands::buckets,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `buckets show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The bucket.
    name: BucketName,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Show {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let bucket: Bucket = self.remote.connect(screen)?.get(&paths::bucket(&self.name))?;
        if self.format.json {
            return screen.json(&bucket);
        }
        buckets::show_all(std::slice::from_ref(&bucket), screen)
    }
}
