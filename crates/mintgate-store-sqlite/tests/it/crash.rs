//! A process that is killed, and a log that is damaged after it.

use std::fs;

use mintgate_store::{Changes, StoreError};
use mintgate_store_sqlite::SqliteStore;
use mintgate_types::{Entropy, SeededEntropy};

use crate::writer_process::{Running, master_key};

#[tokio::test]
async fn what_was_confirmed_is_there_after_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mintgate.db");
    let moments = SeededEntropy::new(11);
    for round in 1..=12 {
        let mut moment = [0; 1];
        moments.fill(&mut moment);
        let mut process = Running::start(&path, round, "");
        process.wait_for(usize::from(moment[0]) + 1);
        let confirmed = process.kill();
        let store = SqliteStore::open(&path, &master_key()).await.expect("opens after a kill");
        confirmed.assert_kept_by(&store).await;
        store.close().await;
    }
}

#[tokio::test]
async fn a_running_process_keeps_others_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mintgate.db");
    let mut process = Running::start(&path, 1, "");
    process.wait_for(1);
    let error = SqliteStore::open(&path, &master_key()).await.expect_err("it runs");
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    let confirmed = process.kill();
    let store = SqliteStore::open(&path, &master_key()).await.expect("the dead hold nothing");
    confirmed.assert_kept_by(&store).await;
}

#[tokio::test]
async fn a_damaged_log_never_undoes_in_silence_what_was_confirmed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mintgate.db");
    let mut process = Running::start(&path, 1, "");
    process.wait_for(60);
    let confirmed = process.kill();
    let read = |suffix: &str| fs::read(folder.path().join(format!("mintgate.db{suffix}"))).expect("the file");
    let (database, log, note) = (read(""), read("-wal"), read(".lock"));
    let entropy = SeededEntropy::new(17);
    let mut refused = 0;
    for round in 0..60 {
        let elsewhere = tempfile::tempdir().expect("a folder");
        let copy = elsewhere.path().join("mintgate.db");
        let mut damaged = log.clone();
        let mut random = [0; 8];
        entropy.fill(&mut random);
        let at = usize::try_from(u64::from_le_bytes(random)).expect("64 bits") % log.len();
        match round {
            0 => damaged.clear(),
            _ if round % 6 == 0 => damaged.truncate(at),
            _ => damaged[at] ^= 1 << (round % 8),
        }
        fs::write(&copy, &database).expect("a copy");
        fs::write(elsewhere.path().join("mintgate.db-wal"), damaged).expect("a copy");
        fs::write(elsewhere.path().join("mintgate.db.lock"), &note).expect("a copy");
        match SqliteStore::open(&copy, &master_key()).await {
            Ok(store) => {
                confirmed.assert_kept_by(&store).await;
                assert!(store.revision().await.expect("reads").0 > 60);
                store.close().await;
            }
            Err(StoreError::Damaged { .. }) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(refused > 20, "only {refused} damages were noticed: are they where the data is?");
}
