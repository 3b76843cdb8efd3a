//! `mintgate keys revoke ID…`, or `--where …` for many

use std::str::FromStr;

use clap::Args;
use mintgate_admin_api::{Key, KeySelection, RevokeKey, RevokeKeys, RevokedKeys, paths};
use mintgate_types::{KeyId, Reason, SystemClock};

use crate::{
    args::{Deadline, FormatArgs, KeyIdParser, RemoteArgs},
    client::Client,
    commands::keys,
    failure::{Failure, Outcome},
    screen::{Screen, counted},
    table::time,
};

/// Arguments of `keys revoke`.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The key's id: what stands between the prefix and the secret; of several keys, all of them.
    #[arg(value_name = "ID", value_parser = KeyIdParser, required_unless_present = "wheres", conflicts_with = "wheres")]
    ids: Vec<KeyId>,
    /// Every key that fits: bucket=NAME, consumer=NAME, tag=NAME:VALUE, label=TEXT, `created_before=TIME`, `unused_for=90d`,
    /// foreign=true; may
    /// be repeated, and all of them must fit.
    #[arg(long = "where", value_name = "WHAT=VALUE")]
    wheres: Vec<Where>,
    /// Only say which keys would be ended.
    #[arg(long)]
    dry_run: bool,
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
        if let ([id], false) = (self.ids.as_slice(), self.dry_run) {
            return one(&client, *id, self.reason, self.format, screen);
        }
        let filter = if self.ids.is_empty() {
            selection(self.wheres)?
        } else {
            KeySelection { ids: Some(self.ids), ..KeySelection::default() }
        };
        let asked = filter.ids.as_ref().map(Vec::len);
        let request = RevokeKeys { filter, reason: self.reason, dry_run: self.dry_run };
        let done = many(&client, &request, self.format, screen)?;
        if let Some(passed) =
            asked.and_then(|asked| asked.checked_sub(done.matched)).filter(|passed| *passed > 0)
        {
            screen.say(format_args!("{passed} of the ids are of no key, or of one that is revoked already"));
        }
        Ok(())
    }
}

fn one(
    client: &Client,
    id: KeyId,
    reason: Option<Reason>,
    format: FormatArgs,
    screen: &mut Screen,
) -> Outcome {
    let key: Key = client.post(&paths::key_revoke(id), &RevokeKey { reason })?;
    let at = key.revoked.as_ref().map_or_else(String::new, |revoked| format!(" since {}", time(revoked.at)));
    screen.say(format_args!("key {} of {} is revoked{at}", key.id, key.consumer.name));
    if format.json { screen.json(&key) } else { Ok(()) }
}

fn many(
    client: &Client,
    request: &RevokeKeys,
    format: FormatArgs,
    screen: &mut Screen,
) -> Result<RevokedKeys, Failure> {
    let done: RevokedKeys = client.post(paths::KEYS_REVOKE, request)?;
    if format.json {
        screen.json(&done)?;
    } else {
        keys::show_all(&done.keys, screen)?;
    }
    if done.dry_run {
        screen.say(format_args!("{} would be revoked; nothing was done", counted(done.matched, "key")));
    } else {
        screen.say(format_args!("{} revoked", counted(done.revoked, "key")));
    }
    Ok(done)
}

/// One thing that keys must fit.
#[derive(Debug, Clone)]
struct Where {
    what: String,
    value: String,
}

impl FromStr for Where {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (what, value) = text.split_once('=').ok_or("expected WHAT=VALUE, such as consumer=alice")?;
        Ok(Self { what: what.to_owned(), value: value.to_owned() })
    }
}

fn selection(wheres: Vec<Where>) -> Result<KeySelection, Failure> {
    let mut selection = KeySelection::default();
    for Where { what, value } in wheres {
        let usage = |error: &dyn std::fmt::Display| Failure::Usage(format!("--where {what}: {error}"));
        match what.as_str() {
            "bucket" => selection.bucket = Some(value.parse().map_err(|error| usage(&error))?),
            "consumer" => selection.consumer = Some(value.parse().map_err(|error| usage(&error))?),
            "tag" => selection.tag = Some(value.parse().map_err(|error| usage(&error))?),
            "label" => selection.label = Some(value.parse().map_err(|error| usage(&error))?),
            "created_before" => {
                let before: Deadline = value.parse().map_err(|error| usage(&error))?;
                selection.created_before = Some(before.moment(&SystemClock));
            }
            "unused_for" => selection.unused_for = Some(value.parse().map_err(|error| usage(&error))?),
            "foreign" => selection.foreign = Some(value.parse().map_err(|error| usage(&error))?),
            _ => {
                return Err(usage(
                    &"is none of bucket, consumer, tag, label, created_before, unused_for and foreign",
                ));
            }
        }
    }
    if selection.consumer.is_some() && selection.bucket.is_none() {
        selection.bucket =
            Some(mintgate_admin_api::DEFAULT_BUCKET.parse().expect("the default bucket is one"));
    }
    Ok(selection)
}
