//! Random histories against a store in memory: the store does what the model does, and a snapshot of any moment that
//! follows the changes ends where a fresh load ends.

use std::collections::BTreeMap;

use mintgate_apikey::KeyFingerprint;
use mintgate_types::{ConsumerId, Entropy as _, KeyId, Revision, SeededEntropy};
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    consumers::rename,
    load::loaded,
    sample::{Sample, at, bucket, by, relabel, revocation},
};
use crate::{
    Conflict, Consumer, ConsumerChange, ConsumerState, Key, KeyFormat, KeyRoll, KeyState, NewConsumer,
    NewKey, Store, StoreError,
};

/// One change. The numbers choose among a few consumers, keys and names, so that histories meet each other.
#[derive(Debug, Clone)]
enum Step {
    CreateConsumer { consumer: u8, name: u8 },
    RenameConsumer { consumer: u8, name: u8 },
    DisableConsumer { consumer: u8 },
    DeleteConsumer { consumer: u8 },
    CreateKeys { consumer: u8, keys: Vec<u8> },
    RelabelKey { key: u8, label: u8 },
    RevokeKey { key: u8 },
    RollKeys { consumer: u8, successor: u8, replaces: Vec<u8>, until: u8 },
}

pub async fn changes_from_any_revision_lead_to_what_a_load_gives<Guard>(
    empty_store: impl AsyncFn() -> (Box<dyn Store>, Guard),
) {
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    for _ in 0..CASES {
        let mut tree = (vec(step(), 1..40), 1_u32..6).new_tree(&mut runner).expect("nothing is filtered");
        let Err(mut failure) = run(&empty_store, tree.current()).await else {
            continue;
        };
        // Smaller histories that fail too are easier to read.
        while tree.simplify() {
            match run(&empty_store, tree.current()).await {
                Err(smaller) => failure = smaller,
                Ok(()) if tree.complicate() => {}
                Ok(()) => break,
            }
        }
        panic!("{failure}");
    }
}

async fn run<Guard>(
    empty_store: &impl AsyncFn() -> (Box<dyn Store>, Guard),
    (steps, limit): (Vec<Step>, u32),
) -> Result<(), String> {
    let (store, _guard) = empty_store().await;
    bucket(&*store, "main").await;
    let mut model = Model { consumers: BTreeMap::new(), keys: BTreeMap::new(), revision: Revision(1) };
    let mut moments = vec![(Revision::ZERO, Snapshot::default())];
    for (position, step) in steps.iter().enumerate() {
        let mut next = model.clone();
        next.revision.0 += 1;
        let expected = next.apply(step);
        let actual = apply(&*store, step).await;
        // Where a change contradicts more than one thing, a store may name either.
        if actual.ok() != expected.ok() {
            return Err(format!("{steps:#?}\nstep {position}: {actual:?}, and not {expected:?}"));
        }
        if expected == Ok(true) {
            model = next;
            moments.push((model.revision, model.snapshot()));
        }
    }
    let load = loaded(&*store).await;
    let fresh = Snapshot::of(load.consumers, load.keys);
    if (load.revision, &fresh) != (model.revision, &model.snapshot()) {
        return Err(format!("{steps:#?}\nloaded {fresh:#?}\nexpected {:#?}", model.snapshot()));
    }
    for (since, mut snapshot) in moments {
        let reached = snapshot.follow(&*store, since, limit).await;
        if (reached, &snapshot) != (model.revision, &fresh) {
            return Err(format!("{steps:#?}\nfrom {since}: {snapshot:#?}\nexpected {fresh:#?}"));
        }
    }
    Ok(())
}

/// What a node keeps.
#[derive(Debug, Clone, Default, PartialEq)]
struct Snapshot {
    consumers: BTreeMap<ConsumerId, Consumer>,
    keys: BTreeMap<[u8; 32], Key>,
}

impl Snapshot {
    fn of(consumers: impl IntoIterator<Item = Consumer>, keys: impl IntoIterator<Item = Key>) -> Self {
        let mut snapshot = Self::default();
        snapshot.put(consumers, keys);
        snapshot
    }

    fn put(&mut self, consumers: impl IntoIterator<Item = Consumer>, keys: impl IntoIterator<Item = Key>) {
        self.consumers.extend(consumers.into_iter().map(|consumer| (consumer.id, consumer)));
        for key in keys {
            if matches!(key.state, KeyState::Revoked { .. }) {
                self.keys.remove(key.fingerprint.as_bytes());
            } else {
                self.keys.insert(*key.fingerprint.as_bytes(), key);
            }
        }
    }

    /// Applies every change set twice, which must be the same as once.
    async fn follow(&mut self, store: &dyn Store, mut since: Revision, limit: u32) -> Revision {
        loop {
            let set = store.changes_since(since, limit).await.expect("reads");
            for _ in 0..2 {
                self.consumers.retain(|id, _| !set.removed_consumers.contains(id));
                self.keys.retain(|_, key| !set.removed_keys.contains(&key.fingerprint));
                self.put(set.consumers.clone(), set.keys.clone());
            }
            since = set.up_to;
            if !set.more {
                return since;
            }
        }
    }
}

