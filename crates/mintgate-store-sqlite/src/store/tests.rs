//! Damage and a full disk, with limits that a small file reaches.

use std::{fs, sync::LazyLock};

use mintgate_store::{
    Author, Buckets, Changes, ConsumerFilter, Consumers, KeyFilter, KeyUse, Keys, Loaded, Metadata,
    NewBucket, NewConsumer, NewKey, PageRequest, Revocation, SigningKeyRecord, SigningKeys, SystemPart,
    Usage, UsageBatch,
};
use mintgate_types::{
    ConsumerId, Entropy, KeyId, RequestCounts, Revision, SeededEntropy, SigningKeyState, Timestamp, UsageHour,
};

use super::*;

#[tokio::test]
async fn a_flipped_bit_in_a_small_file_is_reported_or_harmless() {
    let whole = Whole::make().await;
    let limits = Limits { most_pages_checked: MOST_PAGES_CHECKED, most_pages: None };
    let mut verdicts = Vec::new();
    for flip in whole.flips(160) {
        verdicts.push(whole.with_flipped(flip, limits).await);
    }
    assert!(!verdicts.contains(&Verdict::Hidden), "what is read as a whole hides nothing");
    let reported = verdicts.iter().filter(|verdict| **verdict == Verdict::Reported).count();
    assert!(reported > 40, "only {reported} flips were noticed: are they where the data is?");
}

#[tokio::test]
async fn a_flipped_bit_in_a_large_file_is_reported_or_harmless() {
    let whole = Whole::make().await;
    // As if it were too large to be read as a whole: the rows must speak for themselves.
    let limits = Limits { most_pages_checked: 0, most_pages: None };
    let mut verdicts = Vec::new();
    for flip in whole.flips(400) {
        verdicts.push(whole.with_flipped(flip, limits).await);
    }
    let reported = verdicts.iter().filter(|verdict| **verdict == Verdict::Reported).count();
    // Most of the file is indices, which rows do not speak for (`check` does): hence more flips than in the other test.
    assert!(reported > 30, "only {reported} flips were noticed: are they where the data is?");
}

#[tokio::test]
async fn a_consumer_that_became_another_is_not_believed() {
    let mut whole = Whole::make().await;
    // No index holds the subject: SQLite itself finds nothing wrong with the file.
    let subject = b"user:7{";
    let at =
        whole.file.windows(subject.len()).position(|window| window == subject).expect("the row is there");
    whole.file[at + subject.len() - 2] = b'8';
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mintgate.db");
    fs::write(&path, &whole.file).expect("a copy");
    let store = SqliteStore::open(&path, &master_key()).await.expect("the pages are in order");
    let error = store.load(&mut |_| {}).await.expect_err("the row is not");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    let (bucket, name) = ("main".parse().expect("a bucket"), "consumer-7".parse().expect("a name"));
    let error = store.consumer_by_name(&bucket, &name).await.expect_err("the row is not");
    assert_eq!(error.to_string(), "the store is damaged: a row of table consumer");
}

#[tokio::test]
async fn a_key_that_vanished_is_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mintgate.db");
    let store = SqliteStore::open(&path, &master_key()).await.expect("opens");
    fill(&store, &SeededEntropy::new(1), 480).await;
    store.close().await;
    for (table, statement) in [
        ("consumer", "DELETE FROM consumer WHERE serial = 3"),
        ("api_key", "DELETE FROM api_key WHERE serial = (SELECT min(serial) FROM api_key WHERE state = 0)"),
        ("api_key", "UPDATE api_key SET state = 0, state_since = NULL WHERE state = 2"),
    ] {
        let copy = folder.path().join("copy.db");
        fs::copy(&path, &copy).expect("a copy");
        let mut connection = options_for(&copy).foreign_keys(false).connect().await.expect("opens");
        sqlx::query(statement).execute(&mut connection).await.expect("behind our back");
        connection.close().await.expect("closes");
        let store = SqliteStore::open(&copy, &master_key()).await.expect("the pages are in order");
        let error = store.load(&mut |_| {}).await.expect_err("something is not as it was written");
        assert!(matches!(&error, StoreError::Damaged { what, .. } if what.contains(table)), "{error:?}");
        store.close().await;
        fs::remove_file(folder.path().join("copy.db.lock")).expect("its note is not of the next copy");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_changes_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { most_pages_checked: MOST_PAGES_CHECKED, most_pages: Some(60) };
    let path = folder.path().join("mintgate.db");
    let store = SqliteStore::open_within(&path, &master_key(), limits).await.expect("opens");
    let entropy = SeededEntropy::new(3);
    let alice = fill(&store, &entropy, 0).await;
    let mut confirmed = store.count_keys().await.expect("reads").0;
    let refused = loop {
        match store.create_keys((0..50).map(|_| new_key(alice, &entropy)).collect(), by()).await {
            Ok(_) => confirmed += 50,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Unavailable { .. }), "{refused:?}");
    assert_eq!(store.count_keys().await.expect("reads").0, confirmed, "nothing half done");
    store.check().await.expect("whole");
    let kept = read_everything(&store).await.expect("reads");
    store.close().await;
    let store = SqliteStore::open(&path, &master_key()).await.expect("opens with room again");
    assert_eq!(read_everything(&store).await.expect("reads"), kept);
    store
        .create_keys((0..50).map(|_| new_key(alice, &entropy)).collect(), by())
        .await
        .expect("there is room");
}

