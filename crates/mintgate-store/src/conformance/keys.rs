//! Promises of [`Keys`](crate::Keys), but for rolling.

use mintgate_apikey::KeyFingerprint;
use mintgate_types::{Revision, ScopeSet};

use super::sample::{
    Sample, another_consumer, at, by, consumer, first_page, key, relabel, revocation, revoke,
};
use crate::{
    Conflict, Key, KeyChange, KeyFilter, KeyFormat, KeyState, NewKey, PageRequest, Store, StoreError,
};

pub async fn a_key_comes_back_as_it_went_in(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let most: Vec<_> = (0..ScopeSet::MOST).map(|n| format!("s{n:0>127}").parse().expect("a scope")).collect();
    let new = NewKey {
        format: KeyFormat::Foreign,
        fingerprint: KeyFingerprint::from([0; 32]),
        label: "Rechnungsläufe 請求書 🚀 'quoted'".parse().expect("a label"),
        scopes: ScopeSet::new(most).expect("as many as are allowed"),
        created: at(4),
        expires: Some(at(5)),
        ..sample.key(&alice)
    };
    let made = store.create_key(new.clone(), by()).await.expect("free");
    let expected = Key {
        id: new.id,
        consumer: alice.id,
        fingerprint: new.fingerprint,
        format: new.format,
        label: new.label,
        scopes: new.scopes,
        created: new.created,
        expires: new.expires,
        first_used: None,
        last_used: None,
        state: KeyState::Active,
        revision: Revision(3),
    };
    assert_eq!(made, expected);
    assert_eq!(store.key(new.id).await.expect("reads"), Some(expected));
}

pub async fn a_key_needs_its_consumer(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let orphan = NewKey { consumer: sample.unknown_consumer(), ..sample.key(&alice) };
    let refused = store.create_key(orphan.clone(), by()).await.expect_err("no such consumer");
    assert!(matches!(refused, StoreError::Conflict(Conflict::NoParent)), "{refused:?}");
    let refused = store.create_keys(vec![orphan], by()).await.expect_err("no such consumer");
    assert!(matches!(refused, StoreError::Conflict(Conflict::NoParent)), "{refused:?}");
    assert_eq!(store.count_keys().await.expect("reads"), (0, 0));
}

pub async fn a_key_is_unique_by_id_and_by_fingerprint(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let first = key(store, &sample, &alice).await;
    revoke(store, &first).await;
    let same_id = NewKey { id: first.id, ..sample.key(&alice) };
    let same_fingerprint = NewKey { fingerprint: first.fingerprint, ..sample.key(&alice) };
    for twin in [same_id, same_fingerprint] {
        let refused = store.create_key(twin, by()).await.expect_err("it exists, even if revoked");
        assert!(matches!(refused, StoreError::Conflict(Conflict::KeyExists)), "{refused:?}");
    }
    assert_eq!(store.count_keys().await.expect("reads"), (1, 0));
}

pub async fn many_keys_are_created_under_one_revision(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let many: Vec<_> = (0..1203).map(|_| sample.key(&alice)).collect();
    let revision = store.create_keys(many.clone(), by()).await.expect("all free");
    assert_eq!(revision, Revision(alice.revision.0 + 1));
    assert_eq!(store.revision().await.expect("reads"), revision);
    assert_eq!(store.count_keys().await.expect("reads"), (1203, 1203));
    for new in [&many[0], &many[777], &many[1202]] {
        let made = store.key(new.id).await.expect("reads").expect("is there");
        assert_eq!((made.fingerprint, made.revision), (new.fingerprint, revision));
    }
}

pub async fn many_keys_are_created_all_or_none(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let taken = key(store, &sample, &alice).await;
    let twin = NewKey { fingerprint: taken.fingerprint, ..sample.key(&alice) };
    let orphan = NewKey { consumer: sample.unknown_consumer(), ..sample.key(&alice) };
    let doubled = sample.key(&alice);
    for (bad, conflict) in [
        (vec![twin], Conflict::KeyExists),
        (vec![orphan], Conflict::NoParent),
        (vec![doubled.clone(), doubled], Conflict::KeyExists),
    ] {
        let mut many: Vec<_> = (0..1100).map(|_| sample.key(&alice)).collect();
        many.splice(550..550, bad);
        let refused = store.create_keys(many, by()).await.expect_err("one of them cannot be");
        assert!(matches!(&refused, StoreError::Conflict(told) if *told == conflict), "{refused:?}");
        assert_eq!(store.count_keys().await.expect("reads"), (1, 1));
        assert_eq!(store.revision().await.expect("reads"), taken.revision);
    }
}

pub async fn creating_no_keys_takes_no_revision(store: &dyn Store) {
    let alice = consumer(store, &Sample::new()).await;
    assert_eq!(store.create_keys(Vec::new(), by()).await.expect("nothing to do"), alice.revision);
    assert_eq!(store.revision().await.expect("reads"), alice.revision);
}

pub async fn keys_come_in_pages_by_id(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let bob = another_consumer(store, &sample, "bob").await;
    let mut of_alice = Vec::new();
    let mut all = Vec::new();
    for round in 0..9 {
        let held = key(store, &sample, if round % 3 == 0 { &bob } else { &alice }).await;
        let held = if round % 4 == 0 { revoke(store, &held).await } else { held };
        if held.consumer == alice.id {
            of_alice.push(held.clone());
        }
        all.push(held);
    }
    for list in [&mut of_alice, &mut all] {
        list.sort_by_key(|key| key.id);
    }
    for limit in 1..=10 {
        assert_eq!(
            walk(store, &KeyFilter { consumer: Some(alice.id), ..KeyFilter::default() }, limit).await,
            of_alice
        );
        assert_eq!(walk(store, &KeyFilter::default(), limit).await, all);
    }
    let nobody = KeyFilter { consumer: Some(sample.unknown_consumer()), ..KeyFilter::default() };
    assert!(walk(store, &nobody, 3).await.is_empty());
}

