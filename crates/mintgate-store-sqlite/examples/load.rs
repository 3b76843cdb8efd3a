//! How long the embedded store takes: `cargo run --release -p mintgate-store-sqlite --example load -- KEYS CONSUMERS BATCH`.
//!
//! Fills a new store in the system's temporary folder (or the folder given last), and prints what each step took.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::{
    path::PathBuf,
    sync::LazyLock,
    time::{Duration, Instant},
};

use mintgate_apikey::KeyFingerprint;
use mintgate_store::{
    Author, Buckets, Changes, ConsumerFilter, ConsumerOrder, ConsumerSearch, Consumers, KeyFilter, KeyFormat,
    KeyStanding, Keys, Loaded, MasterKey, Metadata, MetadataMatch, NewBucket, NewConsumer, NewKey,
    PageRequest, Search, SystemPart, Tags,
};
use mintgate_store_sqlite::SqliteStore;
use mintgate_types::{BucketName, ConsumerId, Entropy, KeyId, Revision, SeededEntropy, Timestamp};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| {
        arguments
            .next()
            .map_or(default, |text| text.parse().expect("a number of keys, of consumers, of keys a call"))
    };
    let (keys, consumers, batch) = (number(1_000_000), number(10_000), number(50_000));
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let path = folder.path().join("mintgate.db");
    let master_key = MasterKey::from_bytes([7; 32]);
    let entropy = SeededEntropy::new(1);

    let store = SqliteStore::open(&path, &master_key).await.expect("opens");
    let bucket: BucketName = "main".parse().expect("a bucket name");
    let new = NewBucket {
        name: bucket.clone(),
        prefix: "mgk".parse().expect("a prefix"),
        created: Timestamp::UNIX_EPOCH,
    };
    store.create_bucket(new, by()).await.expect("free");
    let holders = time(&format!("{consumers} consumers, one call each, 100 at once"), consumers, async {
        create_consumers(&store, &bucket, consumers, &entropy).await
    })
    .await;
    time(
        &format!("{keys} keys, {batch} a call"),
        keys,
        create_keys(&store, &holders, (keys, batch), &entropy),
    )
    .await;
    time("1,000 keys, one call each, 100 at once", 1000, async {
        for _ in 0..10 {
            let new =
                (0..100).map(|at| store.create_key(new_key(holders[at % holders.len()], &entropy), by()));
            futures_util::future::try_join_all(new).await.expect("free");
        }
    })
    .await;
    time("100 keys, one call after the other", 100, async {
        for at in 0..100 {
            store.create_key(new_key(holders[at % holders.len()], &entropy), by()).await.expect("free");
        }
    })
    .await;
    time("close", 1, store.close()).await;

    let store = time("open", 1, SqliteStore::open(&path, &master_key)).await.expect("opens");
    for _ in 0..3 {
        time("load", keys, load(&store)).await;
    }
    time("page of 100 consumers", 1, async {
        let page = PageRequest { after: None, limit: 100 };
        store.consumers(&ConsumerFilter::default(), page).await.expect("reads");
    })
    .await;
    time("page of 100 keys of a consumer", 1, async {
        let page = PageRequest { after: None, limit: 100 };
        store
            .keys(&KeyFilter { consumer: Some(holders[0]), ..KeyFilter::default() }, page)
            .await
            .expect("reads");
    })
    .await;
    find(&store).await;
    time("changes, none", 1, store.changes_since(Revision(u64::MAX), 1000)).await.expect("reads");
    time("changes, 10,000", 1, store.changes_since(Revision(0), 1000)).await.expect("reads");
    time("check", keys, store.check()).await.expect("whole");
    store.close().await;
    let length = std::fs::metadata(&path).expect("the file").len();
    println!("{:>10} bytes a key in the file", length / u64::try_from(keys).expect("a number of keys"));
}

async fn find(store: &SqliteStore) {
    for (what, search) in searches() {
        time(&format!("20 searches, {what}"), 20, async {
            for _ in 0..20 {
                store.search_consumers(&search, PageRequest { after: None, limit: 50 }).await.expect("reads");
            }
        })
        .await;
    }
    for (what, filter) in filters() {
        time(&format!("20 lists of keys, {what}"), 20, async {
            for _ in 0..20 {
                store.keys(&filter, PageRequest { after: None, limit: 50 }).await.expect("reads");
            }
        })
        .await;
    }
}

fn searches() -> Vec<(&'static str, ConsumerSearch)> {
    let text = |text: &str| ConsumerSearch { text: Some(text.to_owned()), ..ConsumerSearch::default() };
    let by = |order| ConsumerSearch { order, ..text("99999") };
    let metadata = |value| MetadataMatch::new("/customer_number", value).expect("a pointer");
    vec![
        ("text that all have", text("consumer")),
        ("text that one has", text("99999")),
        ("text that nobody has", text("xyzzy")),
        ("text in many labels", text("integration")),
        ("text in one label", text("label 77777")),
        ("text that one has, last made first", by(ConsumerOrder::Created)),
        ("text that one has, last used first", by(ConsumerOrder::LastUsed)),
        (
            "a tag",
            ConsumerSearch {
                tags: vec![("team".parse().expect("a name"), "t77".parse().expect("a value"))],
                ..ConsumerSearch::default()
            },
        ),
        (
            "metadata that one has",
            ConsumerSearch { metadata: vec![metadata("99999")], ..ConsumerSearch::default() },
        ),
        (
            "metadata that nobody has",
            ConsumerSearch { metadata: vec![metadata("xyzzy")], ..ConsumerSearch::default() },
        ),
        ("disabled ones", ConsumerSearch { disabled: Some(true), ..ConsumerSearch::default() }),
        (
            "all, last used first",
            ConsumerSearch { order: ConsumerOrder::LastUsed, ..ConsumerSearch::default() },
        ),
    ]
}