/// A store that was closed in order, and what it holds.
struct Whole {
    file: Vec<u8>,
    contents: Contents,
}

/// What a store says: when it is loaded, and when it is asked for this and that.
#[derive(Debug, PartialEq)]
struct Contents {
    loaded: String,
    asked: String,
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Harmless,
    Reported,
    /// Something is not found by its index, though it is loaded.
    Hidden,
}

impl Whole {
    async fn make() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mintgate.db");
        let store = SqliteStore::open(&path, &master_key()).await.expect("opens");
        // Enough that most of the file is data, not empty tables.
        fill(&store, &SeededEntropy::new(1), 480).await;
        let contents = read_everything(&store).await.expect("reads");
        store.close().await;
        Self { file: fs::read(&path).expect("the file"), contents }
    }

    /// Some bits: all over the file, and many in its first page, where the schema is.
    fn flips(&self, count: usize) -> Vec<(usize, u8)> {
        let entropy = SeededEntropy::new(5);
        let flip = |at: usize| {
            let mut random = [0; 9];
            entropy.fill(&mut random);
            let offset = u64::from_le_bytes(random[..8].try_into().expect("eight bytes"));
            let within = if at.is_multiple_of(8) { 4096 } else { self.file.len() };
            (usize::try_from(offset).expect("64 bits") % within, 1 << (random[8] % 8))
        };
        (0..count).map(flip).collect()
    }

    /// Panics if the damaged store says anything that is neither an error nor the truth.
    async fn with_flipped(&self, (offset, bit): (usize, u8), limits: Limits) -> Verdict {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mintgate.db");
        let mut file = self.file.clone();
        file[offset] ^= bit;
        fs::write(&path, file).expect("a copy");
        let store = match SqliteStore::open_within(&path, &master_key(), limits).await {
            Ok(store) => store,
            Err(error) => return reported(&error, offset),
        };
        let verdict = match read_everything(&store).await {
            Ok(contents) if contents == self.contents => Verdict::Harmless,
            Ok(contents) => {
                assert_eq!(
                    contents.loaded, self.contents.loaded,
                    "byte {offset}: only an index may hide something"
                );
                let error = store.check().await.expect_err("the thorough check finds it");
                reported(&error, offset);
                Verdict::Hidden
            }
            Err(error) => reported(&error, offset),
        };
        store.close().await;
        verdict
    }
}

fn reported(error: &StoreError, offset: usize) -> Verdict {
    let clear = matches!(error, StoreError::Damaged { .. } | StoreError::NewerSchema { .. })
        || offset < 100 && matches!(error, StoreError::Unavailable { .. });
    assert!(clear, "byte {offset}: {error:?}");
    Verdict::Reported
}

