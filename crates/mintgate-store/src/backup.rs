//! A copy of the whole store, while it serves.

use std::fs::File;

use async_trait::async_trait;
use mintgate_types::Revision;

use crate::{Author, StoreError};

/// A consistent copy, ready to be read. Nothing in it is in clear text: keys are fingerprints and private signing keys
/// are sealed. The master key, without which it is of no use, is not in it.
#[derive(Debug)]
pub struct Backup {
    /// The last change that it has.
    pub revision: Revision,
    /// How many bytes it has.
    pub length: u64,
    /// SHA-256 of these bytes.
    pub sha256: [u8; 32],
    /// The bytes, from the first one on. The file has no name any more, and goes when this is dropped.
    pub content: File,
}

/// Copying the store.
#[async_trait]
pub trait Backups: Send + Sync {
    /// Copies everything as it is at one moment; changes go on meanwhile. The copy's audit log says who took it. One copy
    /// is made at a time: the next caller waits.
    async fn backup(&self, by: &Author) -> Result<Backup, StoreError>;
}
