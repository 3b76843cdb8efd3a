//! `mintgate backup FILE`

use std::{
    fmt::Write as _,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;
use clap::Args;
use mintgate_admin_api::{BackupHead, paths};

use crate::{
    args::RemoteArgs,
    failure::{Failure, Outcome},
    part::Part,
    screen::Screen,
};

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(crate) struct TakeBackup {
    /// Where it goes; must not exist, or be - for stdout. The master key is not in it: keep that elsewhere.
    file: PathBuf,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl TakeBackup {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let to_stdout = self.file == Path::new("-");
        if to_stdout && screen.is_read_by_a_person() {
            return Err(Failure::Usage("a backup is no text: send it to a file or a program".to_owned()));
        }
        let refused = |error: io::Error| Failure::refused(format_args!("{}: {error}", self.file.display()));
        if !to_stdout && self.file.exists() {
            return Err(refused(io::ErrorKind::AlreadyExists.into()));
        }
        let client = self.remote.connect(screen)?;
        let mut source = client.download(paths::BACKUP)?;
        let head = BackupHead::read(&mut source)?;
        let progress = screen.progress(Some(head.bytes), "bytes");
        let part = if to_stdout { None } else { Some(Part::beside(&self.file).map_err(refused)?) };
        let mut target: Box<dyn Write> = match &part {
            Some(part) => Box::new(part.file()),
            None => Box::new(io::stdout().lock()),
        };
        let written = target.write_all(head.lines().as_bytes());
        let mut target = progress.wrap_write(target);
        let written = written.and_then(|()| copy(&mut source, &mut target)).map_err(refused)?;
        target.flush().map_err(refused)?;
        drop(target);
        progress.finish_and_clear();
        let (length, sha256) = written;
        if (length, sha256.as_str()) != (head.bytes, head.sha256.as_str()) {
            return Err(Failure::refused("the backup did not arrive whole: take it again"));
        }
        if let Some(part) = part {
            part.publish(&self.file).map_err(refused)?;
        }
        screen.say(format_args!("revision {}, {length} bytes; the master key is not in it", head.revision));
        Ok(())
    }
}

fn copy(source: &mut impl Read, into: &mut impl Write) -> io::Result<(u64, String)> {
    let mut digest = digest::Context::new(&digest::SHA256);
    let (mut buffer, mut length) = (vec![0; 1 << 16], 0);
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok((length, hex(digest.finish().as_ref()))),
            read => {
                digest.update(&buffer[..read]);
                into.write_all(&buffer[..read])?;
                length += read as u64;
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to memory does not fail");
        text
    })
}
