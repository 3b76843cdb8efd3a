//! A backup as a file: a line that says what it is, a line of JSON about its content, then the content.

use std::io::{self, Read};

use mintgate_types::{Revision, Timestamp};
use serde::{Deserialize, Serialize};

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupHead {
    /// Which backend wrote it; only the same can read it.
    pub store: String,
    /// The last change that it has.
    pub revision: Revision,
    /// When it was taken.
    pub created: Timestamp,
    /// The version of Mintgate that took it.
    pub version: String,
    /// How many bytes the content has.
    pub bytes: u64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
}

/// A file that is no backup, or one that a later version wrote.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBackup {
    /// It begins with something else.
    #[error("the file is no backup of Mintgate")]
    Foreign,
    /// Its head cannot be read.
    #[error("the backup's head is damaged")]
    Head,
    /// Reading failed.
    #[error("reading the backup")]
    Io(#[from] io::Error),
}

impl BackupHead {
    /// What the file is, for those who get it over HTTP.
    pub const MEDIA_TYPE: &str = "application/vnd.mintgate.backup";

    /// Both lines.
    #[must_use]
    pub fn lines(&self) -> String {
        let head = serde_json::to_string(self).expect("text and numbers are JSON");
        format!("{MAGIC}{head}\n")
    }

    /// Reads both lines, and leaves `source` where the content begins.
    pub fn read(source: &mut impl Read) -> Result<Self, InvalidBackup> {
        let mut magic = [0; MAGIC.len()];
        match source.read_exact(&mut magic) {
            Ok(()) if magic == *MAGIC.as_bytes() => {}
            Ok(()) => return Err(InvalidBackup::Foreign),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(InvalidBackup::Foreign),
            Err(error) => return Err(error.into()),
        }
        let mut head = Vec::new();
        let mut byte = [0];
        while head.len() < LONGEST_HEAD {
            source.read_exact(&mut byte).map_err(|_| InvalidBackup::Head)?;
            if byte[0] == b'\n' {
                return serde_json::from_slice(&head).map_err(|_| InvalidBackup::Head);
            }
            head.push(byte[0]);
        }
        Err(InvalidBackup::Head)
    }
}

const MAGIC: &str = "mintgate backup 1\n";

/// Some two hundred bytes are usual.
const LONGEST_HEAD: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> BackupHead {
        BackupHead {
            store: "sqlite".into(),
            revision: Revision(7),
            created: Timestamp::UNIX_EPOCH,
            version: "0.1.0".into(),
            bytes: 3,
            sha256: "ab".repeat(32),
        }
    }

    #[test]
    fn a_head_reads_back_and_leaves_the_content() {
        let file = head().lines() + "abc";
        let mut source = file.as_bytes();
        assert_eq!(BackupHead::read(&mut source).expect("a head"), head());
        assert_eq!(source, b"abc");
    }

    #[test]
    fn what_is_no_backup_or_was_cut_off_is_refused() {
        let whole = head().lines();
        for length in 0..whole.len() {
            assert!(BackupHead::read(&mut &whole.as_bytes()[..length]).is_err(), "{length}");
        }
        assert!(matches!(BackupHead::read(&mut &b"SQLite format 3\0..."[..]), Err(InvalidBackup::Foreign)));
    }
}
