//! Promises of importing, and of finding keys by what they are.

use mintgate_types::{ConsumerName, Revision};

use super::sample::{Sample, bucket, by, consumer, key, revoke};
use crate::{
    Conflict, ConsumerFilter, NewConsumer, NewKey, Store, StoreError, conformance::sample::first_page,
};

pub async fn an_import_makes_consumers_and_keys_under_one_revision(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let bob = sample.consumer(alice.bucket.as_str(), "bob");
    let bobs: Vec<_> = (0..1100).map(|_| NewKey { consumer: bob.id, ..sample.key(&alice) }).collect();
    let hers = sample.key(&alice);
    let keys = [bobs.clone(), vec![hers.clone()]].concat();
    let revision = store.import(vec![bob.clone()], keys, by()).await.expect("all free");
    assert_eq!(revision, Revision(alice.revision.0 + 1));
    assert_eq!(store.revision().await.expect("reads"), revision);
    let made = store.consumer(bob.id).await.expect("reads").expect("is there");
    assert_eq!((made.name, made.revision), (bob.name, revision));
    assert_eq!(store.count_keys().await.expect("reads"), (1101, 1101));
    for new in [&bobs[0], &bobs[1099], &hers] {
        let made = store.key(new.id).await.expect("reads").expect("is there");
        assert_eq!((made.consumer, made.revision), (new.consumer, revision));
    }
    let told = store.changes_since(alice.revision, 10_000).await.expect("reads");
    assert_eq!((told.consumers.len(), told.keys.len(), told.more), (1, 1101, false));
}

pub async fn an_import_that_fails_does_nothing(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let taken = key(store, &sample, &alice).await;
    let bob = sample.consumer(alice.bucket.as_str(), "bob");
    let bobs = || NewKey { consumer: bob.id, ..sample.key(&alice) };
    let twin = NewKey { fingerprint: taken.fingerprint, ..bobs() };
    let orphan = NewKey { consumer: sample.unknown_consumer(), ..bobs() };
    let namesake = NewConsumer { id: sample.unknown_consumer(), ..bob.clone() };
    let homeless = sample.consumer("nowhere", "carol");
    for (consumers, keys, conflict) in [
        (vec![bob.clone()], vec![bobs(), twin], Conflict::KeyExists),
        (vec![bob.clone()], vec![bobs(), orphan], Conflict::NoParent),
        (vec![bob.clone(), namesake], vec![bobs()], Conflict::ConsumerExists),
        (vec![bob.clone(), homeless], vec![bobs()], Conflict::NoParent),
    ] {
        let refused = store.import(consumers, keys, by()).await.expect_err("one of them cannot be");
        assert!(matches!(&refused, StoreError::Conflict(told) if *told == conflict), "{refused:?}");
        assert_eq!(store.count_keys().await.expect("reads"), (1, 1));
        let page = store.consumers(&ConsumerFilter::default(), first_page(10)).await.expect("reads");
        assert_eq!(page.items.len(), 1);
        assert_eq!(store.revision().await.expect("reads"), taken.revision);
    }
}

pub async fn importing_nothing_takes_no_revision(store: &dyn Store) {
    bucket(store, "production").await;
    let before = store.revision().await.expect("reads");
    assert_eq!(store.import(Vec::new(), Vec::new(), by()).await.expect("nothing to do"), before);
    assert_eq!(store.revision().await.expect("reads"), before);
}

pub async fn keys_are_found_by_fingerprint_in_the_order_asked(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let many: Vec<_> = (0..1203).map(|_| sample.key(&alice)).collect();
    store.create_keys(many.clone(), by()).await.expect("all free");
    let revoked = key(store, &sample, &alice).await;
    revoke(store, &revoked).await;
    let unknown = sample.key(&alice);
    let mut asked = vec![unknown.fingerprint, revoked.fingerprint];
    let mut expected = vec![None, Some((revoked.id, alice.id))];
    for new in many.iter().rev() {
        asked.push(new.fingerprint);
        expected.push(Some((new.id, alice.id)));
    }
    asked.push(revoked.fingerprint);
    expected.push(Some((revoked.id, alice.id)));
    assert_eq!(store.find_keys(&asked).await.expect("reads"), expected);
    assert_eq!(store.find_keys(&[]).await.expect("reads"), []);
}

pub async fn consumers_are_found_by_name_in_the_order_asked(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    bucket(store, "another").await;
    let other = sample.consumer("another", "bob");
    let other = store.create_consumer(other, by()).await.expect("name and id are free");
    let unknown: ConsumerName = "nobody".parse().expect("a name");
    let mut asked = vec![unknown.clone(); 1203];
    asked.push(alice.name.clone());
    asked.push(other.name.clone());
    asked.push(alice.name.clone());
    let found = store.find_consumers(&alice.bucket, &asked).await.expect("reads");
    assert!(found[..1203].iter().all(Option::is_none));
    assert_eq!(found[1203..], [Some(alice.id), None, Some(alice.id)]);
    assert_eq!(store.find_consumers(&other.bucket, &[other.name]).await.expect("reads"), [Some(other.id)]);
    assert_eq!(store.find_consumers(&other.bucket, &[]).await.expect("reads"), []);
}
