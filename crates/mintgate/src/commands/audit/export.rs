//! `mintgate audit export`

use std::io::Read as _;

use clap::Args;
use mintgate_admin_api::paths;

use super::Wanted;
use crate::{
    args::RemoteArgs,
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `audit export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl Export {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let path = self.wanted.query(paths::AUDIT_EXPORT).from(None);
        let mut lines = client.download(&path)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = lines
                .read(&mut chunk)
                .map_err(|error| Failure::refused(format_args!("the export broke off: {error}")))?;
            if read == 0 {
                return screen.finish();
            }
            screen.write(&chunk[..read])?;
        }
    }
}

const CHUNK: usize = 64 * 1024;
