use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use mintgate_store::{KeyUse, RefusalPoint, TopEntry, TopRequest, Usage, UsageOf, UsagePoint, UsageSpan};
use mintgate_types::{KeyId, RefusalReason, RequestCounts, SeededEntropy, Timestamp, UsageHour};
use tokio::sync::Semaphore;

use super::*;

/// A store that takes what there are permits for, and refuses so many times first.
struct Book {
    permits: Semaphore,
    refusals: AtomicUsize,
    written: Mutex<HashMap<KeyId, u64>>,
    refused: Mutex<u64>,
}

impl Book {
    fn new(permits: usize, refusals: usize) -> Arc<Self> {
        Arc::new(Self {
            permits: Semaphore::new(permits),
            refusals: AtomicUsize::new(refusals),
            written: Mutex::default(),
            refused: Mutex::default(),
        })
    }

    fn written(&self) -> HashMap<KeyId, u64> {
        self.written.lock().expect("no test panics here").clone()
    }
}

#[async_trait]
impl Usage for Book {
    async fn add_usage(&self, batch: &UsageBatch) -> Result<(), StoreError> {
        self.permits.acquire().await.expect("never closed").forget();
        let left = self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() {
            return Err(StoreError::Unavailable { source: "full".into() });
        }
        assert!(batch.keys.len() <= KEYS_A_BATCH, "no change waits for more than that");
        for one in &batch.keys {
            *self.written.lock().expect("no test panics here").entry(one.key).or_default() +=
                one.counts.served();
        }
        let refused = batch.refusals.iter().map(|refusal| refusal.count).sum::<u64>();
        *self.refused.lock().expect("no test panics here") += refused;
        Ok(())
    }

    async fn usage(&self, _: &UsageOf, _: UsageSpan) -> Result<Vec<UsagePoint>, StoreError> {
        unreachable!("nobody reads here")
    }

    async fn top_usage(&self, _: &TopRequest) -> Result<Vec<TopEntry>, StoreError> {
        unreachable!("nobody reads here")
    }

    async fn refusals(&self, _: UsageSpan) -> Result<Vec<RefusalPoint>, StoreError> {
        unreachable!("nobody reads here")
    }

    async fn trim_usage(&self, _: UsageStep, _: u32, _: u32) -> Result<bool, StoreError> {
        unreachable!("nothing is forgotten here")
    }
}

fn hour() -> UsageHour {
    UsageHour::of(Timestamp::UNIX_EPOCH)
}

fn keys(number: usize) -> Vec<KeyId> {
    let entropy = SeededEntropy::new(1);
    std::iter::repeat_with(|| KeyId::generate(&entropy)).take(number).collect()
}

/// As if a worker had let one request of each key through, and refused one without a key.
fn counted(keys: &[KeyId]) -> Counted {
    let one = RequestCounts { by_class: [1, 0, 0, 0], refused: 0 };
    let used = Some((Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH));
    Counted::new(hour(), keys.iter().map(|key| (*key, one, used)), [(RefusalReason::NoCredential, 1)])
}

fn uses(keys: &[KeyId]) -> UsageBatch {
    let counts = RequestCounts { by_class: [1, 0, 0, 0], refused: 0 };
    let one = |key: &KeyId| KeyUse { key: *key, hour: hour(), counts, used: None };
    UsageBatch { keys: keys.iter().map(one).collect(), refusals: Vec::new() }
}

#[tokio::test(start_paused = true)]
async fn at_the_end_everything_is_written() {
    let book = Book::new(1000, 0);
    let (recorder, collector) = Recorder::start(Arc::clone(&book) as Arc<dyn Usage>);
    let keys = keys(KEYS_A_BATCH * 3 + 1);
    for _ in 0..3 {
        collector.send(counted(&keys)).await.expect("somebody takes it");
    }
    recorder.finish().await;
    let written = book.written();
    assert!(keys.iter().all(|key| written.get(key) == Some(&3)), "each key, three times");
    assert_eq!(*book.refused.lock().expect("no test panics here"), 3);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_is_kept_and_written_later_and_once() {
    let book = Book::new(1000, 5);
    let (recorder, collector) = Recorder::start(Arc::clone(&book) as Arc<dyn Usage>);
    let keys = keys(KEYS_A_BATCH + 7);
    collector.send(counted(&keys)).await.expect("somebody takes it");
    while book.written().len() < keys.len() {
        tokio::time::sleep(SETTLE).await;
    }
    recorder.finish().await;
    let written = book.written();
    assert!(keys.iter().all(|key| written.get(key) == Some(&1)));
    assert_eq!(*book.refused.lock().expect("no test panics here"), 1);
}

#[tokio::test(start_paused = true)]
async fn workers_do_not_wait_for_a_store_that_stands_still() {
    let book = Book::new(0, 0);
    let (recorder, collector) = Recorder::start(Arc::clone(&book) as Arc<dyn Usage>);
    let keys = keys(10);
    for _ in 0..MOST_TABLES * 4 {
        let sent = tokio::time::timeout(Duration::from_mins(1), collector.send(counted(&keys))).await;
        sent.expect("it goes on taking").expect("somebody takes it");
    }
    book.permits.add_permits(1000);
    recorder.finish().await;
    let all = u64::try_from(MOST_TABLES * 4).expect("a small number");
    assert!(keys.iter().all(|key| book.written().get(key) == Some(&all)));
}

#[test]
fn what_waits_is_bounded_and_the_rest_is_told() {
    let mut pending = Pending::new(10);
    let keys = keys(12);
    assert_eq!(pending.take(&counted(&keys)), 2);
    assert_eq!(pending.len(), 10);
    assert_eq!(pending.take(&counted(&keys)), 2, "those that wait are added to");
    let counts: u64 = pending.next_batch(100).keys.iter().map(|one| one.counts.served()).sum();
    assert_eq!(counts, 20);
}

#[test]
fn every_key_has_its_turn_while_others_come_again() {
    let keys = keys(10);
    let mut pending = Pending::new(100);
    pending.put_back(&uses(&keys));
    let mut seen = std::collections::HashSet::new();
    for _ in 0..5 {
        let batch = pending.next_batch(2);
        seen.extend(batch.keys.iter().map(|one| one.key));
        // As busy as can be: they are used again at once.
        pending.put_back(&batch);
    }
    assert_eq!(seen.len(), keys.len());
    assert_eq!(pending.next_batch(100).keys.len(), keys.len(), "a batch may be all of it");
    assert!(pending.is_empty());
}
