//! Promises of [`Consumers`](crate::Consumers).

use mintgate_types::{Manager, Managers, Revision, Timestamp};
use serde_json::json;

use super::sample::{Sample, another_consumer, at, bucket, by, consumer, first_page, key};
use crate::{
    Conflict, Consumer, ConsumerChange, ConsumerFilter, ConsumerState, KeyFilter, Metadata, NewConsumer,
    PageRequest, Store, StoreError, Tags,
};

pub async fn a_consumer_comes_back_as_it_went_in(store: &dyn Store) {
    bucket(store, "main").await;
    let new = NewConsumer {
        subject: "Büro für 請求書 🚀 O'Brien; DROP TABLE".parse().expect("a subject"),
        metadata: metadata(json!({
            "org": "Ünï", "quota": 18_446_744_073_709_551_615_u64, "low": -9_223_372_036_854_775_808_i64,
            "rate": 0.1, "tiny": 5e-324, "exact": 1.797_693_134_862_315_7e308, "nested": {"a": [1, null, true, "\u{1F680}"]},
        })),
        tags: tags(&[("team", "payments"), ("region", "école"), ("empty", "")]),
        managers: managers(&["ops@example.com", "oidc|Ünï 1234"]),
        created: at(44),
        ..Sample::new().consumer("main", "Alice.Smith+test@example~1")
    };
    let made = store.create_consumer(new.clone(), by()).await.expect("name and id are free");
    let expected = Consumer {
        id: new.id,
        bucket: new.bucket.clone(),
        name: new.name.clone(),
        subject: new.subject,
        metadata: new.metadata,
        tags: new.tags,
        managers: new.managers,
        state: ConsumerState::Active,
        created: new.created,
        last_used: None,
        revision: Revision(2),
    };
    assert_eq!(made, expected);
    assert_eq!(store.consumer(new.id).await.expect("reads").as_ref(), Some(&expected));
    assert_eq!(store.consumer_by_name(&new.bucket, &new.name).await.expect("reads"), Some(expected));
}

pub async fn a_consumer_needs_its_bucket(store: &dyn Store) {
    let new = Sample::new().consumer("nowhere", "alice");
    let refused = store.create_consumer(new.clone(), by()).await.expect_err("no such bucket");
    assert!(matches!(refused, StoreError::Conflict(Conflict::NoParent)), "{refused:?}");
    assert_eq!(store.consumer(new.id).await.expect("reads"), None);
}

pub async fn a_consumer_name_is_unique_within_its_bucket_only(store: &dyn Store) {
    let sample = Sample::new();
    consumer(store, &sample).await;
    bucket(store, "other").await;
    let refused = store.create_consumer(sample.consumer("main", "alice"), by()).await.expect_err("taken");
    assert!(matches!(refused, StoreError::Conflict(Conflict::ConsumerExists)), "{refused:?}");
    store.create_consumer(sample.consumer("other", "alice"), by()).await.expect("free in the other bucket");
    store.create_consumer(sample.consumer("main", "Alice"), by()).await.expect("case makes another name");
}

pub async fn a_consumer_id_is_unique(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let twin = NewConsumer { id: alice.id, ..sample.consumer("main", "bob") };
    let refused = store.create_consumer(twin, by()).await.expect_err("the id is taken");
    assert!(matches!(refused, StoreError::Conflict(Conflict::ConsumerExists)), "{refused:?}");
    assert_eq!(store.consumer(alice.id).await.expect("reads"), Some(alice));
}

pub async fn an_absent_consumer_is_none(store: &dyn Store) {
    let sample = Sample::new();
    let main = bucket(store, "main").await;
    let id = sample.unknown_consumer();
    let name = "nobody".parse().expect("a consumer name");
    assert_eq!(store.consumer(id).await.expect("reads"), None);
    assert_eq!(store.consumer_by_name(&main, &name).await.expect("reads"), None);
    assert_eq!(store.update_consumer(id, rename("bob"), Some(Revision(1)), by()).await.expect("works"), None);
    assert_eq!(store.delete_consumer(id, Some(Revision(1)), by()).await.expect("works"), None);
    assert_eq!(store.revision().await.expect("reads"), Revision(1));
}

