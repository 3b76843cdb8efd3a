//! Promises of [`Search`](crate::Search), and of the filters of keys.

use mintgate_types::{KeyId, TagName, TagValue};
use serde_json::json;

use super::sample::{Sample, another_consumer, at, bucket, by, consumer, first_page, key, relabel, revoke};
use crate::{
    Consumer, ConsumerChange, ConsumerOrder, ConsumerPosition, ConsumerSearch, ConsumerState, KeyFilter,
    KeyFormat, KeyStanding, Metadata, MetadataMatch, NewConsumer, NewKey, Page, PageRequest, Store, Tags,
};

pub async fn consumers_are_found_by_a_part_of_name_subject_or_tag_in_any_case(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    let made = [
        NewConsumer {
            subject: "Zoë 100%".parse().expect("a subject"),
            ..sample.consumer("main", "Alice.Smith")
        },
        NewConsumer { tags: tags(&[("plan", "GOLD_1")]), ..sample.consumer("main", "bob") },
        sample.consumer("main", "carol"),
    ];
    for new in made {
        store.create_consumer(new, by()).await.expect("free");
    }
    for (text, found) in [
        ("SMITH", &["Alice.Smith"][..]),
        ("zoË", &["Alice.Smith"]),
        ("0%", &["Alice.Smith"]),
        ("gold_", &["bob"]),
        ("d_1", &["bob"]),
        ("dx1", &[]),
        ("o", &["Alice.Smith", "bob", "carol"]),
        ("dave", &[]),
    ] {
        assert_eq!(names(store, &by_text(text)).await, found, "{text}");
    }
}

pub async fn consumers_are_found_by_the_labels_and_ids_of_their_keys(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let bob = another_consumer(store, &sample, "bob").await;
    let held = key(store, &sample, &alice).await;
    let other = key(store, &sample, &bob).await;
    store.update_key(held.id, relabel("Nightly Büild"), None, by()).await.expect("works");
    assert_eq!(names(store, &by_text("BÜILD")).await, ["alice"]);
    assert_eq!(names(store, &by_text(&other.id.as_str()[..6])).await, ["bob"]);
    // A label that nobody has any more finds nobody.
    store.update_key(held.id, relabel("weekly"), None, by()).await.expect("works");
    assert!(names(store, &by_text("nightly")).await.is_empty());
    store.delete_consumer(alice.id, None, by()).await.expect("works");
    assert!(names(store, &by_text("weekly")).await.is_empty());
}

pub async fn what_is_found_follows_what_changes(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let change = ConsumerChange {
        name: Some("alicia".parse().expect("a name")),
        subject: Some("user-7".parse().expect("a subject")),
        tags: Some(tags(&[("team", "payments")])),
        ..ConsumerChange::default()
    };
    store.update_consumer(alice.id, change, None, by()).await.expect("works");
    assert!(names(store, &by_text("alice")).await.is_empty());
    for text in ["alicia", "user-7", "payments"] {
        assert_eq!(names(store, &by_text(text)).await, ["alicia"], "{text}");
    }
}

pub async fn consumers_are_filtered_by_tag_metadata_and_state(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    let rich = json!({"plan": "gold", "seats": 5, "a/b": {"0": [true, "x\"y"]}, "none": null});
    let alice = NewConsumer {
        tags: tags(&[("team", "Pay"), ("region", "eu")]),
        metadata: Metadata::try_from(rich.as_object().expect("an object").clone()).expect("metadata"),
        ..sample.consumer("main", "alice")
    };
    store.create_consumer(alice, by()).await.expect("free");
    let bob = store.create_consumer(sample.consumer("main", "bob"), by()).await.expect("free");
    let disable =
        ConsumerChange { state: Some(ConsumerState::Disabled { since: at(5) }), ..ConsumerChange::default() };
    store.update_consumer(bob.id, disable, None, by()).await.expect("works");

    let tagged =
        |pairs: &[(&str, &str)]| ConsumerSearch { tags: pairs_of(pairs), ..ConsumerSearch::default() };
    assert_eq!(names(store, &tagged(&[("team", "Pay"), ("region", "eu")])).await, ["alice"]);
    // Unlike text, a tag is compared to the letter.
    for none in
        [&[("team", "pay")][..], &[("team", "Pa")], &[("eam", "Pay")], &[("team", "Pay"), ("region", "us")]]
    {
        assert!(names(store, &tagged(none)).await.is_empty(), "{none:?}");
    }
    let with = |pointer: &str, value: &str| ConsumerSearch {
        metadata: vec![MetadataMatch::new(pointer, value).expect("a pointer")],
        ..ConsumerSearch::default()
    };
    for (pointer, value) in
        [("/plan", "gold"), ("/seats", "5"), ("/a~1b/0/0", "true"), ("/a~1b/0/1", "x\"y"), ("/none", "null")]
    {
        assert_eq!(names(store, &with(pointer, value)).await, ["alice"], "{pointer}:{value}");
    }
    for (pointer, value) in [("/plan", "gol"), ("/seats", "50"), ("/plans", "gold"), ("/a~1b", "true")] {
        assert!(names(store, &with(pointer, value)).await.is_empty(), "{pointer}:{value}");
    }
    let resting = |disabled| ConsumerSearch { disabled: Some(disabled), ..ConsumerSearch::default() };
    assert_eq!(names(store, &resting(true)).await, ["bob"]);
    assert_eq!(names(store, &resting(false)).await, ["alice"]);
}

