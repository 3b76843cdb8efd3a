use mintgate_store::{Bucket, KeyFormat, KeyState, Loaded, Metadata};
use mintgate_types::{Entropy, KeyId, Label, SeededEntropy, SignedDuration};

use super::*;

fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().expect("a time")
}

fn fingerprint(number: u64) -> KeyFingerprint {
    let mut bytes = [0; 32];
    SeededEntropy::new(number).fill(&mut bytes);
    KeyFingerprint::from(bytes)
}

fn consumer(number: u64) -> Consumer {
    let bucket = Bucket {
        name: "production".parse().expect("a name"),
        prefix: "mgk".parse().expect("a prefix"),
        created: now(),
        revision: Revision(1),
    };
    Consumer {
        id: ConsumerId::generate(&SeededEntropy::new(number)),
        bucket: bucket.name,
        name: format!("consumer-{number}").parse().expect("a name"),
        subject: format!("subject-{number}").parse().expect("a subject"),
        metadata: Metadata::default(),
        tags: BTreeMap::new(),
        managers: mintgate_types::Managers::none(),
        last_used: None,
        state: ConsumerState::Active,
        created: now(),
        revision: Revision(1),
    }
}

fn key(number: u64, consumer: &Consumer) -> Key {
    Key {
        id: KeyId::generate(&SeededEntropy::new(number)),
        consumer: consumer.id,
        fingerprint: fingerprint(number),
        format: KeyFormat::Native,
        label: "".parse::<Label>().expect("a label"),
        scopes: "a b".parse().expect("scopes"),
        created: now(),
        expires: None,
        first_used: None,
        last_used: None,
        state: KeyState::Active,
        revision: Revision(2),
    }
}

fn loaded(consumers: &[Consumer], keys: &[Key]) -> Snapshot {
    let snapshot = Snapshot::new(ClaimMapping::none());
    let mut loader = snapshot.loader();
    consumers.iter().cloned().for_each(|consumer| loader.take(Loaded::Consumer(consumer)));
    keys.iter().cloned().for_each(|key| loader.take(Loaded::Key(key)));
    loader.finish(Revision(2));
    snapshot
}

fn change(up_to: u64) -> ChangeSet {
    ChangeSet {
        up_to: Revision(up_to),
        more: false,
        consumers: Vec::new(),
        keys: Vec::new(),
        removed_consumers: Vec::new(),
        removed_keys: Vec::new(),
        signing_keys: false,
    }
}

#[test]
fn before_the_first_load_a_key_is_not_ready_rather_than_unknown() {
    let snapshot = Snapshot::new(ClaimMapping::none());
    assert_eq!(snapshot.find(&fingerprint(1), now()).err(), Some(KeyRefused::NotReady));
    snapshot.loader().finish(Revision(0));
    assert_eq!(snapshot.find(&fingerprint(1), now()).err(), Some(KeyRefused::Unknown));
}

#[test]
fn every_key_is_found_with_its_own_consumer() {
    let consumers: Vec<Consumer> = (0..100).map(consumer).collect();
    let keys: Vec<Key> =
        (0..5000).zip(consumers.iter().cycle()).map(|(n, consumer)| key(n, consumer)).collect();
    let snapshot = loaded(&consumers, &keys);
    for key in &keys {
        let caller = snapshot.find(&key.fingerprint, now()).expect("the key works");
        assert_eq!((caller.key(), caller.consumer()), (key.id, key.consumer));
    }
    assert_eq!(snapshot.size(), SnapshotSize { keys: 5000, consumers: 100 });
}

#[test]
fn a_revoked_key_is_refused_once_the_change_is_applied() {
    let (owner, other) = (consumer(1), consumer(2));
    let snapshot = loaded(&[owner.clone(), other.clone()], &[key(1, &owner), key(2, &other)]);
    let revoked = Key { state: KeyState::Revoked { at: now(), reason: None }, ..key(1, &owner) };
    snapshot.apply(ChangeSet { keys: vec![revoked.clone()], ..change(3) });
    assert_eq!(snapshot.find(&fingerprint(1), now()).err(), Some(KeyRefused::Revoked { key: revoked.id }));
    assert!(snapshot.find(&fingerprint(2), now()).is_ok());
    assert_eq!(snapshot.revision(), Revision(3));
}

