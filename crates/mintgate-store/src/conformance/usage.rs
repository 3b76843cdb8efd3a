//! Promises of [`Usage`](crate::Usage), and of what it notes about keys.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use mintgate_types::{
    BucketName, KeyId, RefusalReason, RequestCounts, SignedDuration, Timestamp, UsageHour, UsageStep,
};

use super::sample::{Sample, another_consumer, at, bucket, by, consumer, first_page, key, relabel, revoke};
use crate::{
    Consumer, Key, KeyFilter, KeyUse, RefusalCount, RefusalPoint, Store, TopBy, TopRequest, UsageBatch,
    UsageOf, UsagePoint, UsageSpan, Within,
};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

pub async fn what_was_counted_adds_up_by_hour_and_by_day(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let (one, other) = (key(store, &sample, &alice).await, key(store, &sample, &alice).await);
    // The sample's time begins at 8:00.
    add(store, &[used(&one, 0, [1, 2, 3, 4], 5), used(&other, 10, [10, 0, 0, 0], 0)]).await;
    add(store, &[used(&one, 20, [100, 0, 0, 0], 1), used(&one, HOUR, [7, 0, 0, 0], 0)]).await;
    add(store, &[used(&one, DAY, [1, 0, 0, 0], 0)]).await;
    let hours = [(0, [101, 2, 3, 4], 6), (HOUR, [7, 0, 0, 0], 0), (DAY, [1, 0, 0, 0], 0)];
    assert_eq!(usage(store, &of_key(&one), UsageStep::Hour).await, points(UsageStep::Hour, &hours));
    let days = [(0, [108, 2, 3, 4], 6), (DAY, [1, 0, 0, 0], 0)];
    assert_eq!(usage(store, &of_key(&one), UsageStep::Day).await, points(UsageStep::Day, &days));
    let hours = [(0, [111, 2, 3, 4], 6), (HOUR, [7, 0, 0, 0], 0), (DAY, [1, 0, 0, 0], 0)];
    let main: BucketName = "main".parse().expect("a bucket");
    for of in [of_consumer(&alice), everybody(), UsageOf::All(Within::Buckets([main].into()))] {
        assert_eq!(usage(store, &of, UsageStep::Hour).await, points(UsageStep::Hour, &hours), "{of:?}");
    }
    let elsewhere = UsageOf::All(Within::Buckets(["other".parse().expect("a bucket")].into()));
    assert_eq!(usage(store, &elsewhere, UsageStep::Hour).await, []);
}

pub async fn usage_takes_no_revision(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    add(store, &[used(&held, 5, [1, 0, 0, 0], 0)]).await;
    add(store, &[]).await;
    assert_eq!(store.revision().await.expect("reads"), held.revision);
    let changed =
        store.update_key(held.id, relabel("x"), Some(held.revision), by()).await.expect("not stale");
    let changed = changed.expect("is there");
    assert_eq!((changed.first_used, changed.last_used), (Some(at(5)), Some(at(5))));
}

pub async fn the_first_and_the_last_use_of_a_key_are_the_earliest_and_the_latest(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    assert_eq!((held.first_used, held.last_used), (None, None));
    for (first, last, earliest, latest) in [
        (50, 60, 50, 60),
        (55, 70, 50, 70),
        (20, 30, 20, 70),
        (HOUR + 5, HOUR + 6, 20, HOUR + 6),
        (65, 80, 20, HOUR + 6),
        (2 * DAY, 2 * DAY + 9, 20, 2 * DAY + 9),
    ] {
        let mut more = used(&held, first, [1, 0, 0, 0], 0);
        more.used = Some((at(first), at(last)));
        add(store, &[more]).await;
        let read = store.key(held.id).await.expect("reads").expect("is there");
        assert_eq!((read.first_used, read.last_used), (Some(at(earliest)), Some(at(latest))));
    }
}

