//! A store of the first schema, with which the first keys were printed, opens for ever.
//!
//! `first_schema.db` was made by the code that knew nothing but the first migration, under the master key of seven times seven
//! and with seeded randomness, so the identifiers and fingerprints that it must hold can be made again here.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use mintgate_apikey::KeyFingerprint;
use mintgate_store::{
    Audit, AuditFilter, AuditOrder, Author, Buckets, Changes, Consumer, ConsumerFilter, ConsumerSearch,
    Consumers, Key, KeyFilter, Keys, Loaded, MasterKey, MetadataMatch, NewBucket, PageRequest, Search,
    SigningKeys, SystemPart,
};
use mintgate_store_sqlite::SqliteStore;
use mintgate_types::{ConsumerId, Entropy, KeyId, Revision, SeededEntropy, SigningKeyState, Timestamp};
use tempfile::TempDir;

#[tokio::test]
async fn buckets_and_consumers_are_as_they_were() {
    let (_folder, path, made) = first_store();
    let store = open(&path).await;
    assert_eq!(store.revision().await.expect("reads"), Revision(20));
    let buckets = store.buckets().await.expect("reads");
    let buckets: Vec<_> = buckets
        .iter()
        .map(|bucket| (bucket.name.as_str(), bucket.prefix.as_str(), bucket.created, bucket.revision.0))
        .collect();
    assert_eq!(buckets, [("main", "mgk", at(0), 1), ("partners", "par", at(0), 2)]);

    let consumers = store.consumers(&ConsumerFilter::default(), first_page()).await.expect("reads").items;
    let ids: Vec<_> = consumers.iter().map(|consumer| consumer.id).collect();
    assert_eq!(ids, made.consumers[..3]);
    let facts: Vec<_> = consumers.iter().map(consumer_facts).collect();
    assert_eq!(
        facts,
        [
            "main/alice user:1 {\"big\":12345678901234567,\"limits\":{\"orders\":3,\"rate\":0.1},\"plan\":\"gold\"} \
             [team=Pricing tier=1] Active at 3",
            "main/bob user:2 {} [] Active at 4",
            "partners/carol partner:3 {\"plan\":\"silver\"} [team=sales] \
             Disabled { since: 2026-05-28T20:26:46Z } at 18",
        ]
    );
    assert!(consumers.iter().all(|consumer| consumer.created == at(1) && consumer.managers.is_empty()));
    let used: Vec<_> = consumers.iter().map(|consumer| consumer.last_used).collect();
    assert_eq!(used, [Some(at(7)), Some(at(8)), None]);
}

#[tokio::test]
async fn keys_in_all_states_are_as_they_were() {
    let (_folder, path, made) = first_store();
    let store = open(&path).await;
    let mut facts = Vec::new();
    for id in made.keys.iter().map(|(_, id)| *id) {
        facts.push(store.key(id).await.expect("reads").as_ref().map(key_facts));
    }
    let facts: Vec<_> = facts.iter().map(|facts| facts.as_deref().unwrap_or("gone")).collect();
    assert_eq!(
        facts,
        [
            "Native 'Continuous Integration' orders:read orders:write, ends -, used 7, Active at 7",
            "Native '' , ends 1000, used -, Active at 8",
            "Foreign 'from before' orders:read, ends 2000000000, used 8, Active at 9",
            "Native 'rolled' , ends 90000, used -, Rolled at 11",
            "Native 'successor' , ends -, used -, Active at 11",
            "Native 'leaked' , ends 4, used -, Revoked found in a log at 13",
            "Native '' , ends 5, used -, Revoked at 15",
            "gone",
        ]
    );
    let fingerprints: Vec<_> = made.keys.iter().map(|(fingerprint, _)| *fingerprint).collect();
    let found = store.find_keys(&fingerprints).await.expect("reads");
    let found: Vec<_> = found.into_iter().map(|found| found.map(|(id, _)| id)).collect();
    let there: Vec<_> = made.keys[..7].iter().map(|(_, id)| Some(*id)).chain([None]).collect();
    assert_eq!(found, there);
    assert_eq!(store.count_keys().await.expect("reads"), (7, 5));
}

#[tokio::test]
async fn tombstones_and_signing_keys_are_as_they_were() {
    let (_folder, path, made) = first_store();
    let store = open(&path).await;
    let changes = store.changes_since(Revision(0), 1000).await.expect("reads");
    assert_eq!(changes.removed_consumers, made.consumers[3..]);
    assert!(changes.removed_keys == [made.keys[7].0]);
    let (signing_keys, revision) = store.signing_keys().await.expect("reads");
    assert_eq!(revision, Revision(20));
    let facts: Vec<_> = signing_keys
        .iter()
        .map(|key| (key.kid.as_str(), key.algorithm.as_str(), key.created, key.private.0.clone(), key.state))
        .collect();
    let expected = [
        ("retired-0000000000000000000000000000000000A", SigningKeyState::Retired { at: at(10) }),
        (
            "retiring-000000000000000000000000000000000A",
            SigningKeyState::Retiring { since: at(10), until: at(20) },
        ),
        ("active-00000000000000000000000000000000000A", SigningKeyState::Active { since: at(11) }),
        ("published-00000000000000000000000000000000A", SigningKeyState::Published { since: at(10) }),
    ];
    let expected: Vec<_> = (1_u8..)
        .zip(expected)
        .map(|(n, (kid, state))| (kid, "ES256", at(u64::from(n)), vec![n; 64], state))
        .collect();
    assert_eq!(facts, expected);
}

