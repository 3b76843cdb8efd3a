//! `mintgate keys …`

mod create;
mod export;
mod import;
mod list;
mod revoke;
mod roll;
mod show;
mod update;
mod verify;

use mintgate_admin_api::{IssuedKey, Key, KeyStateName};

use crate::{
    failure::Outcome,
    screen::Screen,
    table::{Rows, time, time_or_dash},
};

/// What can be done with keys.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Keys {
    /// Make a key and print it, once.
    Create(create::Create),
    /// List keys.
    List(list::List),
    /// Show one key.
    Show(show::Show),
    /// Change a key's label, scopes or expiry.
    Update(update::Update),
    /// Replace keys by a new one, and print that, once.
    Roll(roll::Roll),
    /// End keys for good.
    Revoke(revoke::Revoke),
    /// Ask what the gateway makes of a key, and why.
    Verify(verify::Verify),
    /// Take in keys that another system issued.
    Import(import::Import),
    /// Write out everything that is known of keys, which is all but their texts.
    Export(export::Export),
}

impl Keys {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        match self {
            Self::Create(command) => command.run(screen),
            Self::List(command) => command.run(screen),
            Self::Show(command) => command.run(screen),
            Self::Update(command) => command.run(screen),
            Self::Roll(command) => command.run(screen),
            Self::Revoke(command) => command.run(screen),
            Self::Verify(command) => command.run(screen),
            Self::Import(command) => command.run(screen),
            Self::Export(command) => command.run(screen),
        }
    }
}

/// Shows keys to people.
pub(crate) fn show_all(keys: &[Key], screen: &mut Screen) -> Outcome {
    let mut rows =
        Rows::under(["ID", "CONSUMER", "LABEL", "SCOPES", "STATE", "CREATED", "ENDS", "LAST USED"]);
    for key in keys {
        rows.row([
            key.id.to_string(),
            key.consumer.name.to_string(),
            key.label.to_string(),
            key.scopes.to_string(),
            state(key).to_owned(),
            time(key.created),
            time_or_dash(end(key)),
            time_or_dash(key.last_used),
        ]);
    }
    rows.show(screen)
}

/// Puts out a new key: its text alone on stdout, so that a script can take it from there.
pub(crate) fn show_issued(issued: &IssuedKey, screen: &mut Screen) -> Outcome {
    screen.line(issued.secret.expose())?;
    let IssuedKey { key, .. } = issued;
    screen.say(format_args!("key {} of {}; it is shown this once", key.id, key.consumer.name));
    Ok(())
}

fn state(key: &Key) -> &'static str {
    state_name(key.state)
}

fn state_name(state: KeyStateName) -> &'static str {
    match state {
        KeyStateName::Active => "active",
        KeyStateName::Rolled => "rolled",
        KeyStateName::Expired => "expired",
        KeyStateName::Revoked => "revoked",
    }
}

/// When the key stops to work, or stopped.
fn end(key: &Key) -> Option<mintgate_types::Timestamp> {
    let revoked = key.revoked.as_ref().map(|revoked| revoked.at);
    let rolled = key.rolled.as_ref().map(|rolled| rolled.until);
    revoked.or_else(|| [key.expires, rolled].into_iter().flatten().min())
}
