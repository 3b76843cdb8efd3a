//! Promises of [`Audit`](crate::Audit).

use std::collections::BTreeSet;

use futures_util::future::join_all;
use mintgate_types::{Revision, SigningKeyState};
use serde_json::{Value, json};

use super::{
    consumers::rename,
    sample::{Sample, at, bucket, by, consumer, first_page, key, revocation},
    signing_keys::record,
};
use crate::{
    Actor, AuditAction, AuditEntry, AuditFilter, AuditHash, AuditMark, AuditOrder, AuditOutcome, AuditTarget,
    Author, PageRequest, RefusedAttempt, Store, SystemPart, TargetKind, Within,
};

pub async fn every_change_leaves_entries_of_its_own(store: &dyn Store) {
    one_of_everything(store).await;
    let told: Vec<_> = log(store)
        .await
        .iter()
        .map(|entry| (entry.record().revision.0, entry.record().action.clone()))
        .collect();
    let expected = [
        (1, "bucket.create"),
        (2, "consumer.create"),
        (3, "key.create"),
        (4, "key.update"),
        (5, "consumer.update"),
        (6, "key.roll"),
        (6, "key.create"),
        (7, "key.revoke"),
        (8, "key.create_many"),
        (9, "key.import"),
        (10, "signing_key.create"),
        (10, "signing_key.create"),
        (11, "signing_key.move"),
        (12, "consumer.delete"),
    ];
    let expected: Vec<_> =
        expected.into_iter().map(|(revision, action)| (revision, action.to_owned())).collect();
    assert_eq!(told, expected);
    assert_eq!(store.revision().await.expect("reads"), Revision(12), "each revision has an entry");
}

pub async fn an_entry_says_who_did_what_from_where_and_when(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    store.update_consumer(alice.id, rename("bob"), None, by()).await.expect("works").expect("is there");
    let system = Author::system(SystemPart::Rotation, at(80));
    let add = vec![record("k", 1)];
    store.change_signing_keys(add, Vec::new(), Revision::ZERO, None, &system).await.expect("works");
    let entries = log(store).await;
    let update = entries[2].record();
    assert_eq!((update.seq, update.at, &update.actor), (3, by().at, &by().actor));
    assert_eq!((update.address, update.request_id), (by().address, by().request));
    assert_eq!((update.outcome, &update.code), (AuditOutcome::Done, &None));
    let target = AuditTarget {
        kind: "consumer".to_owned(),
        id: alice.id.to_string(),
        name: Some("bob".to_owned()),
        bucket: Some(alice.bucket),
    };
    assert_eq!(update.target, target);
    assert_eq!(update.before, Some(json!({"name": "alice"})), "what changed, and no more");
    assert_eq!(update.after, Some(json!({"name": "bob"})));
    let created = entries[3].record();
    assert_eq!((&created.actor, created.address, created.request_id), (&system.actor, None, None));
    assert_eq!(created.actor.name.as_str(), "rotation");
}

pub async fn what_fails_or_changes_nothing_leaves_no_entry(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let held = key(store, &sample, &alice).await;
    store.revoke_key(held.id, revocation(9, None), by()).await.expect("works").expect("is there");
    let before = log(store).await.len();
    store.create_consumer(sample.consumer("main", "alice"), by()).await.expect_err("taken");
    store.update_consumer(alice.id, rename("bob"), Some(Revision(1)), by()).await.expect_err("stale");
    store.update_consumer(alice.id, rename("alice"), None, by()).await.expect("nothing to do");
    store.revoke_key(held.id, revocation(10, None), by()).await.expect("nothing to do");
    store.create_keys(Vec::new(), by()).await.expect("nothing to do");
    store.import(Vec::new(), Vec::new(), by()).await.expect("nothing to do");
    let nothing = sample.unknown_consumer();
    assert_eq!(store.delete_consumer(nothing, None, by()).await.expect("works"), None);
    assert_eq!(log(store).await.len(), before);
}

pub async fn an_import_is_one_entry_with_counts(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    bucket(store, "other").await;
    let keys = (0..700).map(|_| sample.key(&alice)).collect();
    store.import(vec![sample.consumer("main", "bob")], keys, by()).await.expect("free");
    store.create_keys((0..3).map(|_| sample.key(&alice)).collect(), by()).await.expect("free");
    let elsewhere = sample.consumer("other", "carol");
    store.import(vec![elsewhere], vec![sample.key(&alice)], by()).await.expect("free");
    let entries = log(store).await;
    let told: Vec<_> = entries[3..]
        .iter()
        .map(|entry| (entry.record().target.id.as_str(), entry.record().after.clone().expect("counts")))
        .collect();
    let expected = [
        ("main", json!({"consumers": 1, "keys": 700})),
        ("main", json!({"keys": 3})),
        ("store", json!({"consumers": 1, "keys": 1})),
    ];
    assert_eq!(told, expected);
}

