//! `mintgate consumers create NAME`, or `--from FILE` for many

mod lines;

use std::path::PathBuf;

use clap::Args;
use mintgate_admin_api::{CreateConsumer, CreateKey, CreatedConsumer, paths};
use mintgate_types::{ConsumerName, Label, Manager, Managers, Scope, ScopeSet, Subject, SystemClock};

use crate::{
    args::{BucketArgs, Deadline, FormatArgs, RemoteArgs},
    commands::{
        consumers::{self, Tag},
        keys,
    },
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `consumers create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The consumer's name, unique in the bucket.
    #[arg(required_unless_present = "from", conflicts_with_all = ["from", "start_line"])]
    name: Option<ConsumerName>,
    #[command(flatten)]
    one: OneArgs,
    /// Make many: a file, or - for stdin, with a JSON object a line, as the admin API takes it. All lines are read before
    /// anything is made; then a thousand are made at a time, all or none of them.
    #[arg(long, value_name = "FILE", conflicts_with = "OneArgs")]
    from: Option<PathBuf>,
    /// Of the file, begin with this line: to go on after a failure.
    #[arg(long, value_name = "N", requires = "from")]
    start_line: Option<std::num::NonZeroUsize>,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// What is said of one consumer.
#[derive(Debug, Args)]
struct OneArgs {
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
    /// Make its first key, too, in the same transaction, and print that alone.
    #[arg(long)]
    with_key: bool,
    /// What the key is for.
    #[arg(long, value_name = "TEXT", requires = "with_key")]
    label: Option<Label>,
    /// A scope of the key; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE", requires = "with_key")]
    scopes: Vec<Scope>,
    /// When the key stops to work by itself: a time, or a length of time such as 90d.
    #[arg(long, value_name = "WHEN", requires = "with_key")]
    expires: Option<Deadline>,
}

impl Create {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        if let Some(file) = &self.from {
            let lines = lines::Lines::read(file, self.start_line)?;
            return lines.make(&self.remote.connect(screen)?, &self.bucket.bucket, screen);
        }
        let name = self.name.ok_or_else(|| Failure::Usage("say a name, or --from".to_owned()))?;
        let request = self.one.request(name)?;
        let client = self.remote.connect(screen)?;
        let created: CreatedConsumer = client.create(&paths::consumers(&self.bucket.bucket), &request)?;
        match (&created.key, self.format.json) {
            (Some(_), true) => screen.json(&created),
            (Some(issued), false) => keys::show_issued(issued, screen),
            (None, true) => screen.json(&created.consumer),
            (None, false) => consumers::show_all(std::slice::from_ref(&created.consumer), screen),
        }
    }
}

impl OneArgs {
    fn request(self, name: ConsumerName) -> Result<CreateConsumer, Failure> {
        let key = CreateKey {
            label: self.label,
            scopes: ScopeSet::new(self.scopes)?,
            expires: self.expires.map(|expires| expires.moment(&SystemClock)),
        };
        Ok(CreateConsumer {
            name,
            subject: self.subject,
            metadata: self.metadata.as_deref().map(consumers::metadata).transpose()?.unwrap_or_default(),
            tags: consumers::tags(self.tags),
            managers: Managers::try_from(self.managers)?,
            key: self.with_key.then_some(key),
        })
    }
}
