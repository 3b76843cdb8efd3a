//! `mintgate keys roll ID`, or `--consumer NAME` for all of a consumer's

use clap::Args;
use mintgate_admin_api::{Key, KeyStateName, RollKey, RollKeys, RolledKeys, Span, paths};
use mintgate_types::{ConsumerName, KeyId, Label, Scope, ScopeSet, SystemClock};

use crate::{
    args::{BucketArgs, Deadline, FormatArgs, KeyIdParser, RemoteArgs},
    client::Client,
    commands::keys,
    failure::{Failure, Outcome},
    screen::Screen,
    table::time,
};

/// Arguments of `keys roll`.
#[derive(Debug, Args)]
pub(crate) struct Roll {
    /// The key to replace, by its id.
    #[arg(value_parser = KeyIdParser, required_unless_present = "consumer", conflicts_with_all = ["consumer", "bucket"])]
    id: Option<KeyId>,
    /// Replace all active keys of this consumer by one.
    #[arg(long, value_name = "NAME")]
    consumer: Option<ConsumerName>,
    /// Of the consumer's keys only this one; may be repeated.
    #[arg(long = "key", value_name = "ID", value_parser = KeyIdParser, requires = "consumer")]
    keys: Vec<KeyId>,
    /// How long the old keys go on working; 0s ends them at once.
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
        let format = self.format;
        let request = RollKeys {
            keys: (!self.keys.is_empty()).then_some(self.keys),
            grace: Some(self.grace),
            label: self.label,
            scopes: if self.scopes.is_empty() { None } else { Some(ScopeSet::new(self.scopes)?) },
            expires: self.expires.map(|expires| expires.moment(&SystemClock)),
        };
        let client = self.remote.connect(screen)?;
        let rolled = match (self.id, self.consumer) {
            (Some(id), _) => one(&client, id, request)?,
            (None, Some(consumer)) => {
                client.create(&paths::consumer_roll(&self.bucket.bucket, &consumer), &request)?
            }
            (None, None) => return Err(Failure::Usage("say which key, or --consumer".to_owned())),
        };
        if format.json {
            return screen.json(&rolled);
        }
        keys::show_issued(&rolled.issued, screen)?;
        for old in &rolled.replaced {
            screen.say(what_became_of(old));
        }
        Ok(())
    }
}

fn one(client: &Client, id: KeyId, request: RollKeys) -> Result<RolledKeys, Failure> {
    let RollKeys { keys: _, grace, label, scopes, expires } = request;
    Ok(client.create(&paths::key_roll(id), &RollKey { grace, label, scopes, expires })?)
}

fn what_became_of(old: &Key) -> String {
    let end = keys::end(old).map(time);
    match (old.state, end) {
        (KeyStateName::Expired | KeyStateName::Revoked, _) => format!("key {} works no more", old.id),
        (_, Some(end)) => format!("key {} goes on working until {end}", old.id),
        (_, None) => format!("key {} goes on working", old.id),
    }
}