pub async fn a_refused_attempt_is_noted_without_a_revision(store: &dyn Store) {
    bucket(store, "main").await;
    let bucket = "other".parse().expect("a bucket name");
    let target = AuditTarget::named(TargetKind::Consumer, "other/alice".to_owned(), Some(bucket));
    let refused = RefusedAttempt {
        action: AuditAction::DeleteConsumer.name(),
        target,
        code: "not_found".to_owned(),
        passed_over: 7,
    };
    store.note_refused(refused.clone(), by()).await.expect("works");
    assert_eq!(store.revision().await.expect("reads"), Revision(1));
    let entries = log(store).await;
    let noted = entries[1].record();
    assert_eq!((noted.revision, noted.outcome), (Revision(1), AuditOutcome::Refused));
    assert_eq!((noted.code.as_deref(), &noted.target), (Some("not_found"), &refused.target));
    assert_eq!((&noted.before, &noted.after), (&Some(json!({"passed_over": 7})), &None));
    assert_eq!(whole(store).await, 2);
}

pub async fn r38_no_entry_has_a_fingerprint_or_a_sealed_key(store: &dyn Store) {
    let secrets = one_of_everything(store).await;
    for entry in log(store).await {
        for secret in &secrets {
            assert!(!entry.line().to_lowercase().contains(secret), "{}", entry.line());
        }
    }
}

pub async fn entries_are_chained_so_that_anybody_can_follow(store: &dyn Store) {
    one_of_everything(store).await;
    let mut previous = AuditHash::NONE.to_string();
    for (position, entry) in log(store).await.iter().enumerate() {
        // As the documentation tells somebody who has nothing but the lines.
        let line = entry.line();
        let (body, tail) = line.split_at(line.len() - 75);
        let hash = tail.strip_prefix(",\"hash\":\"").and_then(|rest| rest.strip_suffix("\"}"));
        assert_eq!(hash, Some(AuditHash::of(&format!("{body}}}")).to_string().as_str()));
        let read: Value = serde_json::from_str(&line).expect("a line is JSON");
        assert_eq!((&read["previous"], &read["seq"]), (&json!(previous), &json!(position + 1)));
        read["hash"].as_str().expect("a hash").clone_into(&mut previous);
    }
    let verdict = store.verify_audit(None).await.expect("reads");
    assert_eq!(verdict.flaw, None);
    assert_eq!(verdict.head.map(|head| head.hash.to_string()), Some(previous));
}

pub async fn an_entry_that_somebody_noted_must_be_there(store: &dyn Store) {
    bucket(store, "main").await;
    let first = log(store).await[0].hash();
    bucket(store, "other").await;
    let flaw = async |seq, hash| {
        let verdict = store.verify_audit(Some(AuditMark { seq, hash })).await.expect("reads");
        verdict.flaw.map(|flaw| flaw.seq)
    };
    assert_eq!(flaw(1, first).await, None);
    assert_eq!(flaw(2, first).await, Some(2), "another entry has this number");
    assert_eq!(flaw(7, first).await, Some(3), "the log ends before it");
}

pub async fn a_new_store_has_an_empty_log(store: &dyn Store) {
    let verdict = store.verify_audit(None).await.expect("reads");
    assert_eq!((verdict.entries, verdict.head, verdict.flaw), (0, None, None));
}

pub async fn entries_come_in_pages_from_either_end(store: &dyn Store) {
    for number in 0..7 {
        bucket(store, &format!("bucket-{number}")).await;
    }
    for (order, expected) in [
        (AuditOrder::OldestFirst, vec![1, 2, 3, 4, 5, 6, 7]),
        (AuditOrder::NewestFirst, vec![7, 6, 5, 4, 3, 2, 1]),
    ] {
        for limit in 1..=8 {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = PageRequest { after, limit };
                let page = store.audit(&AuditFilter::default(), order, page).await.expect("reads");
                assert!(page.items.len() <= limit as usize, "no more than asked for");
                seen.extend(page.items.iter().map(|entry| entry.record().seq));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected, "in pages of {limit}");
        }
    }
}