pub async fn consumers_come_in_pages_by_bucket_and_name(store: &dyn Store) {
    let sample = Sample::new();
    let places = ["a/z", "b/A", "b/a", "b/a.b", "c/0"];
    for bucket_name in ["c", "a", "b"] {
        bucket(store, bucket_name).await;
    }
    for (bucket, name) in places.iter().rev().filter_map(|place| place.split_once('/')) {
        store.create_consumer(sample.consumer(bucket, name), by()).await.expect("free");
    }
    for limit in 1..=6 {
        assert_eq!(walk(store, &ConsumerFilter::default(), limit).await, places, "in pages of {limit}");
    }
    let whole = store.consumers(&ConsumerFilter::default(), first_page(5)).await.expect("reads");
    assert_eq!((whole.items.len(), whole.next), (5, None));
}

pub async fn consumers_are_filtered_by_bucket_and_by_the_beginning_of_their_name(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "a").await;
    bucket(store, "b").await;
    for (bucket, name) in
        [("a", "acme-1"), ("a", "acme-2"), ("a", "acmE"), ("a", "zeta"), ("b", "acme-3"), ("b", "acm")]
    {
        store.create_consumer(sample.consumer(bucket, name), by()).await.expect("free");
    }
    let in_bucket = |name: &str| Some(name.parse().expect("a bucket name"));
    let begins = |prefix: &str| Some(prefix.to_owned());
    let cases = [
        (in_bucket("a"), None, vec!["a/acmE", "a/acme-1", "a/acme-2", "a/zeta"]),
        (in_bucket("a"), begins("acme"), vec!["a/acme-1", "a/acme-2"]),
        (None, begins("acme-"), vec!["a/acme-1", "a/acme-2", "b/acme-3"]),
        (in_bucket("b"), begins("é"), vec![]),
        (None, begins("%"), vec![]),
        (None, begins("acme-2x"), vec![]),
        (in_bucket("c"), None, vec![]),
    ];
    for (bucket, name_prefix, expected) in cases {
        let filter = ConsumerFilter { bucket, name_prefix, ..ConsumerFilter::default() };
        assert_eq!(walk(store, &filter, 2).await, expected, "{filter:?}");
    }
    let after_all_of_a = PageRequest {
        after: Some(("a\u{7a}".parse().expect("a bucket"), "z".parse().expect("a name"))),
        limit: 9,
    };
    let filter = ConsumerFilter { bucket: in_bucket("a"), ..ConsumerFilter::default() };
    assert!(store.consumers(&filter, after_all_of_a).await.expect("reads").items.is_empty());
}

pub async fn a_page_shifts_by_nothing_that_is_inserted_meanwhile(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    for name in ["b", "d", "f"] {
        another_consumer(store, &sample, name).await;
    }
    let first = store.consumers(&ConsumerFilter::default(), first_page(2)).await.expect("reads");
    for name in ["a", "c", "e"] {
        another_consumer(store, &sample, name).await;
    }
    let gone = first.items[1].id;
    store.delete_consumer(gone, None, by()).await.expect("works").expect("it was there");
    let rest = PageRequest { after: first.next, limit: 9 };
    let rest = store.consumers(&ConsumerFilter::default(), rest).await.expect("reads");
    let names: Vec<_> = rest.items.iter().map(|consumer| consumer.name.as_str()).collect();
    assert_eq!(names, ["e", "f"], "after d, which is gone");
}

