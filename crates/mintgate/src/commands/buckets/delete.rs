//! `mintgate buckets delete NAME`

use clap::Args;
use mintgate_admin_api::paths;
use mintgate_types::BucketName;

use crate::{
    args::{IfMatchArgs, RemoteArgs},
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `buckets delete`.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The bucket, which must have no consumers.
    name: BucketName,
    #[command(flatten)]
    only: IfMatchArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Delete {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        self.remote.connect(screen)?.delete(&paths::bucket(&self.name), self.only.if_match)?;
        screen.say(format_args!("bucket {} is deleted", self.name));
        Ok(())
    }
}
