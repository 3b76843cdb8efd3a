//! The database that is to be replaced.

use std::{
    collections::HashSet,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use mintgate_apikey::KeyFingerprint;
use mintgate_store::StoreError;
use mintgate_types::{AdminTokenId, Revision};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::{companions, remove_if_there, sync_folder};
use crate::{
    failure::failed,
    file::{self, Found, beside, unusable},
    ledger::Ledger,
    store::options_for_writing,
};

/// What is known of it.
pub(super) struct Old {
    path: PathBuf,
    state: State,
}

enum State {
    Absent,
    /// Read, and folded into one file.
    Readable {
        revision: Revision,
        ended: Vec<KeyFingerprint>,
        ended_admin_tokens: Vec<AdminTokenId>,
        retired: HashSet<String>,
    },
    /// Damaged, or no database at all. It is kept for whoever wants to look at it.
    Unreadable,
}

impl Old {
    /// Reads what matters of it, and folds its log into it, so that it is one file.
    pub(super) async fn find(path: &Path) -> Result<Self, StoreError> {
        let state = match file::inspect(path) {
            Ok(Found::Nothing) => State::Absent,
            Ok(Found::Database) => match read(path).await {
                Ok(state) => state,
                Err(StoreError::Damaged { .. }) => State::Unreadable,
                Err(other) => return Err(other),
            },
            Err(StoreError::Damaged { .. }) => State::Unreadable,
            Err(other) => return Err(other),
        };
        Ok(Self { path: path.to_owned(), state })
    }

    pub(super) fn exists(&self) -> bool {
        !matches!(self.state, State::Absent)
    }

    pub(super) fn is_unreadable(&self) -> bool {
        matches!(self.state, State::Unreadable)
    }

    /// Its last change; of one that cannot be read, the first.
    pub(super) fn revision(&self) -> Revision {
        match &self.state {
            State::Readable { revision, .. } => *revision,
            State::Absent | State::Unreadable => Revision(0),
        }
    }

    /// Keys that it knows as revoked or removed.
    pub(super) fn ended(&self) -> &[KeyFingerprint] {
        match &self.state {
            State::Readable { ended, .. } => ended,
            State::Absent | State::Unreadable => &[],
        }
    }

    /// Admin tokens that it knows as revoked.
    pub(super) fn ended_admin_tokens(&self) -> &[AdminTokenId] {
        match &self.state {
            State::Readable { ended_admin_tokens, .. } => ended_admin_tokens,
            State::Absent | State::Unreadable => &[],
        }
    }

    /// Whether it knows this signing key as one that left the JWKS.
    pub(super) fn has_retired(&self, kid: &str) -> bool {
        matches!(&self.state, State::Readable { retired, .. } if retired.contains(kid))
    }

    /// Gives it a second name, by which it stays when the first is taken over.
    pub(super) fn keep_aside(&self) -> Result<Option<PathBuf>, StoreError> {
        if !self.exists() {
            return Ok(None);
        }
        let mut number = 1;
        let aside = loop {
            let aside = aside(&self.path, number);
            if !aside.exists() {
                break aside;
            }
            // Left by a restore that was stopped between its last two steps: a second name of what is in use.
            if same_file(&aside, &self.path).map_err(|source| unusable(&aside, "look at", source))? {
                remove_if_there(&aside)?;
                break aside;
            }
            number += 1;
        };
        let [log, ..] = companions(&self.path);
        let [log_aside, ..] = companions(&aside);
        for (from, to) in [(&self.path, &aside), (&log, &log_aside)] {
            match fs::hard_link(from, to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(unusable(from, "keep", source)),
                Ok(()) => {}
            }
        }
        sync_folder(&aside)?;
        Ok(Some(aside))
    }
}

fn aside(path: &Path, number: u32) -> PathBuf {
    beside(path, &format!(".replaced-{number}"))
}

fn same_file(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (fs::metadata(one)?, fs::metadata(other)?);
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

async fn read(path: &Path) -> Result<State, StoreError> {
    let mut connection = options_for_writing(path).connect().await.map_err(|error| failed("open", error))?;
    let state = read_with(&mut connection).await;
    // The last connection that closes removes the log.
    let closed = connection.close().await;
    let state = state?;
    closed.map_err(|error| failed("close", error))?;
    Ok(state)
}

async fn read_with(connection: &mut SqliteConnection) -> Result<State, StoreError> {
    let revision = Ledger::read(connection).await?.revision()?;
    let ended: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT fingerprint FROM api_key WHERE state = 2 UNION SELECT item FROM removal WHERE kind = 1",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(|error| failed("read what ended", error))?;
    let ended = ended.iter().filter_map(|item| KeyFingerprint::try_from(item.as_slice()).ok()).collect();
    let admin_tokens: Vec<String> = sqlx::query_scalar("SELECT id FROM admin_token WHERE state = 2")
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| failed("read admin tokens", error))?;
    let ended_admin_tokens = admin_tokens.iter().filter_map(|id| id.parse().ok()).collect();
    let retired: Vec<String> = sqlx::query_scalar("SELECT kid FROM signing_key WHERE state = 'retired'")
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| failed("read signing keys", error))?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(connection)
        .await
        .map_err(|error| failed("fold the log", error))?;
    Ok(State::Readable { revision, ended, ended_admin_tokens, retired: retired.into_iter().collect() })
}