pub async fn consumers_are_found_by_what_their_metadata_and_tags_became(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    let metadata = |value: serde_json::Value| {
        Metadata::try_from(value.as_object().expect("an object").clone()).expect("metadata")
    };
    let new = NewConsumer {
        tags: tags(&[("team", "a"), ("region", "eu")]),
        metadata: metadata(json!({"plan": "gold", "account": 17})),
        ..sample.consumer("main", "alice")
    };
    let alice = store.create_consumer(new, by()).await.expect("free");
    let change = ConsumerChange {
        tags: Some(tags(&[("team", "b"), ("region", "eu")])),
        metadata: Some(metadata(json!({"plan": "gold", "account": 18}))),
        ..ConsumerChange::default()
    };
    store.update_consumer(alice.id, change, None, by()).await.expect("works");
    for (search, found) in [
        (by_member("/account", "17"), false),
        (by_member("/account", "18"), true),
        (by_member("/plan", "gold"), true),
        (by_tag("team", "a"), false),
        (by_tag("team", "b"), true),
        (by_tag("region", "eu"), true),
    ] {
        assert_eq!(!names(store, &search).await.is_empty(), found, "{search:?}");
    }
    store.delete_consumer(alice.id, None, by()).await.expect("works");
    // Whoever comes next may be kept in the same place.
    store.create_consumer(sample.consumer("main", "bob"), by()).await.expect("free");
    assert!(names(store, &by_member("/account", "18")).await.is_empty());
    assert!(names(store, &by_tag("team", "b")).await.is_empty());
}

pub async fn a_consumer_is_found_by_each_of_very_many_values(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    let many: serde_json::Map<_, _> = (0..900).map(|at| (format!("m{at}"), json!([at]))).collect();
    for (name, metadata) in [("rich", many), ("poor", serde_json::Map::new())] {
        let metadata = Metadata::try_from(metadata).expect("metadata");
        let tags = if name == "rich" { tags(&[("size", "xl")]) } else { Tags::new() };
        let new = NewConsumer { metadata, tags, ..sample.consumer("main", name) };
        store.create_consumer(new, by()).await.expect("free");
    }
    for at in [0, 1, 63, 64, 65, 450, 899] {
        let search = by_member(&format!("/m{at}/0"), &at.to_string());
        assert_eq!(names(store, &search).await, ["rich"], "{at}");
    }
    assert_eq!(names(store, &by_tag("size", "xl")).await, ["rich"]);
    assert!(names(store, &by_member("/m899/0", "898")).await.is_empty());
}

fn by_member(pointer: &str, value: &str) -> ConsumerSearch {
    let wanted = MetadataMatch::new(pointer, value).expect("a pointer");
    ConsumerSearch { metadata: vec![wanted], ..ConsumerSearch::default() }
}

fn by_tag(name: &str, value: &str) -> ConsumerSearch {
    ConsumerSearch { tags: pairs_of(&[(name, value)]), ..ConsumerSearch::default() }
}

pub async fn found_consumers_come_in_every_order_page_by_page(store: &dyn Store) {
    let sample = Sample::new();
    for name in ["b1", "b2"] {
        bucket(store, name).await;
    }
    let mut all = Vec::new();
    for number in 0..9 {
        let in_bucket = if number % 3 == 0 { "b2" } else { "b1" };
        let new = NewConsumer {
            // Some are made at the same moment.
            created: at(100 - number / 2),
            ..sample.consumer(in_bucket, &format!("n{}", (number * 4) % 9))
        };
        all.push(store.create_consumer(new, by()).await.expect("free"));
    }
    let mut by_name = all.clone();
    by_name.sort_by(|one, other| (&one.bucket, &one.name).cmp(&(&other.bucket, &other.name)));
    let mut by_time = all.clone();
    by_time.sort_by_key(|consumer| std::cmp::Reverse((consumer.created, consumer.id)));
    let mut by_use = all;
    by_use.sort_by_key(|consumer| std::cmp::Reverse(consumer.id));
    for limit in 1..=10 {
        for (order, expected) in [
            (ConsumerOrder::Name, &by_name),
            (ConsumerOrder::Created, &by_time),
            (ConsumerOrder::LastUsed, &by_use),
        ] {
            let search = ConsumerSearch { order, text: Some("n".into()), ..ConsumerSearch::default() };
            assert_eq!(&walk(store, &search, limit).await, expected, "{order:?}, {limit} at a time");
        }
    }
    let second = ConsumerSearch { bucket: Some("b2".parse().expect("a name")), ..ConsumerSearch::default() };
    assert_eq!(walk(store, &second, 2).await.len(), 3);
}