#[tokio::test]
async fn searches_find_the_rows_of_the_first_schema() {
    let (_folder, path, made) = first_store();
    let store = open(&path).await;
    let text = |text: &str| ConsumerSearch { text: Some(text.to_owned()), ..ConsumerSearch::default() };
    let metadata = MetadataMatch::new("/plan", "gold").expect("a pointer");
    let tag = ("team".parse().expect("a tag"), "sales".parse().expect("a value"));
    for (what, search, expected) in [
        ("a name", text("ALIC"), 0),
        ("a subject", text("partner:3"), 2),
        ("a tag's value", text("pricing"), 0),
        ("a label", text("continuous INT"), 0),
        ("the label of a revoked key", text("leaked"), 2),
        ("a key's id", text(made.keys[4].1.as_str()), 1),
        ("a tag", ConsumerSearch { tags: vec![tag], ..ConsumerSearch::default() }, 2),
        ("metadata", ConsumerSearch { metadata: vec![metadata], ..ConsumerSearch::default() }, 0),
    ] {
        let found = store.search_consumers(&search, first_page()).await.expect("reads").items;
        let found: Vec<_> = found.iter().map(|consumer| consumer.id).collect();
        assert_eq!(found, [made.consumers[expected]], "{what}");
    }
    let labelled = KeyFilter { text: Some("BEFORE".to_owned()), ..KeyFilter::default() };
    let found = store.keys(&labelled, first_page()).await.expect("reads").items;
    assert_eq!(found.iter().map(|key| key.id).collect::<Vec<_>>(), [made.keys[2].1]);
}

#[tokio::test]
async fn the_audit_log_begins_where_the_first_schema_ended_and_verifies_after_a_second_open() {
    let (_folder, path, _made) = first_store();
    let store = open(&path).await;
    let verdict = store.verify_audit(None).await.expect("reads");
    assert_eq!((verdict.entries, verdict.head, verdict.flaw), (0, None, None));
    let new = NewBucket {
        name: "later".parse().expect("a bucket name"),
        prefix: "mgk".parse().expect("a prefix"),
        created: at(100),
    };
    store.create_bucket(new, &Author::system(SystemPart::Start, at(100))).await.expect("free");
    store.check().await.expect("whole");
    let before = loaded(&store).await;
    store.close().await;

    let store = open(&path).await;
    store.check().await.expect("whole");
    assert_eq!(loaded(&store).await, before);
    assert_eq!(before, (3, 5, Revision(21)));
    let verdict = store.verify_audit(None).await.expect("reads");
    assert_eq!((verdict.entries, verdict.flaw), (1, None));
    let entries = store.audit(&AuditFilter::default(), AuditOrder::OldestFirst, first_page()).await;
    let entries = entries.expect("reads").items;
    assert_eq!(entries.len(), 1);
    let text: serde_json::Value = serde_json::from_str(entries[0].text()).expect("an object");
    assert_eq!((&text["seq"], &text["revision"]), (&1.into(), &21.into()));
}

/// What the file was filled with, made again.
struct Made {
    consumers: Vec<ConsumerId>,
    keys: Vec<(KeyFingerprint, KeyId)>,
}

fn first_store() -> (TempDir, PathBuf, Made) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mintgate.db");
    std::fs::write(&path, include_bytes!("first_schema.db")).expect("a copy");
    let entropy = SeededEntropy::new(1);
    let consumers = (0..4).map(|_| ConsumerId::generate(&entropy)).collect();
    let keys = (0..8).map(|_| {
        let mut fingerprint = [0; 32];
        entropy.fill(&mut fingerprint);
        (KeyFingerprint::from(fingerprint), KeyId::generate(&entropy))
    });
    (folder, path, Made { consumers, keys: keys.collect() })
}

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &MasterKey::from_bytes([7; 32])).await.expect("a store of the first schema opens")
}

async fn loaded(store: &SqliteStore) -> (u32, u32, Revision) {
    let (mut consumers, mut keys) = (0, 0);
    let mut visit = |met: Loaded| match met {
        Loaded::Consumer(_) => consumers += 1,
        Loaded::Key(_) => keys += 1,
    };
    let revision = store.load(&mut visit).await.expect("reads");
    (consumers, keys, revision)
}

fn consumer_facts(consumer: &Consumer) -> String {
    let tags: Vec<_> =
        consumer.tags.iter().map(|(name, value)| format!("{}={}", name.as_str(), value.as_str())).collect();
    format!(
        "{}/{} {} {} [{}] {:?} at {}",
        consumer.bucket.as_str(),
        consumer.name.as_str(),
        consumer.subject.as_str(),
        serde_json::to_string(consumer.metadata.as_object()).expect("an object"),
        tags.join(" "),
        consumer.state,
        consumer.revision.0,
    )
}

fn key_facts(key: &Key) -> String {
    let since = |time: Option<Timestamp>| {
        time.map_or_else(|| "-".to_owned(), |time| (time.as_second() - at(0).as_second()).to_string())
    };
    let state = match &key.state {
        mintgate_store::KeyState::Active => "Active".to_owned(),
        mintgate_store::KeyState::Rolled { .. } => "Rolled".to_owned(),
        mintgate_store::KeyState::Revoked { reason: Some(reason), .. } => {
            format!("Revoked {}", reason.as_str())
        }
        mintgate_store::KeyState::Revoked { reason: None, .. } => "Revoked".to_owned(),
    };
    let (ends, used, label) = (since(key.ends()), since(key.last_used), key.label.as_str());
    format!(
        "{:?} '{label}' {}, ends {ends}, used {used}, {state} at {}",
        key.format, key.scopes, key.revision.0
    )
}

/// Some seconds after the moment at which the file begins.
fn at(seconds: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1_780_000_000 + seconds)
}

fn first_page<P>() -> PageRequest<P> {
    PageRequest { after: None, limit: 100 }
}
