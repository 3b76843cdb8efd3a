//! A process that may not write beyond some size of file.

use mintgate_store::{Changes, Loaded};
use mintgate_store_sqlite::SqliteStore;

use crate::writer_process::{Running, master_key};

#[tokio::test]
async fn a_full_disk_refuses_changes_and_keeps_what_was_confirmed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mintgate.db");
    // In blocks of 512 bytes: 512 KiB. Without the signal, a write beyond the limit fails as on a full disk.
    let confirmed = Running::start(&path, 1, "trap '' XFSZ; ulimit -f 1024;").until_its_end();
    assert_eq!(confirmed.refused.as_deref(), Some("unavailable unavailable unavailable unavailable"));
    let store = SqliteStore::open(&path, &master_key()).await.expect("opens with room again");
    confirmed.assert_kept_by(&store).await;
    let mut live = 0;
    let mut visit = |met: Loaded| live += usize::from(matches!(met, Loaded::Key(_)));
    store.load(&mut visit).await.expect("loads");
    assert_eq!(live, confirmed.created.len() - confirmed.revoked.len(), "what was refused is not there");
    store.close().await;
    let mut process = Running::start(&path, 2, "");
    process.wait_for(10);
    let more = process.kill();
    let store = SqliteStore::open(&path, &master_key()).await.expect("opens");
    more.assert_kept_by(&store).await;
}
