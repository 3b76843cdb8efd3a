//! `mintgate admin-tokens …`

mod create;
mod list;
mod revoke;
mod roll;
mod show;

use mintgate_admin_api::{AdminToken, AdminTokenSource, AdminTokenStateName, IssuedAdminToken, Role};
use mintgate_types::BucketName;

use crate::{
    failure::Outcome,
    screen::Screen,
    table::{Rows, time_or_dash},
};

/// What can be done with admin tokens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum AdminTokens {
    /// Make an admin token and print it, once.
    Create(create::Create),
    /// List all admin tokens.
    List(list::List),
    /// Show one admin token.
    Show(show::Show),
    /// Replace an admin token and print the new one; the old one goes on working for a while.
    Roll(roll::Roll),
    /// End an admin token for good, at once.
    Revoke(revoke::Revoke),
}

impl AdminTokens {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        match self {
            Self::Create(command) => command.run(screen),
            Self::List(command) => command.run(screen),
            Self::Show(command) => command.run(screen),
            Self::Roll(command) => command.run(screen),
            Self::Revoke(command) => command.run(screen),
        }
    }
}

/// Shows admin tokens to people.
fn show_all(tokens: &[AdminToken], screen: &mut Screen) -> Outcome {
    let mut rows = Rows::under(["ID", "NAME", "ROLE", "BUCKETS", "STATE", "CREATED", "EXPIRES"]);
    for token in tokens {
        rows.row([
            token.id.map_or_else(|| "-".to_owned(), |id| id.to_string()),
            token.name.to_string(),
            role(token.role).to_owned(),
            buckets(token.buckets.as_deref()),
            state(token).to_owned(),
            time_or_dash(token.created_at),
            time_or_dash(token.expires_at),
        ]);
    }
    rows.show(screen)
}

fn state(token: &AdminToken) -> &'static str {
    match (token.source, token.state) {
        (AdminTokenSource::Config, _) => "configured",
        (_, AdminTokenStateName::Active) => "active",
        (_, AdminTokenStateName::Rolled) => "rolled",
        (_, AdminTokenStateName::Expired) => "expired",
        (_, AdminTokenStateName::Revoked) => "revoked",
    }
}

/// A role as replies name it.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Operator => "operator",
        Role::Auditor => "auditor",
    }
}

/// In which buckets.
pub(crate) fn buckets(buckets: Option<&[BucketName]>) -> String {
    let named =
        |buckets: &[BucketName]| buckets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    buckets.map_or_else(|| "all".to_owned(), named)
}

/// Puts the text of a new admin token out, alone on stdout.
fn show_issued(issued: &IssuedAdminToken, screen: &mut Screen) -> Outcome {
    if let Some(id) = issued.admin_token.id {
        screen.say(format_args!(
            "admin token {id} for {}; keep it now, it cannot be shown again",
            issued.admin_token.name
        ));
    }
    screen.line(issued.token.expose())
}
