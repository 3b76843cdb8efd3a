//! Promises of [`SigningKeys`](crate::SigningKeys).

use mintgate_types::{Kid, Revision, SigningKeyState};
use serde_json::json;

use super::sample::{Sample, at, by, consumer};
use crate::{Conflict, SealedPrivateKey, SigningKeyRecord, Store, StoreError};

pub async fn a_new_store_has_no_signing_keys(store: &dyn Store) {
    let (keys, revision) = store.signing_keys().await.expect("reads");
    assert_eq!((keys.len(), revision), (0, Revision::ZERO));
    let nothing = store.change_signing_keys(Vec::new(), Vec::new(), Revision::ZERO, None, by()).await;
    assert_eq!(nothing.expect("nothing to do"), Revision::ZERO);
}

pub async fn signing_keys_come_back_oldest_first(store: &dyn Store) {
    let (young, old) = (record("a", 9), record("z/ü", 5));
    let add = vec![young.clone(), old.clone()];
    let revision =
        store.change_signing_keys(add, Vec::new(), Revision::ZERO, None, by()).await.expect("works");
    assert_eq!(revision, Revision(1));
    let (keys, last) = store.signing_keys().await.expect("reads");
    assert_eq!(last, revision);
    assert_eq!(plain(&keys), plain(&[old, young]));
}

pub async fn a_signing_key_moves_through_its_states(store: &dyn Store) {
    let kid = record("k", 1).kid;
    let mut revision = store
        .change_signing_keys(vec![record("k", 1), record("other", 2)], Vec::new(), Revision::ZERO, None, by())
        .await
        .expect("works");
    for state in [
        SigningKeyState::Active { since: at(2) },
        SigningKeyState::Retiring { since: at(3), until: at(4) },
        SigningKeyState::Retired { at: at(5) },
        SigningKeyState::Published { since: at(6) },
    ] {
        let next =
            store.change_signing_keys(Vec::new(), vec![(kid.clone(), state)], revision, None, by()).await;
        revision = next.expect("nobody else changed anything");
        let (keys, last) = store.signing_keys().await.expect("reads");
        let expected = SigningKeyRecord { state, ..record("k", 1) };
        assert_eq!((plain(&keys), last), (plain(&[expected, record("other", 2)]), revision));
    }
}

pub async fn a_stale_change_of_signing_keys_does_nothing(store: &dyn Store) {
    let first = store.change_signing_keys(vec![record("a", 1)], Vec::new(), Revision::ZERO, None, by()).await;
    let first = first.expect("works");
    for expected in [Revision::ZERO, Revision(first.0 + 1)] {
        let states = vec![(record("a", 1).kid, SigningKeyState::Retired { at: at(8) })];
        let refused = store
            .change_signing_keys(vec![record("b", 2)], states, expected, None, by())
            .await
            .expect_err("that is not its revision");
        let stale = Conflict::Stale { expected, actual: first };
        assert!(matches!(&refused, StoreError::Conflict(told) if *told == stale), "{refused:?}");
    }
    let (keys, last) = store.signing_keys().await.expect("reads");
    assert_eq!((plain(&keys), last), (plain(&[record("a", 1)]), first));
}

pub async fn a_change_of_signing_keys_that_fails_does_nothing(store: &dyn Store) {
    let first = store.change_signing_keys(vec![record("a", 1)], Vec::new(), Revision::ZERO, None, by()).await;
    let first = first.expect("works");
    let retire = |kid: &str| (kid.parse::<Kid>().expect("a kid"), SigningKeyState::Retired { at: at(8) });
    for (add, states, conflict) in [
        (vec![record("b", 2), record("a", 3)], vec![retire("a")], Conflict::KeyExists),
        (vec![record("b", 2)], vec![retire("a"), retire("nobody")], Conflict::NoParent),
    ] {
        let refused =
            store.change_signing_keys(add, states, first, None, by()).await.expect_err("it cannot be");
        assert!(matches!(&refused, StoreError::Conflict(told) if *told == conflict), "{refused:?}");
        let (keys, last) = store.signing_keys().await.expect("reads");
        assert_eq!((plain(&keys), last), (plain(&[record("a", 1)]), first));
    }
}

pub async fn other_changes_do_not_make_it_stale(store: &dyn Store) {
    let first = store.change_signing_keys(vec![record("a", 1)], Vec::new(), Revision::ZERO, None, by()).await;
    let first = first.expect("works");
    consumer(store, &Sample::new()).await;
    let (_, last) = store.signing_keys().await.expect("reads");
    assert_eq!(last, first, "of signing keys, not of the store");
    let second = store
        .change_signing_keys(vec![record("b", 2)], Vec::new(), first, None, by())
        .await
        .expect("not stale");
    assert_eq!(second, Revision(first.0 + 3));
}

pub(super) fn record(kid: &str, created: u64) -> SigningKeyRecord {
    SigningKeyRecord {
        kid: kid.parse().expect("a kid"),
        algorithm: "ES256".to_owned(),
        public_jwk: json!({"kty": "EC", "crv": "P-256", "x": kid, "y": "ü"}),
        private: SealedPrivateKey((0..=255).collect()),
        created: at(created),
        state: SigningKeyState::Published { since: at(created) },
    }
}

/// All fields in a form that compares.
fn plain(records: &[SigningKeyRecord]) -> Vec<impl PartialEq + std::fmt::Debug + use<>> {
    let plain = |record: &SigningKeyRecord| {
        (
            record.kid.clone(),
            record.algorithm.clone(),
            record.public_jwk.clone(),
            record.private.0.clone(),
            record.created,
            record.state,
        )
    };
    records.iter().map(plain).collect()
}
