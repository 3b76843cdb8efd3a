//! `mintgate buckets update NAME`

use clap::Args;
use mintgate_admin_api::{Bucket, UpdateBucket, paths};
use mintgate_types::{BucketName, KeyPrefix};

use crate::{
    args::{FormatArgs, IfMatchArgs, RemoteArgs},
    commands::buckets,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `buckets update`.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// The bucket.
    name: BucketName,
    /// What its new keys begin with. Keys that were issued stay as they are.
    #[arg(long)]
    prefix: KeyPrefix,
    #[command(flatten)]
    only: IfMatchArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Update {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let request = UpdateBucket { prefix: Some(self.prefix) };
        let client = self.remote.connect(screen)?;
        let bucket: Bucket = client.patch(&paths::bucket(&self.name), &request, self.only.if_match)?;
        if self.format.json {
            return screen.json(&bucket);
        }
        buckets::show_all(std::slice::from_ref(&bucket), screen)
    }
}
