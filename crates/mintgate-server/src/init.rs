//! A new folder to serve from: configuration, data folder, master key and admin token.
//!
//! All or nothing, and nothing is ever overwritten. Secrets are readable by their owner alone from the moment that
//! their files exist, and everything is on the disk before [`write()`] returns.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use mintgate_types::{Entropy, base62};
use zeroize::Zeroizing;

use crate::config::BaseUrl;

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The configuration.
    pub config: PathBuf,
    /// The folder of the store and the secrets.
    pub data: PathBuf,
    /// The file with the master key.
    pub master_key: PathBuf,
    /// The file with the admin token.
    pub admin_token: PathBuf,
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// Something is there already.
    #[error("{} exists; nothing was changed", path.display())]
    Exists {
        /// What.
        path: PathBuf,
    },
    /// Making something failed. What was made before is gone again.
    #[error("{} cannot be made", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Makes `folder`, if it is not there, and in it all that `mintgate serve` needs to guard `origin`.
pub fn write(folder: &Path, origin: &BaseUrl, entropy: &dyn Entropy) -> Result<Created, InitError> {
    let created = Created {
        config: folder.join("mintgate.toml"),
        data: folder.join("data"),
        master_key: folder.join("data/master.key"),
        admin_token: folder.join("data/admin.token"),
    };
    let mut work = Undo::default();
    work.folders(folder, 0o755)?;
    work.folder(&created.data, 0o700)?;
    work.file(&created.master_key, 0o600, master_key(entropy).as_bytes())?;
    work.file(&created.admin_token, 0o600, admin_token(entropy).as_bytes())?;
    work.file(&created.config, 0o644, config(origin).as_bytes())?;
    work.settle()?;
    work.keep();
    Ok(created)
}

/// What was made so far; taken back when dropped, last things first, unless it is kept.
#[derive(Default)]
struct Undo(Vec<Made>);

enum Made {
    Folder(PathBuf),
    File(PathBuf),
}

impl Undo {
    /// A folder and those above it that are not there.
    fn folders(&mut self, path: &Path, mode: u32) -> Result<(), InitError> {
        if path.as_os_str().is_empty() || path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.folders(parent, mode)?;
        }
        self.folder(path, mode)
    }

    fn folder(&mut self, path: &Path, mode: u32) -> Result<(), InitError> {
        DirBuilder::new().mode(mode).create(path).map_err(|error| failed(path, error))?;
        self.0.push(Made::Folder(path.to_owned()));
        Ok(())
    }

    fn file(&mut self, path: &Path, mode: u32, content: &[u8]) -> Result<(), InitError> {
        let mut options = OpenOptions::new();
        // `create_new` neither overwrites nor follows a link that somebody laid there.
        let opened = options.write(true).create_new(true).mode(mode).open(path);
        let mut file = opened.map_err(|error| failed(path, error))?;
        self.0.push(Made::File(path.to_owned()));
        file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| failed(path, error))
    }

    /// Puts the entries of folders on the disk.
    fn settle(&self) -> Result<(), InitError> {
        for Made::Folder(path) | Made::File(path) in &self.0 {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            File::open(folder).and_then(|open| open.sync_all()).map_err(|error| failed(folder, error))?;
        }
        Ok(())
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        for made in self.0.drain(..).rev() {
            // Nothing can be done about what cannot be removed; the error that led here is the one to report.
            let _ = match made {
                Made::Folder(path) => std::fs::remove_dir(path),
                Made::File(path) => std::fs::remove_file(path),
            };
        }
    }
}

fn failed(path: &Path, source: io::Error) -> InitError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::AlreadyExists => InitError::Exists { path },
        _ => InitError::Io { path, source },
    }
}

fn master_key(entropy: &dyn Entropy) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(&mut bytes[..]);
    // The whole length at once: a string that grows leaves copies of the secret behind.
    let mut text = Zeroizing::new(String::with_capacity(65));
    for byte in *bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(nibble.into(), 16).expect("less than sixteen"));
        }
    }
    text.push('\n');
    text
}

fn admin_token(entropy: &dyn Entropy) -> Zeroizing<String> {
    let random = Zeroizing::new(base62::random::<43>(entropy));
    let mut text = Zeroizing::new(String::with_capacity(48));
    text.push_str("mga_");
    text.push_str(std::str::from_utf8(&random[..]).expect("base62 is ASCII"));
    text.push('\n');
    text
}

fn config(origin: &BaseUrl) -> String {
    include_str!("init/mintgate.toml").replace("http://origin.invalid", &origin.to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use mintgate_policy::{RequestPath, Requirement};
    use mintgate_types::{OsEntropy, SeededEntropy};
    use secrecy::ExposeSecret;

    use super::*;
    use crate::config;

    fn origin() -> BaseUrl {
        "http://127.0.0.1:8000".parse().expect("a URL")
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().expect("it was made").permissions().mode() & 0o777
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_new_folder_can_be_served_from_at_once() {
        let place = tempfile::tempdir().expect("a place");
        let created = write(&place.path().join("a/b"), &origin(), &OsEntropy).expect("a new folder");
        let (config, warnings) = config::load(&created.config).expect("a configuration without problems");
        assert!(warnings.is_empty(), "{warnings:?}");
        config.store.master_key.master_key().expect("a master key");
        let token = config.admin.token.admin_token().expect("an admin token");
        assert!(token.expose_secret().starts_with("mga_"));
        assert_eq!(token.expose_secret().len(), 47);
        assert_eq!(config.origins[0].url, origin());
        let path = RequestPath::parse("/protected").expect("a path");
        let route = config.routes.find("localhost:8080", &path, &http::Method::GET).expect("a catch-all");
        assert_eq!(route.requirement(), Requirement::ApiKey);
    }

    #[test]
    fn r38_secrets_are_their_owners_alone_and_new_each_time() {
        let place = tempfile::tempdir().expect("a place");
        let one = write(&place.path().join("one"), &origin(), &OsEntropy).expect("a new folder");
        let two = write(&place.path().join("two"), &origin(), &OsEntropy).expect("a new folder");
        assert_eq!((mode(&one.data), mode(&one.master_key), mode(&one.admin_token)), (0o700, 0o600, 0o600));
        for (one, two) in [(one.master_key, two.master_key), (one.admin_token, two.admin_token)] {
            assert_ne!(std::fs::read(one).expect("a secret"), std::fs::read(two).expect("a secret"));
        }
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_is_left_behind() {
        for taken in ["mintgate.toml", "data"] {
            let place = tempfile::tempdir().expect("a place");
            std::fs::write(place.path().join(taken), "mine").expect("a file in the way");
            let error = write(place.path(), &origin(), &SeededEntropy::new(1)).expect_err(taken);
            assert!(matches!(error, InitError::Exists { path } if path.ends_with(taken)));
            assert_eq!(names(place.path()), [taken]);
            assert_eq!(std::fs::read(place.path().join(taken)).expect("still there"), b"mine");
        }
    }

    #[test]
    fn a_link_laid_in_the_way_is_not_followed() {
        let place = tempfile::tempdir().expect("a place");
        let target = place.path().join("target");
        let folder = place.path().join("folder");
        std::fs::create_dir(&folder).expect("a folder");
        std::os::unix::fs::symlink(&target, folder.join("mintgate.toml")).expect("a dangling link");
        write(&folder, &origin(), &SeededEntropy::new(1)).expect_err("a link");
        assert!(!target.exists());
        assert_eq!(names(&folder), ["mintgate.toml"]);
    }
}
