//! What holds when several callers change the store at once.

use std::{collections::HashSet, future::Future};

use futures_util::{FutureExt as _, future::join_all};
use mintgate_types::{Revision, SigningKeyState};

use super::{
    consumers::rename,
    load::loaded,
    sample::{Sample, at, bucket, by, consumer},
    signing_keys::record,
};
use crate::{Conflict, Store, StoreError};

pub async fn creations_at_once_each_take_a_revision_of_their_own(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let new: Vec<_> = (0..300).map(|_| sample.key(&alice)).collect();
    let made = join_all(new.into_iter().map(|new| store.create_key(new, by()))).await;
    let revisions: HashSet<_> = made.into_iter().map(|made| made.expect("free").revision.0).collect();
    let first = alice.revision.0 + 1;
    assert_eq!(revisions, (first..first + 300).collect());
    assert_eq!(loaded(store).await.keys.len(), 300);
}

pub async fn of_many_that_want_a_name_one_gets_it(store: &dyn Store) {
    let sample = Sample::new();
    bucket(store, "main").await;
    let wanted: Vec<_> = (0..50).map(|_| sample.consumer("main", "alice")).collect();
    let outcomes = join_all(wanted.into_iter().map(|new| store.create_consumer(new, by()))).await;
    one_wins(&outcomes, |conflict| conflict == Conflict::ConsumerExists);
    assert_eq!(store.revision().await.expect("reads"), Revision(2));
    let winner = outcomes.into_iter().find_map(Result::ok);
    assert_eq!(loaded(store).await.consumers.first(), winner.as_ref());
}

pub async fn of_many_updates_of_one_revision_one_wins(store: &dyn Store) {
    let alice = consumer(store, &Sample::new()).await;
    let update = async |number: u64| {
        store.update_consumer(alice.id, rename(&format!("name{number}")), Some(alice.revision), by()).await
    };
    let outcomes = join_all((0..50).map(update)).await;
    one_wins(&outcomes, |conflict| matches!(conflict, Conflict::Stale { .. }));
    let winner = outcomes.into_iter().find_map(Result::ok).expect("one won");
    assert_eq!(store.consumer(alice.id).await.expect("reads"), winner);
}

pub async fn of_many_rotations_one_wins(store: &dyn Store) {
    let revision =
        store.change_signing_keys(vec![record("old", 1)], Vec::new(), Revision::ZERO, None, by()).await;
    let revision = revision.expect("works");
    let rotate = async |number: u64| {
        let retire = (record("old", 1).kid, SigningKeyState::Retired { at: at(number) });
        store
            .change_signing_keys(
                vec![record(&format!("new{number}"), number)],
                vec![retire],
                revision,
                None,
                by(),
            )
            .await
    };
    let outcomes = join_all((2..22).map(rotate)).await;
    one_wins(&outcomes, |conflict| matches!(conflict, Conflict::Stale { .. }));
    assert_eq!(store.signing_keys().await.expect("reads").0.len(), 2);
}

pub async fn a_caller_that_goes_away_leaves_the_store_whole(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    for waits in 0..20 {
        let many = (0..20).map(|_| sample.key(&alice)).collect();
        abandon_after(store.create_keys(many, by()), waits).await;
        let several = join_all((0..5).map(|_| store.create_key(sample.key(&alice), by())));
        abandon_after(several, waits).await;
    }
    let key = store.create_key(sample.key(&alice), by()).await.expect("the store works on");
    let load = loaded(store).await;
    assert_eq!(load.revision, key.revision);
    assert_eq!(store.count_keys().await.expect("reads").0, load.keys.len() as u64);
    let mut by_revision = std::collections::HashMap::new();
    for key in &load.keys {
        *by_revision.entry(key.revision).or_insert(0) += 1;
    }
    assert!(by_revision.values().all(|rows| [1, 20].contains(rows)), "each is there whole or not at all");
}

/// Polls a few times, then drops it, wherever it has got to.
async fn abandon_after<T>(work: impl Future<Output = T>, polls: usize) {
    let mut work = Box::pin(work);
    for _ in 0..=polls {
        if (&mut work).now_or_never().is_some() {
            return;
        }
        give_way().await;
    }
}

/// Lets others run, without knowing the runtime.
async fn give_way() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn one_wins<T>(outcomes: &[Result<T, StoreError>], expected: impl Fn(Conflict) -> bool) {
    let mut winners = 0;
    for outcome in outcomes {
        match outcome {
            Ok(_) => winners += 1,
            Err(StoreError::Conflict(conflict)) => assert!(expected(*conflict), "{conflict:?}"),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(winners, 1);
}
