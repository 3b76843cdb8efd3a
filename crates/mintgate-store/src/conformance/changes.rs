//! Promises of [`Changes`](crate::Changes), but for the load.

use mintgate_types::Revision;

use super::{
    consumers::rename,
    load::loaded,
    sample::{Sample, another_consumer, at, bucket, by, consumer, key, relabel, revocation, revoke},
    signing_keys::record,
};
use crate::{ChangeSet, NewConsumer, Store};

pub async fn every_change_takes_the_next_revision(store: &dyn Store) {
    let sample = Sample::new();
    assert_eq!(store.revision().await.expect("reads"), Revision::ZERO);
    let alice = consumer(store, &sample).await;
    assert_eq!(alice.revision, Revision(2), "after the bucket");
    let held = key(store, &sample, &alice).await;
    assert_eq!(held.revision, Revision(3));
    let changed =
        store.update_key(held.id, relabel("x"), None, by()).await.expect("works").expect("is there");
    assert_eq!(changed.revision, Revision(4));
    let changed = store.update_consumer(alice.id, rename("bob"), None, by()).await.expect("works");
    assert_eq!(changed.expect("is there").revision, Revision(5));
    let rolled = store.roll_keys(sample.roll(&alice, &[&held], at(50)), by()).await.expect("works");
    assert_eq!(rolled.successor.revision, Revision(6));
    assert_eq!(revoke(store, &held).await.revision, Revision(7));
    assert_eq!(store.create_keys(vec![sample.key(&alice)], by()).await.expect("free"), Revision(8));
    let add = vec![record("a", 1)];
    let moved = store.change_signing_keys(add, Vec::new(), Revision::ZERO, None, by()).await.expect("works");
    assert_eq!(moved, Revision(9));
    store.delete_consumer(alice.id, None, by()).await.expect("works").expect("is there");
    assert_eq!(store.revision().await.expect("reads"), Revision(10));
}

pub async fn what_fails_takes_no_revision(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let twin = NewConsumer { id: alice.id, ..sample.consumer("main", "bob") };
    store.create_consumer(twin, by()).await.expect_err("the id is taken");
    store.create_consumer(sample.consumer("nowhere", "bob"), by()).await.expect_err("no such bucket");
    store.update_consumer(alice.id, rename("bob"), Some(Revision(1)), by()).await.expect_err("stale");
    assert_eq!(store.revision().await.expect("reads"), alice.revision);
    assert_eq!(another_consumer(store, &sample, "bob").await.revision, Revision(alice.revision.0 + 1));
}

pub async fn everything_changed_since_the_beginning(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    let set = changes(store, Revision::ZERO, 100).await;
    assert_eq!((set.up_to, set.more), (held.revision, false));
    assert_eq!((set.consumers, set.keys), (vec![alice], vec![held]));
    assert!(set.removed_consumers.is_empty() && set.removed_keys.is_empty());
}

pub async fn nothing_changed_since_now(store: &dyn Store) {
    let alice = consumer(store, &Sample::new()).await;
    assert_empty(&changes(store, alice.revision, 100).await, alice.revision);
}

pub async fn a_revision_from_the_future_is_answered_with_the_present(store: &dyn Store) {
    let alice = consumer(store, &Sample::new()).await;
    for since in [alice.revision.0 + 1, i64::MAX as u64, u64::MAX] {
        assert_empty(&changes(store, Revision(since), 100).await, alice.revision);
    }
}

pub async fn changes_come_in_whole_transactions(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let start = alice.revision;
    // Revisions of 1, 3, 2 and 1 rows.
    key(store, &sample, &alice).await;
    store.create_keys((0..3).map(|_| sample.key(&alice)).collect(), by()).await.expect("free");
    let bob = another_consumer(store, &sample, "bob").await;
    let of_bob = key(store, &sample, &bob).await;
    store.delete_consumer(bob.id, None, by()).await.expect("works").expect("is there");
    let last = key(store, &sample, &alice).await;
    // Bob and his key are gone: what is left of them is two tombstones in one revision.
    for (limit, expected) in [
        (1, vec![(1, 0, true), (3, 0, true), (0, 2, true), (1, 0, false)]),
        (2, vec![(1, 0, true), (3, 0, true), (0, 2, true), (1, 0, false)]),
        (3, vec![(1, 0, true), (3, 0, true), (1, 2, false)]),
        (4, vec![(4, 0, true), (1, 2, false)]),
        (6, vec![(4, 2, true), (1, 0, false)]),
        (7, vec![(5, 2, false)]),
        (1_000_000, vec![(5, 2, false)]),
        (u32::MAX, vec![(5, 2, false)]),
    ] {
        let mut since = start;
        let mut seen = Vec::new();
        loop {
            let set = changes(store, since, limit).await;
            let removed = set.removed_keys.len() + set.removed_consumers.len();
            seen.push((set.keys.len() + set.consumers.len(), removed, set.more));
            since = set.up_to;
            if !set.more {
                break;
            }
        }
        assert_eq!((seen, since), (expected, last.revision), "at most {limit} rows");
    }
    assert_ne!(of_bob.revision, last.revision);
}

