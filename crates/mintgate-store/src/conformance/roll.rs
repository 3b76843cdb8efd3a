//! Promises of rolling keys.

use mintgate_types::Revision;

use super::sample::{Sample, another_consumer, at, by, consumer, key, relabel, revoke};
use crate::{Conflict, Key, KeyRoll, KeyState, NewKey, Rolled, Store, StoreError};

pub async fn a_roll_makes_a_successor_and_ends_the_old_ones_later(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let (first, second) = (key(store, &sample, &alice).await, key(store, &sample, &alice).await);
    let roll = sample.roll(&alice, &[&first, &second, &first], at(600));
    let rolled = store.roll_keys(roll.clone(), by()).await.expect("works");
    let revision = Revision(second.revision.0 + 1);
    assert_eq!((rolled.successor.id, &rolled.successor.state), (roll.successor.id, &KeyState::Active));
    assert_eq!(rolled.successor.revision, revision, "one transaction, one revision");
    let state = KeyState::Rolled { at: at(3), until: at(600), successor: roll.successor.id };
    let expected: Vec<_> =
        [first, second].into_iter().map(|old| Key { state: state.clone(), revision, ..old }).collect();
    assert_eq!(rolled.replaced, expected, "each once, in the order in which they were named");
    for key in expected.iter().chain([&rolled.successor]) {
        assert_eq!(store.key(key.id).await.expect("reads").as_ref(), Some(key));
    }
    assert_eq!(rolled.replaced[0].ends(), Some(at(600)));
}

pub async fn a_key_that_was_rolled_keeps_the_earlier_end(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let old = key(store, &sample, &alice).await;
    let once = store.roll_keys(sample.roll(&alice, &[&old], at(500)), by()).await.expect("works");
    let later = store.roll_keys(sample.roll(&alice, &[&old], at(900)), by()).await.expect("works");
    assert_eq!(later.replaced, once.replaced, "it does not change, nor does its revision");
    let earlier = store.roll_keys(sample.roll(&alice, &[&old], at(100)), by()).await.expect("works");
    let state = KeyState::Rolled { at: at(3), until: at(100), successor: earlier.successor.id };
    assert_eq!(earlier.replaced[0].state, state);
}

pub async fn a_roll_that_replaces_nothing_creates_a_key(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let Rolled { successor, replaced } =
        store.roll_keys(sample.roll(&alice, &[], at(500)), by()).await.expect("works");
    assert!(replaced.is_empty());
    assert_eq!(store.key(successor.id).await.expect("reads"), Some(successor));
}

pub async fn a_roll_that_fails_does_nothing(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let bob = another_consumer(store, &sample, "bob").await;
    let good = key(store, &sample, &alice).await;
    let of_bob = key(store, &sample, &bob).await;
    let revoked = revoke(store, &key(store, &sample, &alice).await).await;
    let unknown = Key { id: sample.unknown_key(), ..good.clone() };
    let mut taken = sample.roll(&alice, &[&good], at(500));
    taken.successor.fingerprint = of_bob.fingerprint;
    let mut orphan = sample.roll(&alice, &[], at(500));
    orphan.successor = NewKey { consumer: sample.unknown_consumer(), ..orphan.successor };
    for (roll, conflict) in [
        (sample.roll(&alice, &[&good, &of_bob], at(500)), Conflict::NoParent),
        (sample.roll(&alice, &[&good, &unknown], at(500)), Conflict::NoParent),
        (sample.roll(&alice, &[&good, &revoked], at(500)), Conflict::KeyRevoked),
        (taken, Conflict::KeyExists),
        (orphan, Conflict::NoParent),
    ] {
        let successor = roll.successor.id;
        let refused = store.roll_keys(roll, by()).await.expect_err("something is wrong with it");
        assert!(matches!(&refused, StoreError::Conflict(told) if *told == conflict), "{refused:?}");
        assert_eq!(store.key(good.id).await.expect("reads").as_ref(), Some(&good));
        assert_eq!(store.key(successor).await.expect("reads"), None);
        assert_eq!(store.revision().await.expect("reads"), revoked.revision);
    }
}

pub async fn a_rolled_key_can_be_revoked_and_changed(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let old = key(store, &sample, &alice).await;
    let rolled = store.roll_keys(sample.roll(&alice, &[&old], at(500)), by()).await.expect("works");
    let changed =
        store.update_key(old.id, relabel("old"), None, by()).await.expect("works").expect("is there");
    assert_eq!((changed.label.as_str(), &changed.state), ("old", &rolled.replaced[0].state));
    let revoked = revoke(store, &old).await;
    assert_eq!((revoked.ends(), store.count_keys().await.expect("reads")), (Some(at(9)), (2, 1)));
}

pub async fn of_two_rolls_of_one_revision_one_wins(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let old = key(store, &sample, &alice).await;
    let roll = || KeyRoll { expected: Some(old.revision), ..sample.roll(&alice, &[&old], at(500)) };
    let done = store.roll_keys(roll(), by()).await.expect("it is as it was read");
    let before = store.revision().await.expect("reads");
    let refused = store.roll_keys(roll(), by()).await.expect_err("it was rolled meanwhile");
    let stale = Conflict::Stale { expected: old.revision, actual: done.replaced[0].revision };
    assert!(matches!(refused, StoreError::Conflict(conflict) if conflict == stale));
    assert_eq!(store.revision().await.expect("reads"), before);
}
