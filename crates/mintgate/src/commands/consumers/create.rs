//! `mintgate consumers create NAME`

use clap::Args;
use mintgate_admin_api::{CreateConsumer, CreatedConsumer, paths};
use mintgate_types::{ConsumerName, Manager, Managers, Subject};

use crate::{
    args::{BucketArgs, FormatArgs, RemoteArgs},
    commands::consumers::{self, Tag},
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `consumers create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The consumer's name, unique in the bucket.
    name: ConsumerName,
    /// The `sub` of its tokens; the name if left out.
    #[arg(long)]
    subject: Option<Subject>,
    /// A tag, for finding it again; may be repeated.
    #[arg(long = "tag", value_name = "NAME=VALUE")]
    tags: Vec<Tag>,
    /// Who may look after its keys: an e-mail address, or the subject of a sign-in; may be repeated.
    #[arg(long = "manager", value_name = "WHO")]
    managers: Vec<Manager>,
    /// A JSON object with facts about it, or @FILE.
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Create {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let request = CreateConsumer {
            name: self.name,
            subject: self.subject,
            metadata: self.metadata.as_deref().map(consumers::metadata).transpose()?.unwrap_or_default(),
            tags: consumers::tags(self.tags),
            managers: Managers::try_from(self.managers)?,
            key: None,
        };
        let client = self.remote.connect(screen)?;
        let created: CreatedConsumer = client.post(&paths::consumers(&self.bucket.bucket), &request)?;
        if self.format.json {
            return screen.json(&created.consumer);
        }
        consumers::show_all(std::slice::from_ref(&created.consumer), screen)
    }
}