pub async fn keys_are_filtered_by_how_they_stand(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let new = |expires: Option<u64>| NewKey { expires: expires.map(at), ..sample.key(&alice) };
    let active = store.create_key(new(None), by()).await.expect("free");
    let later = store.create_key(new(Some(200)), by()).await.expect("free");
    let over = store.create_key(new(Some(50)), by()).await.expect("free");
    let revoked = store.create_key(new(Some(50)), by()).await.expect("free");
    revoke(store, &revoked).await;
    let graced = store.create_key(new(None), by()).await.expect("free");
    let ended = store.create_key(new(None), by()).await.expect("free");
    let first =
        store.roll_keys(sample.roll(&alice, &[&graced], at(150)), by()).await.expect("works").successor;
    let second =
        store.roll_keys(sample.roll(&alice, &[&ended], at(60)), by()).await.expect("works").successor;
    for (standing, expected) in [
        (KeyStanding::Active, vec![active.id, later.id, first.id, second.id]),
        (KeyStanding::Rolled, vec![graced.id]),
        (KeyStanding::Expired, vec![over.id, ended.id]),
        (KeyStanding::Revoked, vec![revoked.id]),
    ] {
        let filter = KeyFilter { standing: Some((standing, at(100))), ..KeyFilter::default() };
        assert_eq!(ids(store, &filter).await, sorted(expected), "{standing:?}");
    }
    let soon = KeyFilter { expires_before: Some(at(200)), ..KeyFilter::default() };
    assert_eq!(ids(store, &soon).await, sorted(vec![over.id, revoked.id]));
}

pub async fn keys_are_filtered_by_who_holds_them_and_what_they_are(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    bucket(store, "other").await;
    let bob = NewConsumer { tags: tags(&[("team", "b")]), ..sample.consumer("other", "bob") };
    let bob = store.create_consumer(bob, by()).await.expect("free");
    let mine = store.create_key(sample.key(&alice), by()).await.expect("free");
    let labelled = NewKey {
        label: "CI: nightly".parse().expect("a label"),
        format: KeyFormat::Foreign,
        ..sample.key(&bob)
    };
    let labelled = store.create_key(labelled, by()).await.expect("free");
    let filter = KeyFilter::default;
    for (filter, expected) in [
        (KeyFilter { bucket: Some(bob.bucket.clone()), ..filter() }, vec![labelled.id]),
        (KeyFilter { tags: pairs_of(&[("team", "b")]), ..filter() }, vec![labelled.id]),
        (KeyFilter { text: Some("NIGHT".into()), ..filter() }, vec![labelled.id]),
        (KeyFilter { text: Some(mine.id.as_str()[..8].into()), ..filter() }, vec![mine.id]),
        (KeyFilter { label: Some("CI: nightly".parse().expect("a label")), ..filter() }, vec![labelled.id]),
        (KeyFilter { label: Some("ci".parse().expect("a label")), ..filter() }, vec![]),
        (KeyFilter { format: Some(KeyFormat::Native), ..filter() }, vec![mine.id]),
        (KeyFilter { format: Some(KeyFormat::Foreign), ..filter() }, vec![labelled.id]),
        (KeyFilter { ids: Some(vec![mine.id, sample.unknown_key()]), ..filter() }, vec![mine.id]),
        (KeyFilter { created_before: Some(mine.created), ..filter() }, vec![]),
        (KeyFilter { consumer: Some(alice.id), format: Some(KeyFormat::Foreign), ..filter() }, vec![]),
    ] {
        assert_eq!(ids(store, &filter).await, expected, "{filter:?}");
    }
}

fn by_text(text: &str) -> ConsumerSearch {
    ConsumerSearch { text: Some(text.to_owned()), ..ConsumerSearch::default() }
}

async fn names(store: &dyn Store, search: &ConsumerSearch) -> Vec<String> {
    walk(store, search, 100).await.into_iter().map(|consumer| consumer.name.to_string()).collect()
}

async fn walk(store: &dyn Store, search: &ConsumerSearch, limit: u32) -> Vec<Consumer> {
    let mut found = Vec::new();
    let mut after: Option<ConsumerPosition> = None;
    loop {
        let Page { items, next } =
            store.search_consumers(search, PageRequest { after, limit }).await.expect("reads");
        assert!(items.len() <= limit as usize);
        found.extend(items);
        after = next;
        if after.is_none() {
            return found;
        }
    }
}

async fn ids(store: &dyn Store, filter: &KeyFilter) -> Vec<KeyId> {
    let page = store.keys(filter, first_page(100)).await.expect("reads");
    assert_eq!(page.next, None);
    page.items.into_iter().map(|key| key.id).collect()
}

fn sorted(mut ids: Vec<KeyId>) -> Vec<KeyId> {
    ids.sort_unstable();
    ids
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs_of(pairs).into_iter().collect()
}

fn pairs_of(pairs: &[(&str, &str)]) -> Vec<(TagName, TagValue)> {
    let pair =
        |(name, value): &(&str, &str)| (name.parse().expect("a name"), value.parse().expect("a value"));
    pairs.iter().map(pair).collect()
}