/// A store without a disk.
#[derive(Debug, Clone)]
struct Model {
    consumers: BTreeMap<ConsumerId, Consumer>,
    keys: BTreeMap<KeyId, Key>,
    revision: Revision,
}

impl Model {
    fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.consumers.values().cloned(), self.keys.values().cloned())
    }

    /// Whether anything changed, or why it may not.
    fn apply(&mut self, step: &Step) -> Result<bool, Conflict> {
        match step {
            Step::CreateConsumer { consumer, name } => self.create_consumer(new_consumer(*consumer, *name)),
            Step::RenameConsumer { consumer, name } => self.rename(*consumer, *name),
            Step::DisableConsumer { consumer } => {
                let revision = self.revision;
                Ok(self.consumers.get_mut(&consumer_id(*consumer)).is_some_and(|consumer| {
                    let changed = consumer.state == ConsumerState::Active;
                    consumer.state = ConsumerState::Disabled { since: at(5) };
                    consumer.revision = if changed { revision } else { consumer.revision };
                    changed
                }))
            }
            Step::DeleteConsumer { consumer } => {
                let id = consumer_id(*consumer);
                self.keys.retain(|_, key| key.consumer != id);
                Ok(self.consumers.remove(&id).is_some())
            }
            Step::CreateKeys { consumer, keys } => {
                keys.iter().try_for_each(|key| self.create_key(new_key(*key, *consumer)))?;
                Ok(!keys.is_empty())
            }
            Step::RelabelKey { key, label } => self.change_key(key_id(*key), |key| {
                key.label = label_of(*label).parse().expect("a label");
                Ok(())
            }),
            Step::RevokeKey { key } => {
                let revoked = KeyState::Revoked { at: at(9), reason: None };
                match self.change_key(key_id(*key), |key| {
                    key.state = revoked;
                    Ok(())
                }) {
                    Err(Conflict::KeyRevoked) => Ok(false),
                    other => other,
                }
            }
            Step::RollKeys { consumer, successor, replaces, until } => {
                replaces.iter().try_for_each(|key| self.roll(*key, *consumer, *successor, *until))?;
                self.create_key(new_key(*successor, *consumer)).map(|()| true)
            }
        }
    }

    fn create_consumer(&mut self, new: NewConsumer) -> Result<bool, Conflict> {
        let taken = |other: &Consumer| other.id == new.id || other.name == new.name;
        if self.consumers.values().any(taken) {
            return Err(Conflict::ConsumerExists);
        }
        let consumer = Consumer {
            id: new.id,
            bucket: new.bucket,
            name: new.name,
            subject: new.subject,
            metadata: new.metadata,
            tags: new.tags,
            managers: new.managers,
            state: ConsumerState::Active,
            created: new.created,
            last_used: None,
            revision: self.revision,
        };
        self.consumers.insert(consumer.id, consumer);
        Ok(true)
    }

    fn rename(&mut self, consumer: u8, name: u8) -> Result<bool, Conflict> {
        let name = name_of(name).parse().expect("a consumer name");
        let holder = self.consumers.values().find(|other| other.name == name).map(|other| other.id);
        match (self.consumers.get_mut(&consumer_id(consumer)), holder) {
            (None, _) => Ok(false),
            (Some(consumer), Some(holder)) if holder == consumer.id => Ok(false),
            (Some(_), Some(_)) => Err(Conflict::ConsumerExists),
            (Some(consumer), None) => {
                (consumer.name, consumer.revision) = (name, self.revision);
                Ok(true)
            }
        }
    }

    fn create_key(&mut self, new: NewKey) -> Result<(), Conflict> {
        if !self.consumers.contains_key(&new.consumer) {
            return Err(Conflict::NoParent);
        }
        if self.keys.contains_key(&new.id) {
            return Err(Conflict::KeyExists);
        }
        let key = Key {
            id: new.id,
            consumer: new.consumer,
            fingerprint: new.fingerprint,
            format: new.format,
            label: new.label,
            scopes: new.scopes,
            created: new.created,
            expires: new.expires,
            first_used: None,
            last_used: None,
            state: KeyState::Active,
            revision: self.revision,
        };
        self.keys.insert(key.id, key);
        Ok(())
    }

    fn change_key(
        &mut self,
        id: KeyId,
        change: impl FnOnce(&mut Key) -> Result<(), Conflict>,
    ) -> Result<bool, Conflict> {
        let Some(key) = self.keys.get_mut(&id) else {
            return Ok(false);
        };
        if matches!(key.state, KeyState::Revoked { .. }) {
            return Err(Conflict::KeyRevoked);
        }
        let before = key.clone();
        change(key)?;
        let changed = *key != before;
        key.revision = if changed { self.revision } else { before.revision };
        Ok(changed)
    }

    fn roll(&mut self, key: u8, consumer: u8, successor: u8, until: u8) -> Result<(), Conflict> {
        let until = at(u64::from(until));
        let state = KeyState::Rolled { at: at(2), until, successor: key_id(successor) };
        let known = self.keys.get(&key_id(key)).is_some_and(|key| key.consumer == consumer_id(consumer));
        if !known {
            return Err(Conflict::NoParent);
        }
        let change = |key: &mut Key| {
            let ends_earlier =
                matches!(&key.state, KeyState::Rolled { until: earlier, .. } if *earlier <= until);
            key.state = if ends_earlier { key.state.clone() } else { state };
            Ok(())
        };
        self.change_key(key_id(key), change).map(drop)
    }
}

