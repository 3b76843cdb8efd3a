//! Promises of [`Buckets`](crate::Buckets).

use mintgate_types::Revision;

use super::sample::{at, bucket, by};
use crate::{Bucket, Conflict, NewBucket, Store, StoreError};

pub async fn a_bucket_is_found_by_its_name_and_listed_in_order(store: &dyn Store) {
    bucket(store, "staging").await;
    let new = NewBucket {
        name: "production".parse().expect("a bucket name"),
        prefix: "acme_live".parse().expect("a prefix"),
        created: at(5),
    };
    let made = store.create_bucket(new.clone(), by()).await.expect("the name is free");
    let expected = Bucket { name: new.name, prefix: new.prefix, created: new.created, revision: Revision(2) };
    assert_eq!(made, expected);
    assert_eq!(store.bucket(&made.name).await.expect("reads"), Some(expected));
    let names: Vec<_> =
        store.buckets().await.expect("reads").into_iter().map(|b| b.name.to_string()).collect();
    assert_eq!(names, ["production", "staging"]);
}

pub async fn a_bucket_name_is_taken_once(store: &dyn Store) {
    let name = bucket(store, "main").await;
    let again = NewBucket { name: name.clone(), prefix: "other".parse().expect("a prefix"), created: at(7) };
    let refused = store.create_bucket(again, by()).await.expect_err("the name is taken");
    assert!(matches!(refused, StoreError::Conflict(Conflict::BucketExists)), "{refused:?}");
    let kept = store.bucket(&name).await.expect("reads").expect("it is there");
    assert_eq!((kept.prefix.as_str(), kept.created), ("mgk", at(0)));
}

pub async fn an_absent_bucket_is_none(store: &dyn Store) {
    let name = "nowhere".parse().expect("a bucket name");
    assert_eq!(store.bucket(&name).await.expect("reads"), None);
    assert!(store.buckets().await.expect("reads").is_empty());
}
