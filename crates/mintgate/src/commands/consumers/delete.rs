//! `mintgate consumers delete NAME`

use clap::Args;
use mintgate_admin_api::paths;
use mintgate_types::ConsumerName;

use crate::{
    args::{BucketArgs, IfMatchArgs, RemoteArgs},
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `consumers delete`.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The consumer.
    name: ConsumerName,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    only: IfMatchArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Delete {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        client.delete(&paths::consumer(&self.bucket.bucket, &self.name), self.only.if_match)?;
        screen.say(format_args!("{} is gone, and none of its keys works any more", self.name));
        Ok(())
    }
}
