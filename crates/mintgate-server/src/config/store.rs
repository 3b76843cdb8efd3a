//! `[store]`: where consumers and keys rest, and the master key that protects them.

use std::path::PathBuf;

use super::{secrets::SecretSource, section::Section, setting::TextSetting};

/// Where consumers and keys rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// Which store.
    pub location: StoreLocation,
    /// Where the master key is.
    pub master_key: SecretSource,
}

/// Which store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreLocation {
    /// A database of `SQLite` in a file.
    Sqlite(PathBuf),
}

pub(crate) fn read(section: &mut Section<'_>) -> Option<StoreConfig> {
    let location = section.required::<StoreLocation>("url", "The store, such as `sqlite:data/mintgate.db`.");
    let master_key = SecretSource::read(
        section,
        ["master_key_file", "master_key_env"],
        ["A file with the master key.", "An environment variable with the master key."],
        None,
    );
    Some(StoreConfig { location: location?.value, master_key: master_key?.value })
}

impl StoreConfig {
    /// With paths that stand in the file made relative to its folder.
    pub(crate) fn based_on(self, folder: &std::path::Path) -> Self {
        let StoreLocation::Sqlite(path) = self.location;
        Self {
            location: StoreLocation::Sqlite(folder.join(path)),
            master_key: self.master_key.based_on(folder),
        }
    }
}

impl TextSetting for StoreLocation {
    /// The text is never repeated: URLs of other stores hold passwords.
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        let hint =
            || Some("write `sqlite:` and the path of a file, such as `sqlite:data/mintgate.db`".to_owned());
        let refused = |message: &str| Err((message.to_owned(), hint()));
        match text.split_once(':') {
            Some(("postgres" | "postgresql", _)) => refused("PostgreSQL is not available in this version"),
            Some(("sqlite", path)) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty()
                    || path.ends_with('/')
                    || path.contains(['?', '#', '\0'])
                    || path == ":memory:"
                {
                    return refused("not the path of a file");
                }
                Ok(Self::Sqlite(path.into()))
            }
            _ => refused("not a store"),
        }
    }
}
