//! Promises of [`Receipts`](crate::Receipts).

use futures_util::future::join_all;
use mintgate_apikey::KeyFingerprint;
use mintgate_types::{Revision, Timestamp};

use super::{
    sample::{Sample, at, bucket, by},
    signing_keys::record,
};
use crate::{
    AdminRole, AdminTokenRoll, Author, Conflict, Created, Creation, Keep, KeyRoll, Makes, NewAdminToken,
    NewBucket, NewHolder, NewImport, Receipt, ReceiptId, RequestMark, SealedReply, Store, StoreError, Within,
};

fn receipt(seed: u8, reply: Vec<u8>, expires: Timestamp) -> Receipt {
    Receipt {
        id: ReceiptId::from_bytes([seed; 32]),
        request: RequestMark::from_bytes([seed ^ 1; 32]),
        reply: SealedReply(reply),
        expires,
    }
}

/// Keeps what was made, in words.
fn keep(seed: u8) -> Keep {
    Box::new(move |created| Ok(receipt(seed, format!("{created:?}").into_bytes(), at(1000))))
}

fn bucket_called(name: &str) -> Creation {
    NewBucket {
        name: name.parse().expect("a bucket name"),
        prefix: "mgk".parse().expect("a prefix"),
        created: at(0),
    }
    .into_creation()
}

fn admin_token() -> NewAdminToken {
    NewAdminToken {
        id: "BBBBbbbb1111".parse().expect("an id"),
        name: "bob".parse().expect("a name"),
        fingerprint: KeyFingerprint::from([1; 32]),
        role: AdminRole::Operator,
        within: Within::Everything,
        created: at(1),
        expires: None,
    }
}

async fn kept(store: &dyn Store, seed: u8) -> Option<Receipt> {
    store.receipt(ReceiptId::from_bytes([seed; 32])).await.expect("reads")
}

pub async fn whatever_is_made_keeps_its_receipt(store: &dyn Store) {
    let (sample, name) = (Sample::new(), bucket(store, "production").await);
    let consumer = store.create_consumer(sample.consumer(name.as_str(), "alice"), by()).await.expect("new");
    let key = store.create_key(sample.key(&consumer), by()).await.expect("new");
    let token = store.create_admin_token(admin_token(), by()).await.expect("new");
    let holder = NewHolder { consumer: sample.consumer(name.as_str(), "bob"), key: None };
    let creations: [Creation; 7] = [
        bucket_called("staging"),
        vec![holder].into_creation(),
        sample.key(&consumer).into_creation(),
        sample.roll(&consumer, &[&key], at(9)).into_creation(),
        NewImport { consumers: vec![], keys: vec![sample.key(&consumer)] }.into_creation(),
        NewAdminToken {
            id: "CCCCcccc2222".parse().expect("an id"),
            name: "cleo".parse().expect("a name"),
            fingerprint: KeyFingerprint::from([2; 32]),
            ..admin_token()
        }
        .into_creation(),
        AdminTokenRoll {
            replaces: token.id,
            id: "DDDDdddd3333".parse().expect("an id"),
            fingerprint: KeyFingerprint::from([3; 32]),
            expires: None,
            until: at(9),
        }
        .into_creation(),
    ];
    for (seed, creation) in (1..).zip(creations) {
        let before = store.revision().await.expect("reads");
        let created = store.create(creation, Some(keep(seed)), by()).await.expect("nothing is in its way");
        assert_eq!(store.revision().await.expect("reads"), Revision(before.0 + 1), "{created:?}");
        let expected = receipt(seed, format!("{created:?}").into_bytes(), at(1000));
        assert_eq!(kept(store, seed).await, Some(expected), "{created:?}");
    }
}

pub async fn a_change_of_signing_keys_keeps_its_receipt(store: &dyn Store) {
    let mine = receipt(1, b"a reply".to_vec(), at(1000));
    let change = async |add: Vec<_>, expected| {
        store.change_signing_keys(add, vec![], expected, Some(mine.clone()), by()).await
    };
    assert_eq!(change(vec![], Revision::ZERO).await.expect("nothing to do"), Revision::ZERO);
    assert_eq!(kept(store, 1).await, None);
    let stale = change(vec![record("a", 1)], Revision(7)).await;
    assert!(matches!(stale, Err(StoreError::Conflict(Conflict::Stale { .. }))), "{stale:?}");
    assert_eq!(kept(store, 1).await, None);
    let revision = change(vec![record("a", 1)], Revision::ZERO).await.expect("works");
    assert_eq!(kept(store, 1).await, Some(mine.clone()));
    let again = change(vec![record("b", 1)], revision).await;
    assert!(matches!(again, Err(StoreError::Conflict(Conflict::ReceiptExists))), "{again:?}");
    assert_eq!(store.signing_keys().await.expect("reads").0.len(), 1);
}

