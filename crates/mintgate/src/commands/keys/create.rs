//! `mintgate keys create --consumer NAME`

use clap::Args;
use mintgate_admin_api::{CreateKey, IssuedKey, paths};
use mintgate_types::{ConsumerName, Label, Scope, ScopeSet, SystemClock};

use crate::{
    args::{BucketArgs, Deadline, FormatArgs, RemoteArgs},
    commands::keys,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `keys create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Whose the key is.
    #[arg(long, value_name = "NAME")]
    consumer: ConsumerName,
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    label: Option<Label>,
    /// A scope; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// When it stops to work by itself: a time, or a length of time such as 90d. Never if left out.
    #[arg(long, value_name = "WHEN")]
    expires: Option<Deadline>,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Create {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let request = CreateKey {
            label: self.label,
            scopes: ScopeSet::new(self.scopes)?,
            expires: self.expires.map(|expires| expires.moment(&SystemClock)),
        };
        let client = self.remote.connect(screen)?;
        let path = paths::consumer_keys(&self.bucket.bucket, &self.consumer);
        let issued: IssuedKey = client.create(&path, &request)?;
        if self.format.json { screen.json(&issued) } else { keys::show_issued(&issued, screen) }
    }
}