pub async fn an_update_changes_what_it_names_and_nothing_else(store: &dyn Store) {
    let alice = consumer(store, &Sample::new()).await;
    let wishes = [
        rename("bob"),
        ConsumerChange { subject: Some("user:7".parse().expect("a subject")), ..ConsumerChange::default() },
        ConsumerChange { metadata: Some(metadata(json!({"plan": "gold"}))), ..ConsumerChange::default() },
        ConsumerChange { tags: Some(tags(&[("team", "x")])), ..ConsumerChange::default() },
        ConsumerChange { state: Some(ConsumerState::Disabled { since: at(8) }), ..ConsumerChange::default() },
    ];
    let mut expected = alice.clone();
    for change in wishes {
        let before = expected.revision;
        expected.name = change.name.clone().unwrap_or(expected.name);
        expected.subject = change.subject.clone().unwrap_or(expected.subject);
        expected.metadata = change.metadata.clone().unwrap_or(expected.metadata);
        expected.tags = change.tags.clone().unwrap_or(expected.tags);
        expected.state = change.state.unwrap_or(expected.state);
        expected.revision = Revision(before.0 + 1);
        let changed = store.update_consumer(alice.id, change, Some(before), by()).await.expect("works");
        assert_eq!(changed.as_ref(), Some(&expected));
        assert_eq!(store.consumer(alice.id).await.expect("reads").as_ref(), Some(&expected));
    }
    let old_name = store.consumer_by_name(&alice.bucket, &alice.name).await.expect("reads");
    assert_eq!(old_name, None, "the old name is free");
}

pub async fn an_update_that_changes_nothing_takes_no_revision(store: &dyn Store) {
    let alice = consumer(store, &Sample::new()).await;
    for change in [ConsumerChange::default(), rename("alice")] {
        let same = store.update_consumer(alice.id, change, Some(alice.revision), by()).await.expect("works");
        assert_eq!(same.as_ref(), Some(&alice));
    }
    assert_eq!(store.revision().await.expect("reads"), alice.revision);
}

pub async fn a_stale_update_is_refused_and_changes_nothing(store: &dyn Store) {
    let alice = consumer(store, &Sample::new()).await;
    let bob =
        store.update_consumer(alice.id, rename("bob"), None, by()).await.expect("works").expect("is there");
    let refused = store
        .update_consumer(alice.id, rename("carol"), Some(alice.revision), by())
        .await
        .expect_err("it changed meanwhile");
    let stale = Conflict::Stale { expected: alice.revision, actual: bob.revision };
    assert!(matches!(&refused, StoreError::Conflict(conflict) if *conflict == stale), "{refused:?}");
    assert_eq!(store.consumer(alice.id).await.expect("reads"), Some(bob));
}

pub async fn a_rename_to_a_taken_name_is_refused(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    another_consumer(store, &sample, "bob").await;
    let refused = store.update_consumer(alice.id, rename("bob"), None, by()).await.expect_err("taken");
    assert!(matches!(refused, StoreError::Conflict(Conflict::ConsumerExists)), "{refused:?}");
    assert_eq!(store.consumer(alice.id).await.expect("reads"), Some(alice));
}

pub async fn a_disabled_consumer_is_enabled_again(store: &dyn Store) {
    let alice = consumer(store, &Sample::new()).await;
    for state in [ConsumerState::Disabled { since: at(8) }, ConsumerState::Active] {
        let change = ConsumerChange { state: Some(state), ..ConsumerChange::default() };
        let changed =
            store.update_consumer(alice.id, change, None, by()).await.expect("works").expect("is there");
        assert_eq!(changed.state, state);
    }
}

pub async fn a_removed_consumer_takes_its_keys_along(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let bob = another_consumer(store, &sample, "bob").await;
    let (first, second) = (key(store, &sample, &alice).await, key(store, &sample, &alice).await);
    super::sample::revoke(store, &second).await;
    let kept = key(store, &sample, &bob).await;
    let removed = store.delete_consumer(alice.id, Some(alice.revision), by()).await.expect("works");
    assert_eq!(removed.as_ref(), Some(&alice));
    assert_eq!(store.consumer(alice.id).await.expect("reads"), None);
    for gone in [first.id, second.id] {
        assert_eq!(store.key(gone).await.expect("reads"), None);
    }
    let of_alice = KeyFilter { consumer: Some(alice.id), ..KeyFilter::default() };
    assert!(store.keys(&of_alice, first_page(9)).await.expect("reads").items.is_empty());
    assert_eq!(store.key(kept.id).await.expect("reads"), Some(kept));
    assert_eq!(store.count_keys().await.expect("reads"), (1, 1));
}

