//! Promises of [`Bulk`](crate::Bulk), and of changing buckets.

use mintgate_types::Revision;

use super::sample::{Sample, at, bucket, by, consumer, key, revocation, revoke};
use crate::{Conflict, KeyState, NewHolder, NewKey, Store, StoreError};

pub async fn holders_are_made_with_their_keys_under_one_revision(store: &dyn Store) {
    let sample = Sample::new();
    let first = consumer(store, &sample).await;
    let before = store.revision().await.expect("reads");
    let new: Vec<NewHolder> =
        ["zoe", "bob", "carol"].into_iter().map(|name| holder(&sample, name, name != "bob")).collect();
    let made = store.create_holders(new.clone(), by()).await.expect("all are free");
    assert_eq!(store.revision().await.expect("reads"), Revision(before.0 + 1));
    for (new, made) in new.iter().zip(&made) {
        assert_eq!((made.consumer.id, made.consumer.revision), (new.consumer.id, Revision(before.0 + 1)));
        assert_eq!(store.consumer(made.consumer.id).await.expect("reads").as_ref(), Some(&made.consumer));
        assert_eq!(made.key.as_ref().map(|key| key.id), new.key.as_ref().map(|key| key.id));
        if let Some(key) = &made.key {
            assert_eq!(store.key(key.id).await.expect("reads").as_ref(), Some(key));
        }
    }
    assert_ne!(first.id, made[0].consumer.id);
    assert!(store.create_holders(vec![], by()).await.expect("nothing to do").is_empty());
    assert_eq!(store.revision().await.expect("reads"), Revision(before.0 + 1));
}

pub async fn holders_are_made_all_or_none(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    let before = store.revision().await.expect("reads");
    let twice = holder(&sample, "dave", true);
    let taken = NewHolder {
        key: twice.key.clone().map(|key| NewKey { fingerprint: held.fingerprint, ..key }),
        ..twice
    };
    for (bad, conflict) in
        [(holder(&sample, "alice", true), Conflict::ConsumerExists), (taken, Conflict::KeyExists)]
    {
        let good = holder(&sample, "bob", true);
        let id = good.consumer.id;
        let refused = store.create_holders(vec![good, bad], by()).await.expect_err("one is bad");
        assert!(matches!(refused, StoreError::Conflict(found) if found == conflict), "{refused:?}");
        assert_eq!(store.consumer(id).await.expect("reads"), None);
        assert_eq!(store.revision().await.expect("reads"), before);
    }
}

pub async fn many_keys_are_revoked_under_one_revision(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let (one, two, gone) = (
        key(store, &sample, &alice).await,
        key(store, &sample, &alice).await,
        key(store, &sample, &alice).await,
    );
    revoke(store, &gone).await;
    let before = store.revision().await.expect("reads");
    let ids = vec![one.id, gone.id, sample.unknown_key(), two.id];
    let ended = store.revoke_keys(ids.clone(), revocation(50, Some("leak")), by()).await.expect("works");
    assert_eq!(ended.iter().map(|key| key.id).collect::<Vec<_>>(), [one.id, two.id]);
    for key in &ended {
        assert!(matches!(&key.state, KeyState::Revoked { at: when, .. } if *when == at(50)));
        assert_eq!(
            (key.revision, store.key(key.id).await.expect("reads").as_ref()),
            (Revision(before.0 + 1), Some(key))
        );
    }
    assert!(store.revoke_keys(ids, revocation(60, None), by()).await.expect("works").is_empty());
    assert_eq!(store.revision().await.expect("reads"), Revision(before.0 + 1));
}

pub async fn a_bucket_gets_another_prefix(store: &dyn Store) {
    let name = bucket(store, "main").await;
    let seen = store.bucket(&name).await.expect("reads").expect("is there");
    let prefix = |text: &str| text.parse().expect("a prefix");
    let changed = store.update_bucket(&name, prefix("acme"), Some(seen.revision), by()).await;
    let changed = changed.expect("works").expect("is there");
    assert_eq!((changed.prefix.as_str(), changed.revision), ("acme", Revision(seen.revision.0 + 1)));
    assert_eq!(store.bucket(&name).await.expect("reads").as_ref(), Some(&changed));
    let stale =
        store.update_bucket(&name, prefix("x"), Some(seen.revision), by()).await.expect_err("it changed");
    assert!(matches!(stale, StoreError::Conflict(Conflict::Stale { .. })), "{stale:?}");
    let same = store.update_bucket(&name, prefix("acme"), None, by()).await.expect("works");
    assert_eq!(same.as_ref(), Some(&changed));
    let absent = "nowhere".parse().expect("a name");
    assert_eq!(store.update_bucket(&absent, prefix("x"), None, by()).await.expect("works"), None);
    assert_eq!(store.buckets().await.expect("whole"), [changed]);
}

pub async fn a_bucket_is_deleted_when_it_is_empty(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let refused = store.delete_bucket(&alice.bucket, None, by()).await.expect_err("somebody lives there");
    assert!(matches!(refused, StoreError::Conflict(Conflict::BucketNotEmpty)), "{refused:?}");
    store.delete_consumer(alice.id, None, by()).await.expect("works");
    let stale =
        store.delete_bucket(&alice.bucket, Some(Revision(999)), by()).await.expect_err("another revision");
    assert!(matches!(stale, StoreError::Conflict(Conflict::Stale { .. })), "{stale:?}");
    assert!(store.delete_bucket(&alice.bucket, None, by()).await.expect("works").is_some());
    assert!(store.buckets().await.expect("whole").is_empty());
    assert_eq!(store.delete_bucket(&alice.bucket, None, by()).await.expect("works"), None);
    bucket(store, alice.bucket.as_str()).await;
}

fn holder(sample: &Sample, name: &str, with_key: bool) -> NewHolder {
    let consumer = sample.consumer("main", name);
    let key = with_key.then(|| sample.key_of(consumer.id));
    NewHolder { consumer, key }
}
