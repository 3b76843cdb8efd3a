//! What may lie where the store should be, and who may use it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use mintgate_store::{Author, Buckets, Changes, MasterKey, NewBucket, StoreError, SystemPart};
use mintgate_store_sqlite::SqliteStore;
use mintgate_types::{Revision, Timestamp};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

#[tokio::test]
async fn only_its_owner_may_read_the_store() {
    let (folder, path) = folder();
    let store = open(&path).await.expect("opens");
    add_bucket(&store, "main").await;
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.path()).expect("the folder") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("its metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().expect("ASCII"));
    }
    names.sort();
    assert_eq!(names, ["mintgate.db", "mintgate.db-shm", "mintgate.db-wal", "mintgate.db.lock"]);
}

#[tokio::test]
async fn closing_leaves_everything_in_one_file() {
    let (folder, path) = folder();
    let store = open(&path).await.expect("opens");
    add_bucket(&store, "main").await;
    store.close().await;
    assert!(!folder.path().join("mintgate.db-wal").exists());
    let elsewhere = folder.path().join("copy.db");
    fs::copy(&path, &elsewhere).expect("a copy");
    let copy = open(&elsewhere).await.expect("opens");
    assert_eq!(copy.buckets().await.expect("reads").len(), 1);
}

#[tokio::test]
async fn a_closed_store_refuses_and_does_not_wait() {
    let (_folder, path) = folder();
    let store = open(&path).await.expect("opens");
    store.close().await;
    store.close().await;
    for error in [
        store.create_bucket(new_bucket("main"), by()).await.expect_err("closed"),
        store.buckets().await.expect_err("closed"),
    ] {
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_store_in_use_is_refused_by_its_path() {
    let (folder, path) = folder();
    let store = open(&path).await.expect("opens");
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    for path in [&path, &link] {
        let error = open(path).await.expect_err("it is in use");
        assert!(matches!(&error, StoreError::InUse { store } if store.ends_with("mintgate.db")), "{error:?}");
    }
    store.close().await;
    open(&path).await.expect("free again");
}

#[tokio::test]
async fn another_master_key_is_refused() {
    let (_folder, path) = folder();
    open(&path).await.expect("opens").close().await;
    let error = SqliteStore::open(&path, &MasterKey::from_bytes([8; 32])).await.expect_err("another key");
    assert!(matches!(error, StoreError::WrongMasterKey), "{error:?}");
    open(&path).await.expect("with the right one it opens");
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let (_folder, path) = folder();
    open(&path).await.expect("opens").close().await;
    behind_its_back(
        &path,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9000, 'from the future', TRUE, x'00', 0)",
    )
    .await;
    let error = open(&path).await.expect_err("nobody knows what it means");
    assert!(matches!(error, StoreError::NewerSchema { found: 9000, .. }), "{error:?}");
}

#[tokio::test]
async fn a_migration_that_was_edited_is_refused() {
    let (_folder, path) = folder();
    open(&path).await.expect("opens").close().await;
    behind_its_back(&path, "UPDATE _sqlx_migrations SET checksum = x'00'").await;
    let error = open(&path).await.expect_err("not the schema that we know");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_no_store_is_refused_and_left_alone() {
    let (_folder, path) = folder();
    let cases: [(&str, Vec<u8>); 5] = [
        ("is cut short", Vec::new()),
        ("is cut short", b"SQLite".to_vec()),
        ("is not a database", b"listen = [\"0.0.0.0:8080\"]\n".repeat(10)),
        ("is not a database", vec![0; 8192]),
        ("reading or writing it", [&b"SQLite format 3\0"[..], &[0xFF; 8000]].concat()),
    ];
    for (expected, contents) in cases {
        fs::write(&path, &contents).expect("a file");
        let error = open(&path).await.expect_err("no store");
        let told = error.to_string();
        assert!(matches!(error, StoreError::Damaged { .. }) && told.contains(expected), "{told}");
        assert_eq!(fs::read(&path).expect("the file"), contents, "it may be somebody's");
    }
}

#[tokio::test]
async fn a_database_without_its_last_byte_is_refused() {
    let (_folder, path) = folder();
    open(&path).await.expect("opens").close().await;
    let whole = fs::read(&path).expect("the file");
    fs::write(&path, &whole[..whole.len() - 1]).expect("a file");
    let told = open(&path).await.expect_err("no store").to_string();
    assert!(told.contains("is cut short"), "{told}");
    fs::write(&path, &whole).expect("a file");
    open(&path).await.expect("opens").close().await;
}

#[tokio::test]
async fn a_folder_and_a_missing_folder_are_refused() {
    let (folder, path) = folder();
    fs::create_dir(&path).expect("a folder");
    let error = open(&path).await.expect_err("not a file");
    assert!(error.to_string().contains("is not a file"), "{error}");
    let error = open(&folder.path().join("missing/mintgate.db")).await.expect_err("no folder");
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn the_database_of_another_program_is_refused() {
    let (_folder, path) = folder();
    let mut other =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.expect("opens");
    sqlx::query("CREATE TABLE bookmarks (url TEXT)").execute(&mut other).await.expect("works");
    other.close().await.expect("closes");
    let error = open(&path).await.expect_err("not ours");
    assert!(error.to_string().contains("another program"), "{error}");
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_refused() {
    let (_folder, path) = folder();
    open(&path).await.expect("opens").close().await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("ours");
    let error = open(&path).await.expect_err("nothing could be changed");
    let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(
        matches!(error, StoreError::Unavailable { .. }) && source.contains("cannot write to"),
        "{source}"
    );
}

#[tokio::test]
async fn a_truncated_file_is_reported() {
    let (folder, path) = folder();
    let store = open(&path).await.expect("opens");
    for number in 0..200 {
        add_bucket(&store, &format!("bucket-{number}")).await;
    }
    store.close().await;
    let whole = fs::read(&path).expect("the file");
    for length in [100, 4095, 4096, 4097, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        let copy = folder.path().join("copy.db");
        fs::write(&copy, &whole[..length]).expect("a copy");
        let error = match open(&copy).await {
            Ok(store) => store.check().await.err(),
            Err(error) => Some(error),
        };
        assert!(matches!(error, Some(StoreError::Damaged { .. })), "cut to {length}: {error:?}");
        fs::remove_file(folder.path().join("copy.db.lock")).expect("its note is not of the next copy");
    }
}

#[tokio::test]
async fn a_store_that_was_lost_is_not_begun_anew_in_silence() {
    let (folder, path) = folder();
    let store = open(&path).await.expect("opens");
    add_bucket(&store, "main").await;
    store.close().await;
    let old = fs::read(&path).expect("the file");
    let store = open(&path).await.expect("opens");
    add_bucket(&store, "second").await;
    store.close().await;
    fs::remove_file(&path).expect("lost");
    let error = open(&path).await.expect_err("keys were confirmed");
    assert!(error.to_string().contains("revision 0, but 2 was confirmed"), "{error}");
    fs::write(&path, old).expect("an older copy");
    let error = open(&path).await.expect_err("a change was confirmed that it lacks");
    assert!(error.to_string().contains("revision 1, but 2 was confirmed"), "{error}");
    fs::remove_file(folder.path().join("mintgate.db.lock")).expect("the loss is accepted");
    let store = open(&path).await.expect("opens");
    assert_eq!(store.revision().await.expect("reads"), Revision(1));
}

#[tokio::test]
async fn a_log_without_its_database_is_refused() {
    let (folder, path) = folder();
    fs::write(folder.path().join("mintgate.db-wal"), b"changes").expect("a file");
    let error = open(&path).await.expect_err("the log belongs to something");
    assert!(error.to_string().contains("but not its database"), "{error}");
}

#[tokio::test]
async fn what_a_failed_creation_left_behind_is_no_obstacle() {
    let (folder, path) = folder();
    fs::write(folder.path().join("mintgate.db.new"), b"half a store").expect("a file");
    fs::write(folder.path().join("mintgate.db.new-journal"), b"half a journal").expect("a file");
    let store = open(&path).await.expect("opens");
    add_bucket(&store, "main").await;
    assert!(!folder.path().join("mintgate.db.new").exists());
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mintgate.db");
    (folder, path)
}

async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, &MasterKey::from_bytes([7; 32])).await
}

async fn add_bucket(store: &SqliteStore, name: &str) {
    store.create_bucket(new_bucket(name), by()).await.expect("free");
}

fn new_bucket(name: &str) -> NewBucket {
    NewBucket {
        name: name.parse().expect("a bucket name"),
        prefix: "mgk".parse().expect("a prefix"),
        created: Timestamp::UNIX_EPOCH,
    }
}

async fn behind_its_back(path: &Path, statement: &'static str) {
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await.expect("opens");
    sqlx::query(statement).execute(&mut connection).await.expect("works");
    connection.close().await.expect("closes");
}

/// Who does everything here.
fn by() -> &'static Author {
    static START: LazyLock<Author> =
        LazyLock::new(|| Author::system(SystemPart::Start, Timestamp::UNIX_EPOCH));
    &START
}
