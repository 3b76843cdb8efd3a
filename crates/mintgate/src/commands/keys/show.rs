//! `mintgate keys show ID`

use clap::Args;
use mintgate_admin_api::{Key, KeyFormat, paths};
use mintgate_types::KeyId;

use crate::{
    args::{FormatArgs, KeyIdParser, RemoteArgs},
    commands::keys,
    failure::Outcome,
    screen::Screen,
    table::{facts, time, time_or_dash},
};

/// Arguments of `keys show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The key's id: what stands between the prefix and the secret.
    #[arg(value_parser = KeyIdParser)]
    id: KeyId,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Show {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let key: Key = self.remote.connect(screen)?.get(&paths::key(self.id))?;
        if self.format.json { screen.json(&key) } else { show(&key, screen) }
    }
}

/// All that is known of a key.
pub(super) fn show(key: &Key, screen: &mut Screen) -> Outcome {
    let format = match key.format {
        KeyFormat::Native => "native",
        KeyFormat::Foreign => "foreign",
    };
    let successor = key.rolled.as_ref().map(|rolled| {
        format!("{} since {}, until {}", rolled.successor, time(rolled.at), time(rolled.until))
    });
    let revoked = key.revoked.as_ref().map(|revoked| match &revoked.reason {
        Some(reason) => format!("{} ({reason})", time(revoked.at)),
        None => time(revoked.at),
    });
    facts(
        &[
            ("ID", key.id.to_string()),
            ("BUCKET", key.consumer.bucket.to_string()),
            ("CONSUMER", key.consumer.name.to_string()),
            ("LABEL", key.label.to_string()),
            ("SCOPES", key.scopes.to_string()),
            ("STATE", keys::state(key).to_owned()),
            ("FORMAT", format.to_owned()),
            ("CREATED", time(key.created)),
            ("EXPIRES", time_or_dash(key.expires)),
            ("SUCCESSOR", successor.unwrap_or_default()),
            ("REVOKED", revoked.unwrap_or_default()),
            ("FIRST USED", time_or_dash(key.first_used)),
            ("LAST USED", time_or_dash(key.last_used)),
            ("REVISION", key.revision.to_string()),
        ],
        screen,
    )
}
