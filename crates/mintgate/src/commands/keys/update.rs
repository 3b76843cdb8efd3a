//! `mintgate keys update ID`

use clap::Args;
use mintgate_admin_api::{Key, UpdateKey, paths};
use mintgate_types::{KeyId, Label, Scope, ScopeSet, SystemClock};

use crate::{
    args::{Deadline, FormatArgs, IfMatchArgs, KeyIdParser, RemoteArgs},
    commands::keys::show,
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `keys update`.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// The key's id: what stands between the prefix and the secret.
    #[arg(value_parser = KeyIdParser)]
    id: KeyId,
    /// What it is for; empty for nothing in particular.
    #[arg(long, value_name = "TEXT")]
    label: Option<Label>,
    /// What it may be used for, in place of what it may now; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE", conflicts_with = "no_scopes")]
    scopes: Vec<Scope>,
    /// It may be used for nothing that asks for a scope.
    #[arg(long)]
    no_scopes: bool,
    /// When it stops to work by itself: a time, or a length of time such as 90d.
    #[arg(long, value_name = "WHEN", conflicts_with = "no_expiry")]
    expires: Option<Deadline>,
    /// It never stops to work by itself.
    #[arg(long)]
    no_expiry: bool,
    #[command(flatten)]
    only: IfMatchArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Update {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let request = UpdateKey {
            label: self.label,
            scopes: match (self.no_scopes, self.scopes.is_empty()) {
                (true, _) => Some(ScopeSet::default()),
                (false, true) => None,
                (false, false) => Some(ScopeSet::new(self.scopes)?),
            },
            expires: match (self.no_expiry, self.expires) {
                (true, _) => Some(None),
                (false, expires) => expires.map(|expires| Some(expires.moment(&SystemClock))),
            },
        };
        if request.label.is_none() && request.scopes.is_none() && request.expires.is_none() {
            return Err(Failure::Usage("say what to change; see --help".to_owned()));
        }
        let client = self.remote.connect(screen)?;
        let key: Key = client.patch(&paths::key(self.id), &request, self.only.if_match)?;
        if self.format.json { screen.json(&key) } else { show::show(&key, screen) }
    }
}
