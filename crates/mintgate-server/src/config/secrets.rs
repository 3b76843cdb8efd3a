//! Secrets: where the configuration says that they are, and how they are read from there.
//!
//! A file that others may read is refused, not repaired: whoever could read it may have done so.

use std::{
    fs::File,
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use base64::Engine as _;
use mintgate_store::MasterKey;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{problem::Finding, section::Section, setting::At, setting::Text};

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In a file that only its owner can read.
    File(PathBuf),
    /// In an environment variable.
    Variable(String),
}

/// Why a secret cannot be used. Never says anything of what was read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No such file.
    #[error("{what} is missing: there is no file {}; `mintgate init` makes one in a new folder", path.display())]
    NoFile {
        /// Which secret.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("{what} cannot be read from {}", path.display())]
    Unreadable {
        /// Which secret.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others than its owner may read or change the file.
    #[error(
        "{what} can be read by others: {} has mode {mode:04o}; run `chmod 600` on it, and replace the secret if others \
         may have seen it", path.display()
    )]
    Exposed {
        /// Which secret.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// No such variable, or not text.
    #[error("{what} is missing: the environment variable {variable} is not set")]
    NoVariable {
        /// Which secret.
        what: &'static str,
        /// The variable.
        variable: String,
    },
    /// Something, but not such a secret.
    #[error("{what} from {place} is not usable: {reason}")]
    Malformed {
        /// Which secret.
        what: &'static str,
        /// Where it was.
        place: String,
        /// What it should be.
        reason: &'static str,
    },
}

impl SecretSource {
    /// Reads the master key: 32 random bytes in base64 or hexadecimal.
    pub fn master_key(&self) -> Result<MasterKey, SecretError> {
        let text = self.text(MASTER_KEY)?;
        let malformed = |reason| SecretError::Malformed { what: MASTER_KEY, place: self.to_string(), reason };
        let bytes = decoded(text.expose_secret()).ok_or_else(|| {
            malformed(
                "it must be 32 random bytes in base64 or hexadecimal, as `openssl rand -hex 32` prints them",
            )
        })?;
        let bytes: &[u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| malformed("it must be 32 bytes, not more and not less; it may have been cut off"))?;
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(malformed("it is one byte over and over, not 32 random ones"));
        }
        Ok(MasterKey::from_bytes(*bytes))
    }

    /// Reads the token that admins present.
    pub fn admin_token(&self) -> Result<SecretString, SecretError> {
        let token = self.text(ADMIN_TOKEN)?;
        let text = token.expose_secret();
        if (32..=512).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(token);
        }
        let reason = "it must be 32 to 512 random visible ASCII characters";
        Err(SecretError::Malformed { what: ADMIN_TOKEN, place: self.to_string(), reason })
    }

    /// Reads the secret of a client of an identity provider.
    pub fn client_secret(&self) -> Result<SecretString, SecretError> {
        let secret = self.text(CLIENT_SECRET)?;
        if secret.expose_secret().is_empty() {
            let place = self.to_string();
            return Err(SecretError::Malformed { what: CLIENT_SECRET, place, reason: "it is empty" });
        }
        Ok(secret)
    }

    /// Reads the two keys of a secret, `*_file` and `*_env`; exactly one of them must be there, unless the file has a
    /// usual place. `None` where a problem was noted.
    pub(crate) fn read(
        section: &mut Section<'_>,
        [file_key, env_key]: [&'static str; 2],
        [file_meaning, env_meaning]: [&str; 2],
        usual_file: Option<&str>,
    ) -> Option<At<Self>> {
        let meaning = match usual_file {
            Some(usual) => format!("{file_meaning} `{usual}`, if `{env_key}` is left out, too."),
            None => format!("{file_meaning} Either this or `{env_key}`."),
        };
        let file = section.optional::<Text>(file_key, &meaning);
        let variable =
            section.optional::<Text>(env_key, &format!("{env_meaning} Either this or `{file_key}`."));
        if section.has(file_key) && section.has(env_key) {
            let span = variable.and_then(|at| at.span).or_else(|| section.heading());
            let message =
                format!("`{}` and `{}` are both there", section.full(file_key), section.full(env_key));
            section.ledger().problem(Finding::new(span, message).advice("keep the one that should count"));
            return None;
        }
        let source = match (file, variable, usual_file) {
            (Some(file), ..) => file.map(|text| Self::File(text.0.into())),
            (_, Some(variable), _) => variable.map(|text| Self::Variable(text.0)),
            (None, None, Some(usual)) => At { value: Self::File(usual.into()), span: None },
            (None, None, None) => {
                if !section.has(file_key) && !section.has(env_key) {
                    let hint = format!("name a file, or name a variable with `{env_key}`");
                    section.missing(file_key, &hint);
                }
                return None;
            }
        };
        source.value.refuse_empty(section, source.span.clone()).then_some(source)
    }

    /// With the path of a file made relative to `folder`.
    pub(crate) fn based_on(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            variable @ Self::Variable(_) => variable,
        }
    }

    fn refuse_empty(&self, section: &Section<'_>, span: Option<std::ops::Range<usize>>) -> bool {
        let usable = match self {
            Self::File(path) => !path.as_os_str().is_empty(),
            // What `std::env` would panic on, or never find.
            Self::Variable(name) => !name.is_empty() && !name.contains(['=', '\0']),
        };
        if !usable {
            section.ledger().problem(Finding::new(span, "this names nothing"));
        }
        usable
    }

    fn text(&self, what: &'static str) -> Result<SecretString, SecretError> {
        let text = match self {
            Self::File(path) => read_file(what, path)?,
            Self::Variable(name) => {
                let missing = || SecretError::NoVariable { what, variable: name.clone() };
                Zeroizing::new(variable(name).ok_or_else(missing)?)
            }
        };
        Ok(SecretString::from(text.trim()))
    }
}

