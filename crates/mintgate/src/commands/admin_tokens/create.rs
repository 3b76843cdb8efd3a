//! `mintgate admin-tokens create NAME --role ROLE`

use clap::Args;
use mintgate_admin_api::{CreateAdminToken, IssuedAdminToken, Role, paths};
use mintgate_types::{ActorName, BucketName, SystemClock};

use crate::{
    args::{Deadline, FormatArgs, RemoteArgs, word},
    commands::admin_tokens,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `admin-tokens create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What its holder is called in logs.
    name: ActorName,
    /// What its holder may do: owner (everything), operator (consumers and keys) or auditor (read).
    #[arg(long, value_parser = word::<Role>)]
    role: Role,
    /// Only in this bucket; may be repeated. Everywhere if left out.
    #[arg(long = "bucket", value_name = "NAME")]
    buckets: Vec<BucketName>,
    /// When it stops to work by itself: a time, or a length of time such as 90d. Never if left out.
    #[arg(long, value_name = "WHEN")]
    expires: Option<Deadline>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Create {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let request = CreateAdminToken {
            name: self.name,
            role: self.role,
            buckets: Some(self.buckets).filter(|buckets| !buckets.is_empty()),
            expires_at: self.expires.map(|expires| expires.moment(&SystemClock)),
        };
        let issued: IssuedAdminToken = client.create(paths::ADMIN_TOKENS, &request)?;
        if self.format.json { screen.json(&issued) } else { admin_tokens::show_issued(&issued, screen) }
    }
}