pub async fn a_refused_request_is_no_use_of_a_key(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = revoke(store, &key(store, &sample, &alice).await).await;
    add(store, &[KeyUse { used: None, ..used(&held, 5, [0; 4], 3) }]).await;
    assert_eq!(store.key(held.id).await.expect("reads"), Some(held.clone()));
    let expected = points(UsageStep::Hour, &[(0, [0; 4], 3)]);
    assert_eq!(usage(store, &of_key(&held), UsageStep::Hour).await, expected);
}

pub async fn unknown_keys_are_passed_over(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    let unknown = KeyUse { key: sample.unknown_key(), ..used(&held, 5, [9, 0, 0, 0], 9) };
    add(store, &[unknown, used(&held, 5, [1, 0, 0, 0], 0), unknown]).await;
    let expected = points(UsageStep::Hour, &[(0, [1, 0, 0, 0], 0)]);
    assert_eq!(usage(store, &everybody(), UsageStep::Hour).await, expected);
}

pub async fn a_batch_that_names_a_key_twice_counts_both(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    add(store, &[used(&held, 50, [1, 0, 0, 0], 0), used(&held, 5, [2, 0, 0, 1], 0)]).await;
    let expected = points(UsageStep::Hour, &[(0, [3, 0, 0, 1], 0)]);
    assert_eq!(usage(store, &of_key(&held), UsageStep::Hour).await, expected);
    let read = store.key(held.id).await.expect("reads").expect("is there");
    assert_eq!((read.first_used, read.last_used), (Some(at(5)), Some(at(50))));
}

pub async fn a_removed_consumer_stays_in_the_sums_of_its_bucket(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    add(store, &[used(&held, 5, [1, 0, 0, 0], 0)]).await;
    store.delete_consumer(alice.id, None, by()).await.expect("works");
    add(store, &[used(&held, 6, [1, 0, 0, 0], 0)]).await;
    let bob = another_consumer(store, &sample, "bob").await;
    let newer = key(store, &sample, &bob).await;
    add(store, &[used(&newer, 7, [10, 0, 0, 0], 0)]).await;
    let expected = points(UsageStep::Day, &[(0, [11, 0, 0, 0], 0)]);
    assert_eq!(usage(store, &everybody(), UsageStep::Day).await, expected);
    for of in [of_consumer(&bob), of_key(&newer)] {
        let expected = points(UsageStep::Day, &[(0, [10, 0, 0, 0], 0)]);
        assert_eq!(usage(store, &of, UsageStep::Day).await, expected, "nothing is inherited");
    }
    let ranked = store.top_usage(&top(TopBy::Consumer, Within::Everything, 10)).await.expect("reads");
    assert_eq!(ranked.iter().map(|entry| entry.consumer).collect::<Vec<_>>(), [bob.id]);
}

pub async fn the_most_requests_come_first(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    bucket(store, "other").await;
    let bob = store.create_consumer(sample.consumer("other", "bob"), by()).await.expect("free");
    let idle = another_consumer(store, &sample, "idle").await;
    let keys = [key(store, &sample, &alice).await, key(store, &sample, &alice).await];
    let (of_bob, of_idle) = (key(store, &sample, &bob).await, key(store, &sample, &idle).await);
    add(
        store,
        &[
            used(&keys[0], 0, [2, 0, 0, 0], 0),
            used(&keys[1], DAY, [2, 1, 0, 0], 9),
            used(&of_bob, 0, [1, 1, 1, 1], 0),
            used(&of_idle, 0, [0; 4], 100),
        ],
    )
    .await;
    let by_consumer = store.top_usage(&top(TopBy::Consumer, Within::Everything, 10)).await.expect("reads");
    let seen: Vec<_> = by_consumer.iter().map(|entry| (entry.name.as_str(), entry.counts.served())).collect();
    assert_eq!(seen, [("alice", 5), ("bob", 4)], "what was refused ranks nobody");
    assert_eq!((by_consumer[0].counts.refused, by_consumer[0].key), (9, None));
    let by_key = store.top_usage(&top(TopBy::Key, Within::Everything, 2)).await.expect("reads");
    let seen: Vec<_> = by_key.iter().map(|entry| (entry.key, entry.counts.by_class)).collect();
    assert_eq!(seen, [(Some(of_bob.id), [1, 1, 1, 1]), (Some(keys[1].id), [2, 1, 0, 0])]);
    let main = Within::Buckets([alice.bucket.clone()].into());
    let in_main = store.top_usage(&top(TopBy::Key, main, 10)).await.expect("reads");
    assert!(in_main.iter().all(|entry| entry.bucket == alice.bucket) && in_main.len() == 2, "{in_main:?}");
    let nowhere =
        store.top_usage(&top(TopBy::Consumer, Within::Buckets(BTreeSet::new()), 10)).await.expect("reads");
    assert_eq!(nowhere, []);
}

