//! Promises of finding consumers by their managers.

use mintgate_types::{BucketName, ConsumerName, Manager, ManagerIdentity, Managers};

use super::sample::{Sample, bucket, by};
use crate::{Consumer, ConsumerChange, NewConsumer, NewHolder, Page, PageRequest, Store};

fn managers(names: &[&str]) -> Managers {
    let all = names.iter().map(|name| name.parse::<Manager>().expect("a manager")).collect::<Vec<_>>();
    Managers::try_from(all).expect("few")
}

fn who(address: &str, subject: &str) -> Vec<ManagerIdentity> {
    let address = ManagerIdentity::of_address(address);
    address.into_iter().chain(ManagerIdentity::of_subject(subject)).collect()
}

async fn make(store: &dyn Store, sample: &Sample, bucket: &str, name: &str, names: &[&str]) -> Consumer {
    let new = NewConsumer { managers: managers(names), ..sample.consumer(bucket, name) };
    store.create_consumer(new, by()).await.expect("it is new")
}

async fn page(
    store: &dyn Store,
    who: &[ManagerIdentity],
    of: Option<&BucketName>,
    (after, limit): (Option<(BucketName, ConsumerName)>, u32),
) -> Page<Consumer, (BucketName, ConsumerName)> {
    store.managed_consumers(who, of, PageRequest { after, limit }).await.expect("reads")
}

async fn found(store: &dyn Store, who: &[ManagerIdentity]) -> Vec<String> {
    let page = page(store, who, None, (None, 100)).await;
    assert_eq!(page.next, None);
    page.items.iter().map(|consumer| format!("{}/{}", consumer.bucket, consumer.name)).collect()
}

pub async fn consumers_are_found_by_those_who_manage_them(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    bucket(store, "partners").await;
    let ann = who("ann@example.com", "user-1");
    make(store, &sample, "main", "none", &[]).await;
    make(store, &sample, "main", "bobs", &["bob@example.com", "user-10", "USER-1", "user-1 "]).await;
    make(store, &sample, "main", "twice", &["Ann@Example.COM", "ann@example.com", "user-1"]).await;
    make(store, &sample, "partners", "by-subject", &["bob@example.com", "user-1"]).await;
    make(store, &sample, "main", "alike", &["\u{430}nn@example.com", "ann@ex\u{212A}mple.com", "@", "%"])
        .await;
    assert_eq!(found(store, &ann).await, ["main/twice", "partners/by-subject"]);
    assert_eq!(found(store, &who("ANN@example.com", "")).await, ["main/twice"]);
    let umlaut = ["K\u{F6}ln@example.com", "\u{DC}@example.com"];
    make(store, &sample, "main", "umlaut", &umlaut).await;
    assert_eq!(found(store, &who("k\u{F6}LN@example.com", "")).await, ["main/umlaut"]);
    assert_eq!(found(store, &who("\u{FC}@example.com", "")).await, [""; 0]);
    assert_eq!(found(store, &[]).await, [""; 0]);
    let partners = "partners".parse().expect("a name");
    let there = page(store, &ann, Some(&partners), (None, 100)).await;
    assert_eq!(there.items.len(), 1);
}

pub async fn managed_consumers_follow_every_change(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    let ann = who("ann@example.com", "user-1");
    let made = make(store, &sample, "main", "alice", &[]).await;
    let change = |change: ConsumerChange| store.update_consumer(made.id, change, None, by());
    let named = ConsumerChange { managers: Some(managers(&["user-1"])), ..ConsumerChange::default() };
    change(named.clone()).await.expect("works");
    assert_eq!(found(store, &ann).await, ["main/alice"]);
    let renamed = ConsumerChange { name: Some("zoe".parse().expect("a name")), ..ConsumerChange::default() };
    change(renamed).await.expect("works");
    assert_eq!(found(store, &ann).await, ["main/zoe"]);
    let nobody = ConsumerChange { managers: Some(Managers::none()), ..ConsumerChange::default() };
    change(nobody).await.expect("works");
    assert_eq!(found(store, &ann).await, [""; 0]);
    change(named).await.expect("works");
    store.delete_consumer(made.id, None, by()).await.expect("works");
    assert_eq!(found(store, &ann).await, [""; 0]);
    let new =
        |name| NewConsumer { managers: managers(&["ann@example.com"]), ..sample.consumer("main", name) };
    let holder = NewHolder { consumer: new("batched"), key: None };
    store.create_holders(vec![holder], by()).await.expect("works");
    store.import(vec![new("imported")], vec![], by()).await.expect("works");
    assert_eq!(found(store, &ann).await, ["main/batched", "main/imported"]);
}

pub async fn managed_consumers_come_in_pages_by_bucket_and_name(store: &dyn Store) {
    let sample = Sample::new();
    for name in ["a", "b"] {
        bucket(store, name).await;
    }
    let mut expected = Vec::new();
    for number in 0..12 {
        let (bucket, names) = match number % 4 {
            0 => ("a", &["ann@example.com"][..]),
            1 => ("b", &["user-1"][..]),
            2 => ("a", &["ann@example.com", "user-1"][..]),
            _ => ("b", &["bob@example.com"][..]),
        };
        let made = make(store, &sample, bucket, &format!("n{number:02}"), names).await;
        if number % 4 != 3 {
            expected.push((made.bucket, made.name));
        }
    }
    expected.sort();
    let ann = who("ann@example.com", "user-1");
    for limit in [1, 2, 4, 9, 100] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = page(store, &ann, None, (after, limit)).await;
            seen.extend(page.items.into_iter().map(|consumer| (consumer.bucket, consumer.name)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{limit} at a time");
    }
}