pub async fn a_transaction_beyond_the_limit_comes_whole(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let keys = (0..700).map(|_| sample.key(&alice)).collect();
    let revision = store.create_keys(keys, by()).await.expect("free");
    for limit in [0, 1, 699] {
        let set = changes(store, alice.revision, limit).await;
        assert_eq!((set.keys.len(), set.up_to, set.more), (700, revision, false));
    }
}

pub async fn removals_are_told(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let (live, dead) = (key(store, &sample, &alice).await, key(store, &sample, &alice).await);
    let seen = revoke(store, &dead).await.revision;
    store.delete_consumer(alice.id, None, by()).await.expect("works").expect("is there");
    for since in [Revision::ZERO, seen] {
        let set = changes(store, since, 100).await;
        assert_eq!((set.consumers.len(), set.keys.len()), (0, 0), "what is gone is not listed");
        assert_eq!(set.removed_consumers, [alice.id]);
        assert_eq!(set.removed_keys.len(), 2);
        for gone in [&live, &dead] {
            assert!(set.removed_keys.contains(&gone.fingerprint));
        }
    }
    let now = store.revision().await.expect("reads");
    assert_empty(&changes(store, now, 100).await, now);
}

pub async fn what_was_removed_and_made_again_is_both(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    let (new, mut held) = (sample.consumer("main", "alice"), None);
    for round in 0..2 {
        let alice = store.create_consumer(new.clone(), by()).await.expect("free");
        let new_key = held.get_or_insert_with(|| sample.key(&alice)).clone();
        store.create_key(new_key, by()).await.expect("free");
        if round == 0 {
            store.delete_consumer(alice.id, None, by()).await.expect("works").expect("is there");
        }
    }
    let set = changes(store, Revision::ZERO, 100).await;
    assert_eq!((set.removed_consumers.len(), set.removed_keys.len()), (1, 1));
    assert_eq!((set.consumers.len(), set.keys.len()), (1, 1), "to be applied after the removals");
}

pub async fn a_revoked_key_is_told_and_not_loaded(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    let revoked = revoke(store, &held).await;
    let set = changes(store, held.revision, 100).await;
    assert_eq!(set.keys.first(), Some(&revoked));
    assert!(loaded(store).await.keys.is_empty());
    store.revoke_key(held.id, revocation(99, None), by()).await.expect("works").expect("is there");
    assert_empty(&changes(store, revoked.revision, 100).await, revoked.revision);
}

pub async fn only_signing_keys_raise_their_flag(store: &dyn Store) {
    let first = store.change_signing_keys(vec![record("a", 1)], Vec::new(), Revision::ZERO, None, by()).await;
    let first = first.expect("works");
    let alice = consumer(store, &Sample::new()).await;
    assert!(changes(store, Revision::ZERO, 100).await.signing_keys);
    assert!(!changes(store, first, 100).await.signing_keys);
    let states = vec![(record("a", 1).kid, mintgate_types::SigningKeyState::Retired { at: at(7) })];
    let moved = store.change_signing_keys(Vec::new(), states, first, None, by()).await.expect("works");
    let set = changes(store, alice.revision, 100).await;
    assert_eq!((set.signing_keys, set.up_to), (true, moved));
    assert!(!changes(store, moved, 100).await.signing_keys);
}

async fn changes(store: &dyn Store, since: Revision, limit: u32) -> ChangeSet {
    store.changes_since(since, limit).await.expect("reads")
}

fn assert_empty(set: &ChangeSet, up_to: Revision) {
    assert_eq!((set.up_to, set.more, set.signing_keys), (up_to, false, false));
    assert_eq!((set.consumers.len(), set.keys.len()), (0, 0));
    assert_eq!((set.removed_consumers.len(), set.removed_keys.len()), (0, 0));
}
