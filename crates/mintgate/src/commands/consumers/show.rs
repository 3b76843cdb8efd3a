//! `mintgate consumers show NAME`

use clap::Args;
use mintgate_admin_api::{Consumer, KeyPage, paths};
use mintgate_types::ConsumerName;

use crate::{
    args::{BucketArgs, FormatArgs, RemoteArgs},
    commands::{consumers, keys},
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `consumers show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The consumer.
    name: ConsumerName,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Show {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let consumer: Consumer = client.get(&paths::consumer(&self.bucket.bucket, &self.name))?;
        if self.format.json {
            return screen.json(&consumer);
        }
        let page: KeyPage = client.get(&paths::consumer_keys(&self.bucket.bucket, &self.name))?;
        consumers::show_all(std::slice::from_ref(&consumer), screen)?;
        if !consumer.metadata.is_empty() {
            screen.line("")?;
            screen.json(&consumer.metadata)?;
        }
        screen.line("")?;
        keys::show_all(&page.data, screen)
    }
}
