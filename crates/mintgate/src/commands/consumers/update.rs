//! `mintgate consumers update NAME`

use clap::Args;
use mintgate_admin_api::{Consumer, ConsumerState, TagPatch, UpdateConsumer, paths};
use mintgate_types::{ConsumerName, Manager, Managers, Subject, TagName};

use crate::{
    args::{BucketArgs, FormatArgs, IfMatchArgs, RemoteArgs},
    commands::consumers::{self, Tag},
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `consumers update`.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// The consumer.
    name: ConsumerName,
    /// Its new name.
    #[arg(long, value_name = "NAME")]
    rename: Option<ConsumerName>,
    /// Its new `sub`.
    #[arg(long)]
    subject: Option<Subject>,
    /// A tag to set; may be repeated.
    #[arg(long = "tag", value_name = "NAME=VALUE")]
    tags: Vec<Tag>,
    /// A tag to remove; may be repeated.
    #[arg(long, value_name = "NAME")]
    untag: Vec<TagName>,
    /// Who may look after its keys, in place of those who may now; may be repeated.
    #[arg(long = "manager", value_name = "WHO", conflicts_with = "no_managers")]
    managers: Vec<Manager>,
    /// Nobody but admins may look after its keys.
    #[arg(long)]
    no_managers: bool,
    /// A JSON merge patch to its metadata, or @FILE: null removes a member.
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
    /// Stop all of its keys until it is enabled again.
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    /// Let its keys work again.
    #[arg(long)]
    enable: bool,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    only: IfMatchArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Update {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let set = self.tags.into_iter().map(|tag| (tag.name, Some(tag.value)));
        let tags: TagPatch = self.untag.into_iter().map(|name| (name, None)).chain(set).collect();
        let request = UpdateConsumer {
            name: self.rename,
            subject: self.subject,
            metadata: self.metadata.as_deref().map(consumers::metadata).transpose()?,
            managers: match (self.no_managers, self.managers.is_empty()) {
                (true, _) => Some(Managers::none()),
                (false, true) => None,
                (false, false) => Some(Managers::try_from(self.managers)?),
            },
            tags: (!tags.is_empty()).then_some(tags),
            state: match (self.disable, self.enable) {
                (true, _) => Some(ConsumerState::Disabled),
                (_, true) => Some(ConsumerState::Active),
                _ => None,
            },
        };
        if serde_json::to_value(&request)?.as_object().is_some_and(serde_json::Map::is_empty) {
            return Err(Failure::Usage("say what to change; see --help".to_owned()));
        }
        let client = self.remote.connect(screen)?;
        let path = paths::consumer(&self.bucket.bucket, &self.name);
        let updated: Consumer = client.patch(&path, &request, self.only.if_match)?;
        if self.format.json {
            return screen.json(&updated);
        }
        consumers::show_all(std::slice::from_ref(&updated), screen)
    }
}