pub async fn entries_are_filtered(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let late =
        Author { actor: Actor::admin("bob".parse().expect("a name"), None), at: at(90), ..by().clone() };
    bucket(store, "other").await;
    store.create_key(sample.key(&alice), &late).await.expect("free");
    store.create_consumer(sample.consumer("other", "carol"), by()).await.expect("free");
    let target = AuditTarget::named(TargetKind::Store, "store".to_owned(), None);
    let attempt = RefusedAttempt {
        action: AuditAction::RotateSigningKeys.name(),
        target,
        code: "forbidden".to_owned(),
        passed_over: 0,
    };
    store.note_refused(attempt, &late).await.expect("works");
    let all = AuditFilter::default;
    let within = |names: &[&str]| {
        let buckets: BTreeSet<_> = names.iter().map(|name| name.parse().expect("a bucket name")).collect();
        AuditFilter { within: Within::Buckets(buckets), ..all() }
    };
    let text = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (all(), vec![1, 2, 3, 4, 5, 6]),
        (AuditFilter { actor: text("bob"), ..all() }, vec![4, 6]),
        (AuditFilter { actor: text("AAAAaaaa0000"), ..all() }, vec![1, 2, 3, 5]),
        (AuditFilter { action: text("consumer.create"), ..all() }, vec![2, 5]),
        (AuditFilter { action: text("key"), ..all() }, vec![4]),
        (AuditFilter { action: text("ke"), ..all() }, vec![]),
        (AuditFilter { action: text("signing_key"), ..all() }, vec![6]),
        (AuditFilter { target: text("alice"), ..all() }, vec![2]),
        (AuditFilter { target: text(alice.id.as_str()), ..all() }, vec![2]),
        (AuditFilter { outcome: Some(AuditOutcome::Refused), ..all() }, vec![6]),
        (AuditFilter { from: Some(at(90)), ..all() }, vec![4, 6]),
        (AuditFilter { to: Some(at(90)), ..all() }, vec![1, 2, 3, 5]),
        (within(&["main"]), vec![1, 2, 4]),
        (within(&["other", "main"]), vec![1, 2, 3, 4, 5]),
        (within(&[]), vec![]),
        (AuditFilter { action: text("consumer"), ..within(&["other"]) }, vec![5]),
    ] {
        let page = store.audit(&filter, AuditOrder::OldestFirst, first_page(100)).await.expect("reads");
        let seen: Vec<_> = page.items.iter().map(|entry| entry.record().seq).collect();
        assert_eq!(seen, expected, "{filter:?}");
    }
}

pub async fn changes_at_once_leave_one_chain(store: &dyn Store) {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let new: Vec<_> = (0..200).map(|_| sample.key(&alice)).collect();
    let create = new.into_iter().map(|new| store.create_key(new, by()));
    // What is refused among them must leave nothing.
    let taken = (0..20).map(|_| store.create_consumer(sample.consumer("main", "alice"), by()));
    let (made, refused) = futures_util::future::join(join_all(create), join_all(taken)).await;
    assert!(made.iter().all(Result::is_ok) && refused.iter().all(Result::is_err));
    assert_eq!(whole(store).await, 202);
}

/// All entries, oldest first.
async fn log(store: &dyn Store) -> Vec<AuditEntry> {
    let page = store.audit(&AuditFilter::default(), AuditOrder::OldestFirst, first_page(10_000)).await;
    page.expect("reads").items
}

/// How many entries the log has, if it is whole.
async fn whole(store: &dyn Store) -> u64 {
    let verdict = store.verify_audit(None).await.expect("reads");
    assert_eq!(verdict.flaw, None);
    verdict.entries
}

/// Makes every kind of change; returns what may not stand in the log, in small letters.
async fn one_of_everything(store: &dyn Store) -> Vec<String> {
    let sample = Sample::new();
    let alice = consumer(store, &sample).await;
    let mut secrets = Vec::new();
    let mut new_key = || {
        let new = sample.key(&alice);
        secrets.push(
            new.fingerprint.as_bytes().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
        );
        new
    };
    let held = store.create_key(new_key(), by()).await.expect("free");
    let label = crate::KeyChange { label: Some("x".parse().expect("a label")), ..Default::default() };
    store.update_key(held.id, label, None, by()).await.expect("works").expect("is there");
    store.update_consumer(alice.id, rename("bob"), None, by()).await.expect("works").expect("is there");
    let roll =
        crate::KeyRoll { successor: new_key(), replaces: vec![held.id], until: at(50), expected: None };
    store.roll_keys(roll, by()).await.expect("works");
    store.revoke_key(held.id, revocation(9, Some("lost")), by()).await.expect("works").expect("is there");
    store.create_keys(vec![new_key()], by()).await.expect("free");
    store.import(vec![sample.consumer("main", "carol")], vec![new_key()], by()).await.expect("free");
    let add = vec![record("k", 1), record("l", 2)];
    let revision =
        store.change_signing_keys(add, Vec::new(), Revision::ZERO, None, by()).await.expect("works");
    let states = vec![(record("k", 1).kid, SigningKeyState::Active { since: at(2) })];
    store.change_signing_keys(Vec::new(), states, revision, None, by()).await.expect("works");
    store.delete_consumer(alice.id, None, by()).await.expect("works").expect("is there");
    // As JSON would have the bytes of a sealed key, and as hexadecimal would.
    secrets.extend(["[0,1,2,3".to_owned(), "00010203".to_owned()]);
    secrets
}