async fn read_everything(store: &SqliteStore) -> Result<Contents, StoreError> {
    let (mut consumers, mut keys) = (Vec::new(), Vec::new());
    let mut visit = |met: Loaded| match met {
        Loaded::Consumer(consumer) => consumers.push(consumer),
        Loaded::Key(key) => keys.push(key),
    };
    let revision = store.load(&mut visit).await?;
    let signing_keys = store.signing_keys().await?;
    let buckets = store.buckets().await?;
    let loaded = format!("{revision} {consumers:?} {keys:?} {signing_keys:?} {buckets:?}");
    let mut asked = Vec::new();
    for key in &keys {
        asked.push(format!("{:?}", store.key(key.id).await?));
    }
    for consumer in &consumers {
        asked.push(format!("{:?}", store.consumer(consumer.id).await?));
        let filter = KeyFilter { consumer: Some(consumer.id), ..KeyFilter::default() };
        asked.push(format!("{:?}", store.keys(&filter, PageRequest { after: None, limit: 100 }).await?));
    }
    let page = PageRequest { after: None, limit: 1000 };
    asked.push(format!("{:?}", store.consumers(&ConsumerFilter::default(), page).await?));
    asked.push(format!("{:?}", store.changes_since(Revision::ZERO, 1000).await?));
    asked.push(format!("{:?}", store.count_keys().await?));
    Ok(Contents { loaded, asked: asked.concat() })
}

fn master_key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

/// One of everything, and some keys; returns a consumer.
async fn fill(store: &SqliteStore, entropy: &dyn Entropy, keys: usize) -> ConsumerId {
    let bucket: mintgate_types::BucketName = "main".parse().expect("a bucket name");
    let new = NewBucket {
        name: bucket.clone(),
        prefix: "mgk".parse().expect("a prefix"),
        created: Timestamp::UNIX_EPOCH,
    };
    store.create_bucket(new, by()).await.expect("free");
    let mut holders = Vec::new();
    for number in 0..20 {
        let new = NewConsumer {
            id: ConsumerId::generate(entropy),
            bucket: bucket.clone(),
            name: format!("consumer-{number}").parse().expect("a name"),
            subject: format!("user:{number}").parse().expect("a subject"),
            metadata: serde_json::from_str::<Metadata>(r#"{"plan": "gold", "seats": 12.5}"#)
                .expect("metadata"),
            tags: [("team".parse().expect("a tag"), "x".parse().expect("a value"))].into(),
            managers: mintgate_types::Managers::none(),
            created: Timestamp::UNIX_EPOCH,
        };
        holders.push(store.create_consumer(new, by()).await.expect("free").id);
    }
    let new: Vec<_> = (0..keys).map(|number| new_key(holders[number % 20], entropy)).collect();
    store.create_keys(new.clone(), by()).await.expect("free");
    let (hour, counts) =
        (UsageHour::of(Timestamp::UNIX_EPOCH), RequestCounts { by_class: [1; 4], refused: 1 });
    let used = Some((Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH));
    // Not all: most of the file should be rows that have a check.
    let keys = new.iter().step_by(8).map(|key| KeyUse { key: key.id, hour, counts, used }).collect();
    store.add_usage(&UsageBatch { keys, refusals: Vec::new() }).await.expect("works");
    for key in new.iter().step_by(9) {
        let revocation = Revocation { at: Timestamp::UNIX_EPOCH, reason: None };
        store.revoke_key(key.id, revocation, by()).await.expect("works").expect("is there");
    }
    store.delete_consumer(holders[19], None, by()).await.expect("works").expect("is there");
    let record = SigningKeyRecord {
        kid: "kid".parse().expect("a kid"),
        algorithm: "ES256".to_owned(),
        public_jwk: serde_json::json!({"kty": "EC"}),
        private: mintgate_store::SealedPrivateKey(vec![7; 200]),
        created: Timestamp::UNIX_EPOCH,
        state: SigningKeyState::Active { since: Timestamp::UNIX_EPOCH },
    };
    store.change_signing_keys(vec![record], Vec::new(), Revision::ZERO, None, by()).await.expect("works");
    holders[0]
}

fn new_key(consumer: ConsumerId, entropy: &dyn Entropy) -> NewKey {
    let mut fingerprint = [0; 32];
    entropy.fill(&mut fingerprint);
    NewKey {
        id: KeyId::generate(entropy),
        consumer,
        fingerprint: fingerprint.into(),
        format: mintgate_store::KeyFormat::Native,
        label: "a label".parse().expect("a label"),
        scopes: "orders:read orders:write".parse().expect("scopes"),
        created: Timestamp::UNIX_EPOCH,
        expires: None,
    }
}

/// Who does everything here.
fn by() -> &'static Author {
    static START: LazyLock<Author> =
        LazyLock::new(|| Author::system(SystemPart::Start, Timestamp::UNIX_EPOCH));
    &START
}
