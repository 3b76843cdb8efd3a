//! The commands, a file each.

mod admin_tokens;
mod audit;
mod backup;
mod buckets;
pub(crate) mod check;
mod completions;
mod config;
mod consumers;
mod explain;
mod export;
mod init;
mod keys;
mod restore;
mod serve;
mod signing_keys;
mod status;
mod token;
mod usage;
mod verify_origin;
mod whoami;

use crate::{failure::Outcome, screen::Screen};

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a folder to serve from: configuration, master key and admin token.
    Init(init::Init),
    /// Run the gateway and the admin API.
    Serve(serve::Serve),
    /// Find all problems of a configuration at once.
    Check(check::Check),
    /// Say which route a request takes, and what it will be asked for.
    Explain(explain::Explain),
    /// Manage buckets: namespaces of consumers.
    #[command(subcommand)]
    Buckets(buckets::Buckets),
    /// Manage consumers: who holds keys.
    #[command(subcommand)]
    Consumers(consumers::Consumers),
    /// Manage keys: what callers present.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Manage the keys that sign tokens.
    #[command(subcommand)]
    SigningKeys(signing_keys::SigningKeys),
    /// Manage admin tokens: who may manage, and what.
    #[command(subcommand)]
    AdminTokens(admin_tokens::AdminTokens),
    /// See who did what, and whether the log of it is whole.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Look at tokens.
    #[command(subcommand)]
    Token(token::Token),
    /// Attack an origin's check of tokens, and show what passes.
    VerifyOrigin(Box<verify_origin::VerifyOrigin>),
    /// Show how many requests there were.
    Usage(usage::ShowUsage),
    /// Write out everything but secrets, as JSON Lines.
    Export(export::ExportAll),
    /// Copy the whole store into a file, while it serves. The master key is not in it.
    Backup(backup::TakeBackup),
    /// Put a backup in place of the store, while no gateway uses it.
    Restore(restore::PutBack),
    /// Show whose the admin token is, and what it may do.
    Whoami(whoami::ShowWhoAmI),
    /// See the configuration of a running gateway.
    #[command(subcommand)]
    Config(config::Config),
    /// Show nodes, store, keys and signing keys.
    Status(status::ShowStatus),
    /// Print a completion script for a shell.
    Completions(completions::Completions),
}

impl Command {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        match self {
            Self::Init(command) => command.run(screen),
            Self::Serve(command) => command.run(screen),
            Self::Check(command) => command.run(screen),
            Self::Explain(command) => command.run(screen),
            Self::Buckets(command) => command.run(screen),
            Self::Consumers(command) => command.run(screen),
            Self::Keys(command) => command.run(screen),
            Self::SigningKeys(command) => command.run(screen),
            Self::AdminTokens(command) => command.run(screen),
            Self::Audit(command) => command.run(screen),
            Self::Token(command) => command.run(screen),
            Self::VerifyOrigin(command) => command.run(screen),
            Self::Usage(command) => command.run(screen),
            Self::Export(command) => command.run(screen),
            Self::Backup(command) => command.run(screen),
            Self::Restore(command) => command.run(screen),
            Self::Whoami(command) => command.run(screen),
            Self::Config(command) => command.run(screen),
            Self::Status(command) => command.run(screen),
            Self::Completions(command) => command.run(screen),
        }
    }
}