pub async fn refusals_add_up_by_reason(store: &dyn Store) {
    let count = |seconds, reason, count| RefusalCount { hour: UsageHour::of(at(seconds)), reason, count };
    let (unknown, none) = (RefusalReason::UnknownKey, RefusalReason::NoCredential);
    for refusals in [
        vec![count(0, unknown, 5), count(0, none, 1), count(HOUR, unknown, 2)],
        vec![count(1, unknown, 1), count(DAY, none, 3)],
    ] {
        store.add_usage(&UsageBatch { keys: Vec::new(), refusals }).await.expect("works");
    }
    let mut days = store.refusals(span(UsageStep::Day)).await.expect("reads");
    days.sort_by_key(|point| (point.period, point.reason.code()));
    let point = |seconds, reason, count| RefusalPoint {
        period: UsageStep::Day.period_of(at(seconds)),
        reason,
        count,
    };
    assert_eq!(days, [point(0, none, 1), point(0, unknown, 8), point(DAY, none, 3)]);
    assert_eq!(store.refusals(span(UsageStep::Hour)).await.expect("reads").len(), 4);
}

pub async fn old_periods_are_forgotten_step_by_step(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    for hour in 0..6 {
        add(store, &[used(&held, hour * HOUR, [1, 0, 0, 0], 0)]).await;
    }
    let before = UsageStep::Hour.period_of(at(4 * HOUR));
    let mut calls = 0;
    while store.trim_usage(UsageStep::Hour, before, 2).await.expect("works") {
        calls += 1;
        assert!(calls < 10, "it comes to an end");
    }
    assert!(calls > 0, "not all at once");
    let left = points(UsageStep::Hour, &[(4 * HOUR, [1, 0, 0, 0], 0), (5 * HOUR, [1, 0, 0, 0], 0)]);
    for of in [of_key(&held), of_consumer(&alice), everybody()] {
        assert_eq!(usage(store, &of, UsageStep::Hour).await, left, "{of:?}");
        assert_eq!(usage(store, &of, UsageStep::Day).await, points(UsageStep::Day, &[(0, [6, 0, 0, 0], 0)]));
    }
}

pub async fn a_span_of_nothing_has_no_points(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    add(store, &[used(&held, 0, [1, 0, 0, 0], 0)]).await;
    let now = UsageStep::Hour.period_of(at(0));
    for (from, until) in [(now, now), (now + 1, now), (now + 1, now + 5), (0, now)] {
        for of in [of_key(&held), of_consumer(&alice), everybody()] {
            let span = UsageSpan { step: UsageStep::Hour, from, until };
            let span = UsageSpan { from: span.from.max(span.until.saturating_sub(900)), ..span };
            assert_eq!(store.usage(&of, span).await.expect("reads"), [], "{from} {until}");
        }
    }
}