/// Does it for real; whether anything changed, or why it may not.
async fn apply(store: &dyn Store, step: &Step) -> Result<bool, Conflict> {
    let before = store.revision().await.expect("reads");
    let outcome = match step.clone() {
        Step::CreateConsumer { consumer, name } => {
            store.create_consumer(new_consumer(consumer, name), by()).await.map(drop)
        }
        Step::RenameConsumer { consumer, name } => {
            store.update_consumer(consumer_id(consumer), rename(&name_of(name)), None, by()).await.map(drop)
        }
        Step::DisableConsumer { consumer } => {
            let current = store.consumer(consumer_id(consumer)).await.expect("reads");
            let state =
                current.map(|consumer| consumer.state).filter(|state| *state != ConsumerState::Active);
            let state = state.unwrap_or(ConsumerState::Disabled { since: at(5) });
            let change = ConsumerChange { state: Some(state), ..ConsumerChange::default() };
            store.update_consumer(consumer_id(consumer), change, None, by()).await.map(drop)
        }
        Step::DeleteConsumer { consumer } => {
            store.delete_consumer(consumer_id(consumer), None, by()).await.map(drop)
        }
        Step::CreateKeys { consumer, keys } => store
            .create_keys(keys.into_iter().map(|key| new_key(key, consumer)).collect(), by())
            .await
            .map(drop),
        Step::RelabelKey { key, label } => {
            store.update_key(key_id(key), relabel(&label_of(label)), None, by()).await.map(drop)
        }
        Step::RevokeKey { key } => store.revoke_key(key_id(key), revocation(9, None), by()).await.map(drop),
        Step::RollKeys { consumer, successor, replaces, until } => {
            let replaces = replaces.into_iter().map(key_id).collect();
            let successor = new_key(successor, consumer);
            store
                .roll_keys(KeyRoll { successor, replaces, until: at(until.into()), expected: None }, by())
                .await
                .map(drop)
        }
    };
    let after = store.revision().await.expect("reads");
    match outcome {
        Ok(()) => Ok(after != before),
        Err(StoreError::Conflict(conflict)) => Err(conflict),
        Err(other) => panic!("{other:?}"),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let (consumer, name, key) = (0..3_u8, 0..3_u8, 0..8_u8);
    prop_oneof![
        3 => (consumer.clone(), name.clone()).prop_map(|(consumer, name)| Step::CreateConsumer { consumer, name }),
        1 => (consumer.clone(), name).prop_map(|(consumer, name)| Step::RenameConsumer { consumer, name }),
        1 => consumer.clone().prop_map(|consumer| Step::DisableConsumer { consumer }),
        2 => consumer.clone().prop_map(|consumer| Step::DeleteConsumer { consumer }),
        5 => (consumer.clone(), vec(key.clone(), 0..4)).prop_map(|(consumer, keys)| Step::CreateKeys { consumer, keys }),
        2 => (key.clone(), 0..3_u8).prop_map(|(key, label)| Step::RelabelKey { key, label }),
        2 => key.clone().prop_map(|key| Step::RevokeKey { key }),
        4 => (consumer, key.clone(), vec(key, 0..3), 50..60_u8).prop_map(|(consumer, successor, replaces, until)| {
            Step::RollKeys { consumer, successor, replaces, until }
        }),
    ]
}

fn consumer_id(number: u8) -> ConsumerId {
    ConsumerId::generate(&SeededEntropy::new(number.into()))
}

fn key_id(number: u8) -> KeyId {
    KeyId::generate(&SeededEntropy::new(number.into()))
}

fn name_of(number: u8) -> String {
    format!("name-{number}")
}

fn label_of(number: u8) -> String {
    format!("label {number}")
}

fn new_consumer(number: u8, name: u8) -> NewConsumer {
    NewConsumer { id: consumer_id(number), ..Sample::new().consumer("main", &name_of(name)) }
}

fn new_key(number: u8, consumer: u8) -> NewKey {
    let mut fingerprint = [0; 32];
    SeededEntropy::new(number.into()).fill(&mut fingerprint);
    NewKey {
        id: key_id(number),
        consumer: consumer_id(consumer),
        fingerprint: KeyFingerprint::from(fingerprint),
        format: KeyFormat::Native,
        label: label_of(0).parse().expect("a label"),
        scopes: mintgate_types::ScopeSet::none(),
        created: at(2),
        expires: None,
    }
}

/// Enough to meet every pair of steps; each costs a store.
const CASES: usize = 24;
