//! A process that changes a store until it is killed or refused, and says what was confirmed to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::LazyLock,
    sync::atomic::{AtomicU64, Ordering},
};

use mintgate_apikey::KeyFingerprint;
use mintgate_store::{
    Author, Buckets, Changes, Conflict, Consumers, KeyFormat, Keys, Loaded, MasterKey, Metadata, NewBucket,
    NewConsumer, NewKey, Revocation, StoreError, SystemPart, Tags,
};
use mintgate_store_sqlite::SqliteStore;
use mintgate_types::{ConsumerId, Entropy, KeyId, SeededEntropy, Timestamp};

/// What was confirmed to the process, as it told it.
#[derive(Default)]
pub(crate) struct Confirmed {
    pub(crate) created: BTreeSet<KeyId>,
    pub(crate) revoked: BTreeSet<KeyId>,
    /// Why it stopped by itself.
    pub(crate) refused: Option<String>,
}

/// The process, seen from outside. Dropping it kills it.
pub(crate) struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    confirmed: Confirmed,
}

impl Running {
    /// Starts the process on a store. `shell` goes before its command line: limits, for example.
    pub(crate) fn start(path: &Path, seed: u64, shell: &str) -> Self {
        let itself = std::env::current_exe().expect("this test's own program");
        let mut child = Command::new("sh")
            .args(["-c", &format!("{shell} exec \"$0\" \"$@\"")])
            .arg(itself)
            .args(["writer_process::the_process_itself", "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut stdin = child.stdin.take().expect("piped");
        writeln!(stdin, "{seed} {}", path.display()).expect("it listens");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, lines, confirmed: Confirmed::default() }
    }

    /// Listens until so many changes were confirmed.
    pub(crate) fn wait_for(&mut self, changes: usize) {
        let mut count = 0;
        while count < changes {
            let line = self.lines.next().expect("it goes on until it is killed").expect("UTF-8");
            count += usize::from(self.confirmed.note(&line));
        }
    }

    /// Kills it now, and returns all that it had said.
    pub(crate) fn kill(mut self) -> Confirmed {
        self.child.kill().expect("it runs");
        self.listen()
    }

    /// Listens until it ends by itself.
    pub(crate) fn until_its_end(mut self) -> Confirmed {
        let confirmed = self.listen();
        assert!(self.child.wait().expect("it is ours").success());
        confirmed
    }

    fn listen(&mut self) -> Confirmed {
        let mut confirmed = std::mem::take(&mut self.confirmed);
        for line in self.lines.by_ref().map_while(Result::ok) {
            confirmed.note(&line);
        }
        self.child.wait().expect("it is ours");
        confirmed
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Confirmed {
    /// Whether the line told of a change. A line that the kill cut short tells nothing.
    fn note(&mut self, line: &str) -> bool {
        match line.split_once(' ') {
            Some(("refused", why)) => self.refused = Some(why.to_owned()),
            Some(("created", ids)) if line.ends_with(" .") => {
                self.created.extend(ids.split(' ').filter_map(|id| id.parse::<KeyId>().ok()));
                return true;
            }
            Some(("revoked", ids)) if line.ends_with(" .") => {
                self.revoked.extend(ids.split(' ').filter_map(|id| id.parse::<KeyId>().ok()));
                return true;
            }
            _ => {}
        }
        false
    }

    /// Everything that was confirmed is in the store, and nothing is there by half.
    pub(crate) async fn assert_kept_by(&self, store: &SqliteStore) {
        store.check().await.expect("the store is whole");
        let mut live = BTreeMap::new();
        let mut visit = |met: Loaded| {
            if let Loaded::Key(key) = met {
                live.insert(key.id, key);
            }
        };
        store.load(&mut visit).await.expect("loads");
        for id in &self.revoked {
            assert!(!live.contains_key(id), "{id} was revoked");
            assert!(store.key(*id).await.expect("reads").is_some(), "{id} is still known");
        }
        for id in self.created.difference(&self.revoked) {
            // It may have been revoked without a confirmation, but it cannot be unknown.
            assert!(
                live.contains_key(id) || store.key(*id).await.expect("reads").is_some(),
                "{id} was created"
            );
        }
        let mut together = BTreeMap::new();
        for change in everything(store).await {
            *together.entry(change).or_insert(0_usize) += 1;
        }
        assert!(together.values().all(|count| [1, BATCH].contains(count)), "no batch in parts: {together:?}");
    }
}

/// When each key was created; its batch has the same time.
async fn everything(store: &SqliteStore) -> Vec<Timestamp> {
    let mut created = Vec::new();
    let mut after = None;
    loop {
        let page = mintgate_store::PageRequest { after, limit: 1000 };
        let page = store.keys(&mintgate_store::KeyFilter::default(), page).await.expect("reads");
        created.extend(page.items.iter().map(|key| key.created));
        after = page.next;
        if after.is_none() {
            return created;
        }
    }
}

#[tokio::test]
#[ignore = "the other tests start it as a process of its own and tell it what to do"]
async fn the_process_itself() {
    let mut told = String::new();
    std::io::stdin().read_line(&mut told).expect("a line");
    let Some((seed, path)) = told.trim().split_once(' ') else {
        return;
    };
    println!();
    let seed = seed.parse().expect("a seed");
    let store = SqliteStore::open(Path::new(path), &master_key()).await.expect("opens");
    let consumer = consumer(&store).await;
    let entropy = SeededEntropy::new(seed);
    // Each key or batch has a time of its own, by which it is found again.
    let clock = AtomicU64::new(seed << 32);
    let writers = (0..4).map(|writer| change_until_refused(&store, consumer, &entropy, &clock, writer));
    let refusals = futures_util::future::join_all(writers).await;
    println!("refused {}", refusals.join(" "));
    store.check().await.expect("whole, though full");
}

async fn change_until_refused(
    store: &SqliteStore,
    consumer: ConsumerId,
    entropy: &dyn Entropy,
    clock: &AtomicU64,
    writer: usize,
) -> String {
    loop {
        let count = if writer == 0 { BATCH } else { 1 };
        let created = clock.fetch_add(1, Ordering::SeqCst);
        let created = Timestamp::from_microsecond(i64::try_from(created).expect("small")).expect("in range");
        let new: Vec<_> = (0..count).map(|_| new_key(consumer, entropy, created)).collect();
        let ids: Vec<_> = new.iter().map(|key| key.id).collect();
        let outcome = match writer {
            0 => store.create_keys(new, by()).await.map(drop),
            _ => store.create_key(new.into_iter().next().expect("one"), by()).await.map(drop),
        };
        match outcome {
            Ok(()) => tell("created", &ids),
            Err(error) => return kind(&error).to_owned(),
        }
        if writer == 1 {
            let revocation = Revocation { at: created, reason: None };
            match store.revoke_key(ids[0], revocation, by()).await {
                Ok(_) => tell("revoked", &ids),
                Err(error) => return kind(&error).to_owned(),
            }
        }
    }
}

/// One write, so that a line is there or not; the dot says that it is all there.
fn tell(what: &str, ids: &[KeyId]) {
    let ids: Vec<_> = ids.iter().map(KeyId::as_str).collect();
    let line = format!("{what} {} .\n", ids.join(" "));
    std::io::stdout().lock().write_all(line.as_bytes()).expect("somebody listens");
}

fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unavailable { .. } => "unavailable",
        _ => "otherwise",
    }
}

async fn consumer(store: &SqliteStore) -> ConsumerId {
    let id = ConsumerId::generate(&SeededEntropy::new(0));
    let bucket: mintgate_types::BucketName = "main".parse().expect("a bucket name");
    let new = NewBucket {
        name: bucket.clone(),
        prefix: "mgk".parse().expect("a prefix"),
        created: Timestamp::UNIX_EPOCH,
    };
    match store.create_bucket(new, by()).await {
        Ok(_) | Err(StoreError::Conflict(Conflict::BucketExists)) => {}
        Err(error) => panic!("{error:?}"),
    }
    let new = NewConsumer {
        id,
        bucket,
        name: "alice".parse().expect("a name"),
        subject: "alice".parse().expect("a subject"),
        metadata: Metadata::default(),
        tags: Tags::new(),
        managers: mintgate_types::Managers::none(),
        created: Timestamp::UNIX_EPOCH,
    };
    match store.create_consumer(new, by()).await {
        Ok(_) | Err(StoreError::Conflict(Conflict::ConsumerExists)) => id,
        Err(error) => panic!("{error:?}"),
    }
}

fn new_key(consumer: ConsumerId, entropy: &dyn Entropy, created: Timestamp) -> NewKey {
    let mut fingerprint = [0; 32];
    entropy.fill(&mut fingerprint);
    NewKey {
        id: KeyId::generate(entropy),
        consumer,
        fingerprint: KeyFingerprint::from(fingerprint),
        format: KeyFormat::Native,
        label: "made under threat".parse().expect("a label"),
        scopes: "orders:read".parse().expect("scopes"),
        created,
        expires: None,
    }
}

pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

/// How many keys the first writer makes in one transaction.
const BATCH: usize = 7;

/// Who does everything here.
fn by() -> &'static Author {
    static START: LazyLock<Author> =
        LazyLock::new(|| Author::system(SystemPart::Start, Timestamp::UNIX_EPOCH));
    &START
}
