//! `mintgate keys roll --consumer NAME`

use clap::Args;
use mintgate_admin_api::{RollKeys, RolledKeys, Span, paths};
use mintgate_types::{ConsumerName, KeyId, Label, Scope, ScopeSet, SystemClock};

use crate::{
    args::{BucketArgs, Deadline, FormatArgs, KeyIdParser, RemoteArgs},
    commands::keys,
    failure::Outcome,
    screen::Screen,
    table::time,
};

/// Arguments of `keys roll`.
#[derive(Debug, Args)]
pub(crate) struct Roll {
    /// Whose keys they are.
    #[arg(long, value_name = "NAME")]
    consumer: ConsumerName,
    /// A key to replace, by its id; may be repeated. All active ones if left out.
    #[arg(long = "key", value_name = "ID", value_parser = KeyIdParser)]
    keys: Vec<KeyId>,
    /// How long the old keys go on working.
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    grace: Span,
    /// What the new key is for; as the old one if left out.
    #[arg(long, value_name = "TEXT")]
    label: Option<Label>,
    /// A scope of the new key; may be repeated. As the old ones if left out.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// When the new key stops to work by itself; if left out, after as long a life as the old one was given.
    #[arg(long, value_name = "WHEN")]
    expires: Option<Deadline>,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Roll {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let request = RollKeys {
            keys: (!self.keys.is_empty()).then_some(self.keys),
            grace: Some(self.grace),
            label: self.label,
            scopes: if self.scopes.is_empty() { None } else { Some(ScopeSet::new(self.scopes)?) },
            expires: self.expires.map(|expires| expires.moment(&SystemClock)),
        };
        let client = self.remote.connect(screen)?;
        let path = paths::consumer_roll(&self.bucket.bucket, &self.consumer);
        let rolled: RolledKeys = client.post(&path, &request)?;
        if self.format.json {
            return screen.json(&rolled);
        }
        keys::show_issued(&rolled.issued, screen)?;
        for old in &rolled.replaced {
            let end = keys::end(old).map_or_else(String::new, |end| format!(" until {}", time(end)));
            screen.say(format_args!("key {} goes on working{end}", old.id));
        }
        Ok(())
    }
}