pub async fn what_is_made_without_a_receipt_is_made_all_the_same(store: &dyn Store) {
    let created = store.create(bucket_called("production"), None, by()).await.expect("new");
    let bucket = NewBucket::made(&created).expect("a bucket").clone();
    assert_eq!(store.bucket(&bucket.name).await.expect("reads"), Some(bucket));
}

pub async fn what_has_a_receipt_is_not_made_again(store: &dyn Store) {
    store.create(bucket_called("one"), Some(keep(1)), by()).await.expect("new");
    let (before, first) = (store.revision().await.expect("reads"), kept(store, 1).await);
    let refused = store.create(bucket_called("other"), Some(keep(1)), by()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Conflict::ReceiptExists))), "{refused:?}");
    assert_eq!(store.revision().await.expect("reads"), before);
    assert_eq!(store.buckets().await.expect("reads").len(), 1);
    assert_eq!(kept(store, 1).await, first);
    let sample = Sample::new();
    let consumer = sample.consumer("one", "alice");
    let import = NewImport { consumers: vec![consumer], keys: vec![] };
    let refused = store.create(import.into_creation(), Some(keep(1)), by()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Conflict::ReceiptExists))), "{refused:?}");
    assert_eq!(store.revision().await.expect("reads"), before);
}

pub async fn what_is_refused_keeps_no_receipt(store: &dyn Store) {
    store.create(bucket_called("one"), None, by()).await.expect("new");
    let refused = store.create(bucket_called("one"), Some(keep(1)), by()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Conflict::BucketExists))), "{refused:?}");
    assert_eq!(kept(store, 1).await, None);
    let unknown = Sample::new().unknown_consumer();
    let roll =
        KeyRoll { successor: Sample::new().key_of(unknown), replaces: vec![], until: at(9), expected: None };
    assert!(store.create(roll.into_creation(), Some(keep(1)), by()).await.is_err());
    assert_eq!(kept(store, 1).await, None);
}

pub async fn what_its_receipt_refuses_is_not_made(store: &dyn Store) {
    let before = store.revision().await.expect("reads");
    let refuse: Keep = Box::new(|_| Err(Conflict::ReplyTooLarge));
    let refused = store.create(bucket_called("one"), Some(refuse), by()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Conflict::ReplyTooLarge))), "{refused:?}");
    assert_eq!((store.revision().await.expect("reads"), kept(store, 1).await), (before, None));
    assert!(store.buckets().await.expect("reads").is_empty());
}

pub async fn a_receipt_that_has_expired_gives_way(store: &dyn Store) {
    let brief: Keep = Box::new(|_| Ok(receipt(1, b"first".to_vec(), at(100))));
    store.create(bucket_called("one"), Some(brief), by()).await.expect("new");
    let earlier = Author { at: at(99), ..by().clone() };
    let refused = store.create(bucket_called("other"), Some(keep(1)), &earlier).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Conflict::ReceiptExists))), "{refused:?}");
    let later = Author { at: at(100), ..by().clone() };
    let created =
        store.create(bucket_called("other"), Some(keep(1)), &later).await.expect("its time is over");
    let expected = receipt(1, format!("{created:?}").into_bytes(), at(1000));
    assert_eq!(kept(store, 1).await, Some(expected));
}

pub async fn receipts_whose_time_is_over_are_forgotten_some_at_a_time(store: &dyn Store) {
    for seed in 1..=5 {
        let keep: Keep = Box::new(move |_| Ok(receipt(seed, vec![], at(100 + u64::from(seed)))));
        store.create(bucket_called(&format!("b{seed}")), Some(keep), by()).await.expect("new");
    }
    let before = store.revision().await.expect("reads");
    assert_eq!(store.forget_receipts(at(104), 3).await.expect("forgets"), 3);
    assert_eq!(store.forget_receipts(at(104), 3).await.expect("forgets"), 1);
    assert_eq!(store.forget_receipts(at(104), 3).await.expect("forgets"), 0);
    assert_eq!((kept(store, 4).await, kept(store, 5).await.is_some()), (None, true));
    assert_eq!(store.revision().await.expect("reads"), before);
}

pub async fn of_many_creations_with_one_receipt_one_is_made(store: &dyn Store) {
    let names: Vec<_> = (0..40).map(|number| format!("b{number}")).collect();
    let outcomes =
        join_all(names.iter().map(|name| store.create(bucket_called(name), Some(keep(1)), by()))).await;
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    for refused in refused {
        assert!(matches!(refused, Err(StoreError::Conflict(Conflict::ReceiptExists))), "{refused:?}");
    }
    let Some(Ok(Created::Bucket(made))) = made.into_iter().next() else { panic!("a bucket") };
    assert_eq!(store.buckets().await.expect("reads"), [made]);
}
