//! Consumers.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod update;

use mintgate_store::{Bucket, Consumer, Store};
use mintgate_types::{BucketName, ConsumerName};

use crate::reply::{Refusal, Reply};

/// A bucket that must be there.
pub(crate) async fn bucket(store: &dyn Store, name: &BucketName) -> Reply<Bucket> {
    store.bucket(name).await?.ok_or(Refusal::NotFound("bucket"))
}

/// A consumer that must be there.
pub(crate) async fn named(store: &dyn Store, bucket: &BucketName, name: &ConsumerName) -> Reply<Consumer> {
    store.consumer_by_name(bucket, name).await?.ok_or(Refusal::NotFound("consumer"))
}