pub async fn a_page_of_at_most_none_has_one(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    key(store, &sample, &alice).await;
    key(store, &sample, &alice).await;
    assert_eq!(walk(store, &KeyFilter::default(), 0).await.len(), 2, "or the walk would never end");
}

pub async fn a_key_update_changes_what_it_names_and_nothing_else(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let mut expected = key(store, &sample, &alice).await;
    let rescope = KeyChange { scopes: Some("a b".parse().expect("scopes")), ..KeyChange::default() };
    for change in [relabel("新しい"), rescope] {
        let before = expected.revision;
        expected.label = change.label.clone().unwrap_or(expected.label);
        expected.scopes = change.scopes.clone().unwrap_or(expected.scopes);
        expected.revision = Revision(before.0 + 1);
        let changed = store.update_key(expected.id, change, Some(before), by()).await.expect("works");
        assert_eq!(changed.as_ref(), Some(&expected));
        assert_eq!(store.key(expected.id).await.expect("reads").as_ref(), Some(&expected));
    }
}

pub async fn a_key_update_that_changes_nothing_takes_no_revision(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    for change in [KeyChange::default(), relabel("")] {
        let same = store.update_key(held.id, change, Some(held.revision), by()).await.expect("works");
        assert_eq!(same.as_ref(), Some(&held));
    }
    assert_eq!(store.revision().await.expect("reads"), held.revision);
}

pub async fn an_expiry_is_set_moved_and_removed(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    for wish in [Some(at(50)), Some(at(60)), None] {
        let change = KeyChange { expires: Some(wish), ..KeyChange::default() };
        let changed = store.update_key(held.id, change, None, by()).await.expect("works").expect("is there");
        assert_eq!((changed.expires, changed.ends()), (wish, wish));
        let same =
            store.update_key(held.id, relabel("x"), None, by()).await.expect("works").expect("is there");
        assert_eq!(same.expires, wish, "an update that does not name it leaves it");
    }
}

pub async fn a_stale_key_update_is_refused(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    let changed =
        store.update_key(held.id, relabel("x"), None, by()).await.expect("works").expect("is there");
    let refused =
        store.update_key(held.id, relabel("y"), Some(held.revision), by()).await.expect_err("it changed");
    let stale = Conflict::Stale { expected: held.revision, actual: changed.revision };
    assert!(matches!(&refused, StoreError::Conflict(conflict) if *conflict == stale), "{refused:?}");
    assert_eq!(store.key(held.id).await.expect("reads"), Some(changed));
}

pub async fn a_revoked_key_is_not_updated(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    let revoked = revoke(store, &held).await;
    for expected in [None, Some(held.revision), Some(revoked.revision)] {
        let refused =
            store.update_key(held.id, relabel("x"), expected, by()).await.expect_err("it is revoked");
        assert!(matches!(refused, StoreError::Conflict(Conflict::KeyRevoked)), "{refused:?}");
    }
    assert_eq!(store.key(held.id).await.expect("reads"), Some(revoked));
}

pub async fn an_absent_key_is_none(store: &dyn Store) {
    let id = Sample::new().unknown_key();
    assert_eq!(store.key(id).await.expect("reads"), None);
    assert_eq!(store.update_key(id, relabel("x"), Some(Revision(1)), by()).await.expect("works"), None);
    assert_eq!(store.revoke_key(id, revocation(1, None), by()).await.expect("works"), None);
    assert_eq!(store.revision().await.expect("reads"), Revision::ZERO);
}

pub async fn a_revoked_key_stays_and_says_when_and_why(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    for reason in [None, Some("auf GitHub verloren 🔑")] {
        let held = key(store, &sample, &alice).await;
        let revocation = revocation(70, reason);
        let expected = Key {
            state: KeyState::Revoked { at: at(70), reason: revocation.reason.clone() },
            revision: Revision(held.revision.0 + 1),
            ..held.clone()
        };
        let revoked = store.revoke_key(held.id, revocation, by()).await.expect("works");
        assert_eq!(revoked.as_ref(), Some(&expected));
        assert_eq!(store.key(held.id).await.expect("reads"), Some(expected));
    }
}

pub async fn revoking_a_revoked_key_changes_nothing(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let revoked = revoke(store, &key(store, &sample, &alice).await).await;
    let again = store.revoke_key(revoked.id, revocation(99, Some("again")), by()).await.expect("works");
    assert_eq!(again.as_ref(), Some(&revoked));
    assert_eq!(store.revision().await.expect("reads"), revoked.revision);
}

pub async fn keys_are_counted(store: &dyn Store) {
    assert_eq!(store.count_keys().await.expect("reads"), (0, 0));
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let first = key(store, &sample, &alice).await;
    let second = key(store, &sample, &alice).await;
    revoke(store, &second).await;
    store.roll_keys(sample.roll(&alice, &[&first], at(60)), by()).await.expect("works");
    assert_eq!(store.count_keys().await.expect("reads"), (3, 2), "a rolled key still works");
}

async fn walk(store: &dyn Store, filter: &KeyFilter, limit: u32) -> Vec<Key> {
    let mut seen = Vec::new();
    let mut page = store.keys(filter, first_page(limit)).await.expect("reads");
    loop {
        assert!(page.items.len() <= limit.max(1) as usize, "no more than asked for");
        seen.extend(page.items);
        let Some(after) = page.next else {
            return seen;
        };
        page = store.keys(filter, PageRequest { after: Some(after), limit }).await.expect("reads");
    }
}