pub async fn a_stale_removal_is_refused_and_removes_nothing(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    let bob =
        store.update_consumer(alice.id, rename("bob"), None, by()).await.expect("works").expect("is there");
    let refused = store.delete_consumer(alice.id, Some(alice.revision), by()).await.expect_err("it changed");
    assert!(matches!(refused, StoreError::Conflict(Conflict::Stale { .. })), "{refused:?}");
    assert_eq!(store.consumer(alice.id).await.expect("reads"), Some(bob));
    assert_eq!(store.key(held.id).await.expect("reads"), Some(held));
}

pub async fn what_was_removed_may_be_made_again(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    let new = sample.consumer("main", "alice");
    for _ in 0..3 {
        let alice = store.create_consumer(new.clone(), by()).await.expect("free");
        let removed = store.delete_consumer(alice.id, None, by()).await.expect("works");
        assert_eq!(removed, Some(alice));
    }
}

pub async fn the_largest_metadata_fits(store: &dyn Store) {
    bucket(store, "main").await;
    let overhead = json!({"a": ""}).to_string().len();
    let largest = metadata(json!({"a": "x".repeat(Metadata::LONGEST - overhead)}));
    let new = NewConsumer { metadata: largest.clone(), ..Sample::new().consumer("main", &"n".repeat(128)) };
    let id = store.create_consumer(new, by()).await.expect("free").id;
    let back = store.consumer(id).await.expect("reads").expect("is there");
    assert_eq!(back.metadata, largest);
}

pub async fn times_are_kept_to_the_microsecond(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    for (name, nanoseconds, kept) in [
        ("now", 1_800_000_000_123_456_789_i128, 1_800_000_000_123_456_i64),
        ("before", -1_000_000_001, -1_000_000),
        ("earliest", Timestamp::MIN.as_nanosecond(), Timestamp::MIN.as_microsecond()),
        ("latest", Timestamp::MAX.as_nanosecond(), 253_402_207_200_000_000),
    ] {
        let created = Timestamp::from_nanosecond(nanoseconds).expect("within the range of times");
        let new = NewConsumer { created, ..sample.consumer("main", name) };
        let made = store.create_consumer(new, by()).await.expect("free");
        assert_eq!(made.created, Timestamp::from_microsecond(kept).expect("within the range"), "{name}");
        assert_eq!(store.consumer(made.id).await.expect("reads"), Some(made));
    }
}

async fn walk(store: &dyn Store, filter: &ConsumerFilter, limit: u32) -> Vec<String> {
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.consumers(filter, PageRequest { after, limit }).await.expect("reads");
        assert!(page.items.len() <= limit as usize, "no more than asked for");
        seen.extend(page.items.iter().map(|consumer| format!("{}/{}", consumer.bucket, consumer.name)));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

pub(super) fn rename(name: &str) -> ConsumerChange {
    ConsumerChange { name: Some(name.parse().expect("a consumer name")), ..ConsumerChange::default() }
}

fn metadata(object: serde_json::Value) -> Metadata {
    serde_json::from_value(object).expect("a small object")
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    let pair = |(name, value): &(&str, &str)| {
        (name.parse().expect("a tag name"), value.parse().expect("a tag value"))
    };
    pairs.iter().map(pair).collect()
}

fn managers(names: &[&str]) -> Managers {
    let names: Vec<Manager> = names.iter().map(|name| name.parse().expect("a manager")).collect();
    Managers::try_from(names).expect("few")
}