#[test]
fn a_key_ends_at_its_expiry_and_at_the_end_of_its_grace() {
    let owner = consumer(1);
    let end = now() + SignedDuration::from_secs(60);
    let expiring = Key { expires: Some(end), ..key(1, &owner) };
    let state = KeyState::Rolled { at: now(), until: end, successor: key(3, &owner).id };
    let rolled = Key { state, ..key(2, &owner) };
    let snapshot = loaded(&[owner], &[expiring, rolled]);
    let just_before = end - SignedDuration::from_millis(1);
    let caller = snapshot.find(&fingerprint(2), just_before).expect("still in grace");
    assert_eq!(caller.grace(), Some(Grace { since: now(), until: end }));
    assert!(snapshot.find(&fingerprint(1), just_before).is_ok());
    assert!(matches!(snapshot.find(&fingerprint(1), end), Err(KeyRefused::Expired { .. })));
    assert!(matches!(snapshot.find(&fingerprint(2), end), Err(KeyRefused::Expired { .. })));
}

#[test]
fn the_keys_of_a_disabled_or_removed_consumer_do_not_work() {
    let owner = consumer(1);
    let snapshot = loaded(std::slice::from_ref(&owner), &[key(1, &owner)]);
    let disabled = Consumer { state: ConsumerState::Disabled { since: now() }, ..owner.clone() };
    snapshot.apply(ChangeSet { consumers: vec![disabled], ..change(3) });
    assert!(matches!(snapshot.find(&fingerprint(1), now()), Err(KeyRefused::ConsumerDisabled { .. })));
    snapshot.apply(ChangeSet { consumers: vec![owner.clone()], ..change(4) });
    assert!(snapshot.find(&fingerprint(1), now()).is_ok());
    // The tombstone of the consumer alone is enough, and a later consumer never inherits the key.
    snapshot.apply(ChangeSet {
        removed_consumers: vec![owner.id],
        consumers: vec![consumer(9)],
        ..change(5)
    });
    assert!(matches!(snapshot.find(&fingerprint(1), now()), Err(KeyRefused::NoConsumer { .. })));
    snapshot.apply(ChangeSet { removed_keys: vec![fingerprint(1)], ..change(6) });
    assert_eq!(snapshot.find(&fingerprint(1), now()).err(), Some(KeyRefused::Unknown));
}

#[test]
fn loading_anew_forgets_what_the_store_no_longer_has() {
    let (owner, gone) = (consumer(1), consumer(2));
    let snapshot = loaded(&[owner.clone(), gone.clone()], &[key(1, &owner), key(2, &gone)]);
    let mut loader = snapshot.loader();
    loader.take(Loaded::Consumer(owner.clone()));
    loader.take(Loaded::Key(key(1, &owner)));
    loader.finish(Revision(7));
    assert!(snapshot.find(&fingerprint(1), now()).is_ok());
    assert_eq!(snapshot.find(&fingerprint(2), now()).err(), Some(KeyRefused::Unknown));
    assert_eq!(snapshot.size(), SnapshotSize { keys: 1, consumers: 1 });
}

#[test]
fn r41_a_consumer_whose_metadata_gives_no_claims_gets_no_token() {
    let name = "plan".parse().expect("a claim name");
    let source = "metadata.plan".parse().expect("a source");
    let mapping = ClaimMapping::new(BTreeMap::from([(name, source)])).expect("not reserved");
    let snapshot = Snapshot::new(mapping);
    let object = serde_json::json!({ "plan": "x".repeat(MappedClaims::LONGEST + 1) });
    let serde_json::Value::Object(object) = object else { panic!("an object") };
    let owner = Consumer { metadata: Metadata::try_from(object).expect("small enough"), ..consumer(1) };
    let mut loader = snapshot.loader();
    loader.take(Loaded::Consumer(owner.clone()));
    loader.take(Loaded::Key(key(1, &owner)));
    loader.finish(Revision(2));
    assert!(matches!(snapshot.find(&fingerprint(1), now()), Err(KeyRefused::Unmappable { .. })));
}

#[test]
fn a_key_that_was_removed_and_made_again_in_one_change_set_works() {
    let owner = consumer(1);
    let snapshot = loaded(std::slice::from_ref(&owner), &[key(1, &owner)]);
    let heir = consumer(2);
    snapshot.apply(ChangeSet {
        removed_consumers: vec![owner.id],
        removed_keys: vec![fingerprint(1)],
        consumers: vec![heir.clone()],
        keys: vec![key(1, &heir)],
        ..change(3)
    });
    assert_eq!(snapshot.find(&fingerprint(1), now()).expect("it works").consumer(), heir.id);
}
