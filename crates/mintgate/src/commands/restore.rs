//! `mintgate restore FILE`

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use mintgate_admin_api::BackupHead;
use mintgate_server::{RestoreFailure, RestoreWish};

use crate::{
    commands::check,
    failure::{Failure, Outcome},
    remote::USUAL_CONFIG,
    screen::{Screen, counted},
};

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub(crate) struct PutBack {
    /// The backup; - for stdin.
    file: PathBuf,
    /// The configuration that names the store and the master key.
    #[arg(long, value_name = "FILE", default_value = USUAL_CONFIG)]
    config: PathBuf,
    /// Replace a store that is there. It is kept under another name.
    #[arg(long)]
    replace: bool,
    /// Verify the backup and its master key, and put nothing in place.
    #[arg(long, conflicts_with = "replace")]
    dry_run: bool,
}

impl PutBack {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let (config, _) = check::load(&self.config, screen)?;
        let refused = |error: &dyn std::fmt::Display| {
            Failure::refused(format_args!("{}: {error}", self.file.display()))
        };
        let source: Box<dyn Read + Send> = if self.file == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(&self.file).map_err(|error| refused(&error))?)
        };
        let mut source = BufReader::new(source);
        let head = BackupHead::read(&mut source).map_err(|error| refused(&error))?;
        let progress = screen.progress(Some(head.bytes), "bytes");
        let mut content = progress.wrap_read(source);
        let wish = RestoreWish { replace: self.replace, dry_run: self.dry_run };
        let done = mintgate_server::restore(&config, &head, &mut content, wish).map_err(in_words)?;
        progress.finish_and_clear();
        if self.dry_run {
            screen.say(format_args!("the backup of {} is whole and fits the master key", head.created));
            return Ok(());
        }
        screen
            .say(format_args!("restored as of {}; the store is at revision {}", head.created, done.revision));
        if let Some(replaced) = &done.replaced {
            screen.say(format_args!("what was there is now {}", replaced.display()));
        }
        if done.ended_again > 0 {
            screen.say(format_args!(
                "ended again, as they had ended since: {}",
                counted(done.ended_again, "key")
            ));
        }
        if done.old_unreadable {
            screen.say(
                "what was there cannot be read, so keys that were revoked since the backup work again: revoke them",
            );
        }
        if done.signing_keys_back > 0 {
            screen.say(format_args!(
                "{} had left the JWKS since and is back: run `mintgate signing-keys rotate --emergency` if it left for a \
                 reason",
                counted(done.signing_keys_back, "signing key")
            ));
        }
        Ok(())
    }
}

fn in_words(failure: RestoreFailure) -> Failure {
    if failure.is_in_use() {
        return Failure::refused("a running `mintgate serve` uses this store: stop it first");
    }
    if failure.would_replace() {
        return Failure::refused(
            "there is a store already: say --replace, and it is kept under another name",
        );
    }
    failure.into()
}
