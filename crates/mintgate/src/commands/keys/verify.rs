//! `mintgate keys verify`

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use clap::Args;
use mintgate_admin_api::{KeyText, VerifiedKey, VerifyKey, paths};
use mintgate_types::{OriginName, Scope, ScopeSet};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{
    args::{FormatArgs, RemoteArgs},
    commands::{consumers, keys},
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `keys verify`. The key is none of them: other users of the machine could see it.
#[derive(Debug, Args)]
#[command(after_help = "The key comes from stdin, or is asked for where that is a terminal.")]
pub(crate) struct Verify {
    /// A scope that it must have; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// Show the token that would be forwarded to this origin of the configuration.
    #[arg(long, value_name = "NAME")]
    origin: Option<OriginName>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Verify {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let question =
            VerifyKey { key: read_key(screen)?, scopes: ScopeSet::new(self.scopes)?, origin: self.origin };
        let verdict: VerifiedKey = client.post(paths::KEYS_VERIFY, &question)?;
        if self.format.json {
            screen.json(&verdict)?;
        } else {
            show(&verdict, screen)?;
        }
        match verdict.reason {
            None if verdict.valid => Ok(()),
            reason => {
                let reason = reason.map_or("refused", mintgate_admin_api::KeyRefusal::name);
                screen.say(format_args!("the gateway refuses this key: {reason}"));
                Err(Failure::Said)
            }
        }
    }
}

fn show(verdict: &VerifiedKey, screen: &mut Screen) -> Outcome {
    if let Some(key) = &verdict.key {
        keys::show_all(std::slice::from_ref(key), screen)?;
    }
    if let Some(consumer) = &verdict.consumer {
        screen.line("")?;
        consumers::show_all(std::slice::from_ref(consumer), screen)?;
    }
    if let Some(token) = &verdict.token {
        screen.line("")?;
        screen.json(&serde_json::json!({ "header": token.header, "claims": token.claims }))?;
    }
    Ok(())
}

/// What stands on stdin, without the space around it. On a terminal it is asked for, and not shown while it is typed.
fn read_key(screen: &mut Screen) -> Result<KeyText, Failure> {
    let stdin = io::stdin();
    let mut text = Zeroizing::new(String::with_capacity(LONGEST));
    if stdin.is_terminal() {
        screen.say("Type or paste the key (it is not shown), then press Enter:");
        let usual = tcgetattr(&stdin)?;
        let mut silent = usual.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&stdin, OptionalActions::Flush, &silent)?;
        let read = stdin.lock().take(LONGEST as u64).read_line(&mut text);
        tcsetattr(&stdin, OptionalActions::Now, &usual)?;
        read?;
    } else {
        stdin.lock().take(LONGEST as u64).read_to_string(&mut text)?;
    }
    let key = text.trim();
    if key.is_empty() {
        return Err(Failure::Usage("no key came on stdin".to_owned()));
    }
    Ok(KeyText::from(SecretString::from(key)))
}

/// More than any key has, white space around it included.
const LONGEST: usize = 4096;
