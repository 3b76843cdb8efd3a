//! What every backend promises.

use mintgate_store::MasterKey;
use mintgate_store_sqlite::SqliteStore;
use tempfile::TempDir;

async fn empty_store() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("mintgate.db"), &MasterKey::from_bytes([7; 32])).await;
    (store.expect("a new store opens"), folder)
}

mintgate_store::conformance!(empty_store);
