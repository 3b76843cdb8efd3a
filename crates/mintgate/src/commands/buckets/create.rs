//! `mintgate buckets create NAME`

use clap::Args;
use mintgate_admin_api::{Bucket, CreateBucket, paths};
use mintgate_types::{BucketName, KeyPrefix};

use crate::{
    args::{FormatArgs, RemoteArgs},
    commands::buckets,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `buckets create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The bucket's name.
    name: BucketName,
    /// What its keys begin with; `mgk` if left out.
    #[arg(long)]
    prefix: Option<KeyPrefix>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Create {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let request = CreateBucket { name: self.name, prefix: self.prefix };
        let bucket: Bucket = self.remote.connect(screen)?.create(paths::BUCKETS, &request)?;
        if self.format.json {
            return screen.json(&bucket);
        }
        buckets::show_all(std::slice::from_ref(&bucket), screen)
    }
}