impl std::fmt::Display for SecretSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Variable(name) => write!(formatter, "the variable {name}"),
        }
    }
}

fn read_file(what: &'static str, path: &Path) -> Result<Zeroizing<String>, SecretError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => SecretError::NoFile { what, path: path.to_owned() },
        _ => SecretError::Unreadable { what, path: path.to_owned(), source },
    };
    let file = File::open(path).map_err(unreadable)?;
    // Asked of the open file, so that nobody can swap it between the question and the reading.
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(SecretError::Exposed { what, path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::with_capacity(LONGEST));
    let longest = u64::try_from(LONGEST).expect("a small number");
    let read = file.take(longest).read_to_string(&mut text);
    let not_text = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::InvalidData => SecretError::Malformed {
            what,
            place: path.display().to_string(),
            reason: "it must be text; raw bytes can be turned into text with `base64`",
        },
        _ => SecretError::Unreadable { what, path: path.to_owned(), source },
    };
    read.map_err(not_text)?;
    Ok(text)
}

#[expect(clippy::disallowed_methods, reason = "this is where the configuration reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let is_hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hexadecimal {
        let engine = match (text.ends_with('='), text.contains(['-', '_'])) {
            (true, false) => base64::engine::general_purpose::STANDARD,
            (false, false) => base64::engine::general_purpose::STANDARD_NO_PAD,
            (true, true) => base64::engine::general_purpose::URL_SAFE,
            (false, true) => base64::engine::general_purpose::URL_SAFE_NO_PAD,
        };
        return engine.decode(text).ok().map(Zeroizing::new);
    }
    let pairs = text.as_bytes().chunks_exact(2);
    let nibble = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs
        .map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?))
        .collect::<Option<Vec<_>>>()
        .map(Zeroizing::new)
}

/// More than any secret has; a wrong path to a huge file must not fill the memory.
const LONGEST: usize = 4096;

const MASTER_KEY: &str = "the master key";

const ADMIN_TOKEN: &str = "the admin token";
const CLIENT_SECRET: &str = "the client secret of the identity provider";