pub async fn keys_that_were_not_used_for_long_are_found(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let [stale, fresh, never] = [
        key(store, &sample, &alice).await,
        key(store, &sample, &alice).await,
        key(store, &sample, &alice).await,
    ];
    let gone = revoke(store, &key(store, &sample, &alice).await).await;
    add(store, &[used(&stale, HOUR, [1, 0, 0, 0], 0), used(&gone, HOUR, [1, 0, 0, 0], 0)]).await;
    add(store, &[used(&fresh, HOUR, [1, 0, 0, 0], 0), used(&fresh, 9 * DAY, [1, 0, 0, 0], 0)]).await;
    let mut unused = vec![stale.id, never.id];
    unused.sort();
    let found = async |consumer, days: u64| {
        let filter = KeyFilter { consumer, unused_since: Some(at(days * DAY)), ..KeyFilter::default() };
        let page = store.keys(&filter, first_page(10)).await.expect("reads");
        page.items.iter().map(|key| key.id).collect::<Vec<_>>()
    };
    assert_eq!(found(None, 5).await, unused);
    assert_eq!(found(Some(alice.id), 5).await, unused);
    assert_eq!(found(Some(sample.unknown_consumer()), 5).await, []);
    assert_eq!(found(None, 0).await, [], "never used counts from the creation");
    let filter = KeyFilter { unused_since: Some(at(5 * DAY)), ..KeyFilter::default() };
    let page = store.keys(&filter, first_page(1)).await.expect("reads");
    let next = crate::PageRequest { after: page.next, limit: 1 };
    let second = store.keys(&filter, next).await.expect("reads");
    let elsewhere = KeyFilter { within: Within::Buckets(BTreeSet::new()), ..filter };
    let nothing = store.keys(&elsewhere, first_page(10)).await.expect("reads");
    assert_eq!(nothing.items, []);
    assert_eq!([page.items[0].id, second.items[0].id], unused[..]);
    assert_eq!(second.next, None);
}

pub async fn usage_at_once_from_many_is_summed(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    let one = [used(&held, 3, [1, 0, 0, 0], 1)];
    join_all((0..20).map(|_| add(store, &one))).await;
    let expected = points(UsageStep::Hour, &[(0, [20, 0, 0, 0], 20)]);
    assert_eq!(usage(store, &of_consumer(&alice), UsageStep::Hour).await, expected);
}

pub(super) fn used(key: &Key, seconds: u64, by_class: [u64; 4], refused: u64) -> KeyUse {
    let moment: Timestamp = at(seconds);
    KeyUse {
        key: key.id,
        hour: UsageHour::of(moment),
        counts: RequestCounts { by_class, refused },
        used: Some((moment, moment)),
    }
}

pub(super) async fn add(store: &dyn Store, keys: &[KeyUse]) {
    let batch = UsageBatch { keys: keys.to_vec(), refusals: Vec::new() };
    store.add_usage(&batch).await.expect("the store works");
}

/// Some weeks around the sample's time.
fn span(step: UsageStep) -> UsageSpan {
    let week = SignedDuration::from_hours(7 * 24);
    let from = at(0).checked_sub(week).expect("a time");
    let until = at(0).checked_add(week * 3).expect("a time");
    UsageSpan { step, from: step.period_of(from), until: step.period_of(until) }
}

async fn usage(store: &dyn Store, of: &UsageOf, step: UsageStep) -> Vec<UsagePoint> {
    store.usage(of, span(step)).await.expect("reads")
}

fn points(step: UsageStep, all: &[(u64, [u64; 4], u64)]) -> Vec<UsagePoint> {
    let point = |(seconds, by_class, refused): &(u64, [u64; 4], u64)| UsagePoint {
        period: step.period_of(at(*seconds)),
        counts: RequestCounts { by_class: *by_class, refused: *refused },
    };
    all.iter().map(point).collect()
}

fn everybody() -> UsageOf {
    UsageOf::All(Within::Everything)
}

fn of_key(key: &Key) -> UsageOf {
    let id: KeyId = key.id;
    UsageOf::Key { bucket: "main".parse().expect("a bucket"), id }
}

fn of_consumer(consumer: &Consumer) -> UsageOf {
    UsageOf::Consumer { bucket: consumer.bucket.clone(), id: consumer.id }
}

fn top(by: TopBy, within: Within, limit: u32) -> TopRequest {
    TopRequest { by, span: span(UsageStep::Day), within, limit }
}
