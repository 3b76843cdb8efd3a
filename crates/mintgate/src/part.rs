//! A file while it is written: under another name, so that a file of the right name is never half of one. Nobody but its
//! owner can read it.

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// The file under its other name, which goes with it.
pub(crate) struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    /// Begins a file. One that a killed process left behind is written anew; one that is being written is left alone.
    pub(crate) fn beside(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let open = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = open?;
        // Some file systems have no locks; there it is as if nobody else was.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(in_use());
        }
        // Whoever had it may have just given it its name, and taken this one away.
        if fs::symlink_metadata(&path)?.ino() != file.metadata()?.ino() {
            return Err(in_use());
        }
        let part = Self { path, file };
        part.file.set_permissions(Permissions::from_mode(0o600))?;
        part.file.set_len(0)?;
        Ok(part)
    }

    /// Where to write.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its name, unless somebody was faster.
    pub(crate) fn publish(self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::hard_link(&self.path, path)?;
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

fn in_use() -> io::Error {
    io::Error::new(io::ErrorKind::ResourceBusy, "somebody else is writing it just now")
}

impl Drop for Part {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn two_who_write_one_file_do_not_mix_and_a_name_appears_with_the_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.backup");
        let left = folder.path().join("a.backup.part");
        fs::write(&left, "left by a killed one, and longer").expect("writes");
        fs::set_permissions(&left, Permissions::from_mode(0o644)).expect("is ours");
        let part = Part::beside(&path).expect("is left behind");
        part.file().write_all(b"whole").expect("writes");
        assert_eq!(Part::beside(&path).err().map(|error| error.kind()), Some(io::ErrorKind::ResourceBusy));
        assert!(!path.exists());
        part.publish(&path).expect("has a name");
        assert_eq!(fs::read(&path).expect("reads"), b"whole");
        assert_eq!(path.metadata().expect("is there").permissions().mode() & 0o777, 0o600);
        assert!(!left.exists());
        assert!(Part::beside(&path).expect("begins").publish(&path).is_err(), "nothing is overwritten");
    }
}
