//! `mintgate keys revoke ID`

use clap::Args;
use mintgate_admin_api::{Key, RevokeKey, paths};
use mintgate_types::{KeyId, Reason};

use crate::{
    args::{FormatArgs, KeyIdParser, RemoteArgs},
    failure::Outcome,
    screen::Screen,
    table::time,
};

/// Arguments of `keys revoke`.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The key's id: what stands between the prefix and the secret.
    #[arg(value_parser = KeyIdParser)]
    id: KeyId,
    /// Why, for those who read it later.
    #[arg(long, value_name = "TEXT")]
    reason: Option<Reason>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Revoke {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let key: Key = client.post(&paths::key_revoke(self.id), &RevokeKey { reason: self.reason })?;
        let at =
            key.revoked.as_ref().map_or_else(String::new, |revoked| format!(" since {}", time(revoked.at)));
        screen.say(format_args!("key {} of {} is revoked{at}", key.id, key.consumer.name));
        if self.format.json { screen.json(&key) } else { Ok(()) }
    }
}
