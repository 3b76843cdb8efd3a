//! Consumers.

pub(crate) mod batch;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod show;
mod turns;
pub(crate) mod update;

use mintgate_store::{Bucket, Consumer, Store};
use mintgate_types::{BucketName, ConsumerName, Managers};

pub(crate) use self::turns::Turns;
use crate::{
    caller::Caller,
    reply::{Refusal, Reply},
};

/// A bucket that must be there for the caller.
pub(crate) async fn bucket(store: &dyn Store, caller: &Caller, name: &BucketName) -> Reply<Bucket> {
    refuse_elsewhere(caller, name, "bucket")?;
    store.bucket(name).await?.ok_or(Refusal::NotFound("bucket"))
}

/// A consumer that must be there for the caller.
pub(crate) async fn named(
    store: &dyn Store,
    caller: &Caller,
    bucket: &BucketName,
    name: &ConsumerName,
) -> Reply<Consumer> {
    refuse_elsewhere(caller, bucket, "consumer")?;
    store.consumer_by_name(bucket, name).await?.ok_or(Refusal::NotFound("consumer"))
}

/// Refuses managers by whom nobody could be recognised: whoever names one means somebody.
fn refuse_nobody(managers: &Managers) -> Reply<()> {
    let odd = managers.iter().find(|manager| manager.identity().is_none());
    let why = "means nobody: an e-mail address has something before and behind its @ and no spaces, and a subject has no @";
    odd.map_or(Ok(()), |odd| Err(Refusal::field("managers", format!("`{odd}` {why}"))))
}

/// What lies where the caller may not look is not there.
fn refuse_elsewhere(caller: &Caller, bucket: &BucketName, what: &'static str) -> Reply<()> {
    if caller.reaches(bucket) { Ok(()) } else { Err(Refusal::NotFound(what)) }
}