fn filters() -> Vec<(&'static str, KeyFilter)> {
    let now = Timestamp::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let standing = |standing| KeyFilter { standing: Some((standing, now)), ..KeyFilter::default() };
    let text = |text: &str| KeyFilter { text: Some(text.to_owned()), ..KeyFilter::default() };
    vec![
        ("all", KeyFilter::default()),
        ("of a bucket", KeyFilter { bucket: Some("main".parse().expect("a name")), ..KeyFilter::default() }),
        (
            "of a bucket that is not there",
            KeyFilter { bucket: Some("none".parse().expect("a name")), ..KeyFilter::default() },
        ),
        ("active", standing(KeyStanding::Active)),
        ("revoked", standing(KeyStanding::Revoked)),
        ("expired", standing(KeyStanding::Expired)),
        ("foreign", KeyFilter { format: Some(KeyFormat::Foreign), ..KeyFilter::default() }),
        ("text in many labels", text("integration")),
        ("text in one label", text("label 77777")),
        ("text in none", text("xyzzy")),
        ("an id", text("Zzzz")),
    ]
}

async fn time<T>(what: &str, count: usize, work: impl Future<Output = T>) -> T {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let done = work.await;
    let (taken, cpu) = (start.elapsed(), cpu_seconds() - cpu);
    #[expect(clippy::cast_precision_loss, reason = "a rate is read to three digits")]
    let rate = count as f64 / taken.as_secs_f64();
    println!(
        "{:>10.3} s {cpu:>7.2} s CPU {rate:>12.0} /s {:>8} kB resident  {what}",
        taken.as_secs_f64(),
        resident()
    );
    done
}

/// Of all threads of this process, as Linux tells it in hundredths (proc(5), fields 14 and 15).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Of this process, as Linux tells it.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("?");
    line.trim().trim_end_matches(" kB").to_owned()
}

async fn create_consumers(
    store: &SqliteStore,
    bucket: &BucketName,
    count: usize,
    entropy: &dyn Entropy,
) -> Vec<ConsumerId> {
    let mut holders = Vec::with_capacity(count);
    for start in (0..count).step_by(100) {
        let new = (start..count.min(start + 100)).map(|at| {
            store.create_consumer(NewConsumer {
                id: ConsumerId::generate(entropy),
                bucket: bucket.clone(),
                name: format!("consumer-{at}").parse().expect("a name"),
                subject: format!("user:{at}").parse().expect("a subject"),
                metadata: serde_json::from_value::<Metadata>(serde_json::json!({
                    "customer_number": at, "plan": "gold", "contact": { "mail": format!("ops{at}@example.com") },
                }))
                .expect("metadata"),
                tags: Tags::from([("team".parse().expect("a name"), format!("t{}", at % 997).parse().expect("a value"))]),
                managers: mintgate_types::Managers::none(),
                created: Timestamp::UNIX_EPOCH,
            }, by())
        });
        let made = futures_util::future::try_join_all(new).await.expect("free");
        holders.extend(made.into_iter().map(|consumer| consumer.id));
    }
    holders
}

async fn create_keys(
    store: &SqliteStore,
    holders: &[ConsumerId],
    (count, batch): (usize, usize),
    entropy: &dyn Entropy,
) {
    for start in (0..count).step_by(batch) {
        let new = (start..count.min(start + batch)).map(|at| new_key(holders[at % holders.len()], entropy));
        store.create_keys(new.collect(), by()).await.expect("free");
    }
}

fn new_key(consumer: ConsumerId, entropy: &dyn Entropy) -> NewKey {
    let mut fingerprint = [0; 32];
    entropy.fill(&mut fingerprint);
    NewKey {
        id: KeyId::generate(entropy),
        consumer,
        fingerprint: KeyFingerprint::from(fingerprint),
        format: KeyFormat::Native,
        label: label(entropy),
        scopes: "orders:read orders:write".parse().expect("scopes"),
        created: Timestamp::UNIX_EPOCH,
        expires: None,
    }
}

/// Most say the same; one in ten has a label of its own.
fn label(entropy: &dyn Entropy) -> mintgate_types::Label {
    let mut bytes = [0; 4];
    entropy.fill(&mut bytes);
    let number = u32::from_le_bytes(bytes);
    let text = if number.is_multiple_of(10) {
        format!("label {}", number % 100_000)
    } else {
        "continuous integration".into()
    };
    text.parse().expect("a label")
}

async fn load(store: &SqliteStore) {
    let mut keys = 0_u64;
    let mut visit = |met: Loaded| keys += u64::from(matches!(met, Loaded::Key(_)));
    store.load(&mut visit).await.expect("reads");
    assert!(keys > 0);
}

/// Who does everything here.
fn by() -> &'static Author {
    static START: LazyLock<Author> =
        LazyLock::new(|| Author::system(SystemPart::Start, Timestamp::UNIX_EPOCH));
    &START
}
