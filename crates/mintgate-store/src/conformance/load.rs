//! Promises of [`Changes::load`](crate::Changes::load).

use std::collections::HashSet;

use mintgate_types::Revision;

use super::{
    sample::{Sample, another_consumer, at, by, consumer, key, relabel, revoke},
    usage::{add, used as used_at},
};
use crate::{Consumer, ConsumerChange, ConsumerState, Key, Loaded, Store};

pub async fn an_empty_store_loads_as_nothing(store: &dyn Store) {
    let load = loaded(store).await;
    assert_eq!((load.consumers.len(), load.keys.len(), load.revision), (0, 0, Revision::ZERO));
}

pub async fn consumers_are_loaded_before_keys(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    key(store, &sample, &alice).await;
    let bob = another_consumer(store, &sample, "bob").await;
    key(store, &sample, &bob).await;
    let mut order = String::new();
    let mut visit = |met: Loaded| {
        order.push(match met {
            Loaded::Consumer(_) => 'c',
            Loaded::Key(_) => 'k',
        });
    };
    store.load(&mut visit).await.expect("reads");
    assert_eq!(order, "cckk");
}

pub async fn everything_live_is_loaded_as_it_is(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let bob = another_consumer(store, &sample, "bob").await;
    let disabled =
        ConsumerChange { state: Some(ConsumerState::Disabled { since: at(8) }), ..ConsumerChange::default() };
    let bob = store.update_consumer(bob.id, disabled, None, by()).await.expect("works").expect("is there");
    let used = key(store, &sample, &alice).await;
    add(store, &[used_at(&used, 77, [1, 0, 0, 0], 0)]).await;
    let used =
        store.update_key(used.id, relabel("ключ"), None, by()).await.expect("works").expect("is there");
    let of_bob = key(store, &sample, &bob).await;
    let rolled = store.roll_keys(sample.roll(&alice, &[&used], at(600)), by()).await.expect("works");
    revoke(store, &key(store, &sample, &alice).await).await;
    let mut load = loaded(store).await;
    assert_eq!(load.revision, store.revision().await.expect("reads"));
    let mut expected = [rolled.replaced[0].clone(), rolled.successor, of_bob];
    expected.sort_by_key(|key| key.id);
    load.keys.sort_by_key(|key| key.id);
    assert_eq!(load.keys, expected);
    load.consumers.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(load.consumers, [alice, bob]);
}

pub async fn a_load_is_one_moment_while_others_write(store: &dyn Store) {
    let sample = Sample::new();
    consumer(store, &sample).await;
    let writing = async {
        for number in 0..60 {
            let holder = another_consumer(store, &sample, &format!("c{number}")).await;
            store.create_keys((0..3).map(|_| sample.key(&holder)).collect(), by()).await.expect("free");
            if number % 3 == 0 {
                store.delete_consumer(holder.id, None, by()).await.expect("works").expect("is there");
            }
        }
    };
    let loading = async {
        for _ in 0..20 {
            let load = loaded(store).await;
            let holders: HashSet<_> = load.consumers.iter().map(|consumer| consumer.id).collect();
            assert!(
                load.keys.iter().all(|key| holders.contains(&key.consumer)),
                "no key without its consumer"
            );
            assert!(load.keys.len().is_multiple_of(3), "no transaction in parts");
            let revisions = load.keys.iter().map(|key| key.revision);
            let last = revisions.chain(load.consumers.iter().map(|consumer| consumer.revision)).max();
            assert!(last.is_none_or(|last| last <= load.revision), "nothing from after that moment");
        }
    };
    futures_util::future::join(writing, loading).await;
}

/// What a load met.
pub(super) struct Load {
    pub(super) consumers: Vec<Consumer>,
    pub(super) keys: Vec<Key>,
    pub(super) revision: Revision,
}

pub(super) async fn loaded(store: &dyn Store) -> Load {
    let (mut consumers, mut keys) = (Vec::new(), Vec::new());
    let mut visit = |met: Loaded| match met {
        Loaded::Consumer(consumer) => consumers.push(consumer),
        Loaded::Key(key) => keys.push(key),
    };
    let revision = store.load(&mut visit).await.expect("reads");
    Load { consumers, keys, revision }
}
