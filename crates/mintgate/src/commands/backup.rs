//! `mintgate backup FILE`

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;
use clap::Args;
use mintgate_admin_api::{BackupHead, paths};

use crate::{
    args::RemoteArgs,
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(crate) struct TakeBackup {
    /// Where it goes; must not exist. The master key is not in it: keep that elsewhere.
    file: PathBuf,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl TakeBackup {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let refused = |error: io::Error| Failure::refused(format_args!("{}: {error}", self.file.display()));
        if self.file.exists() {
            return Err(refused(io::ErrorKind::AlreadyExists.into()));
        }
        let client = self.remote.connect(screen)?;
        let mut source = client.download(paths::BACKUP)?;
        let head = BackupHead::read(&mut source)?;
        let progress = screen.progress(Some(head.bytes), "bytes");
        let part = Part::beside(&self.file).map_err(refused)?;
        let mut writer = progress.wrap_write(&part.file);
        let lines = head.lines();
        let written = (&part.file).write_all(lines.as_bytes()).and_then(|()| copy(&mut source, &mut writer));
        let (length, sha256) = written.map_err(refused)?;
        progress.finish_and_clear();
        if (length, sha256.as_str()) != (head.bytes, head.sha256.as_str()) {
            return Err(Failure::refused("the backup did not arrive whole: take it again"));
        }
        part.publish(&self.file).map_err(refused)?;
        screen.say(format_args!("revision {}, {length} bytes; the master key is not in it", head.revision));
        Ok(())
    }
}

/// The file while it is written: under another name, so that a file of the right name is never half a backup.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    fn beside(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        Ok(Self { path, file })
    }

    /// Gives it its name, unless somebody was faster.
    fn publish(self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::hard_link(&self.path, path)?;
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
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
