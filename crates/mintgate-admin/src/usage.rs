//! Usage: how many requests there were.

mod ranking;
pub(crate) mod refusals;
pub(crate) mod show;
pub(crate) mod top;
pub(crate) use ranking::Rankings;
mod window;

use mintgate_store::Within;
use mintgate_types::{BucketName, SignedDuration};
use window::{Asked, Window};

use crate::{
    AdminService,
    caller::Caller,
    consumers,
    reply::{Refusal, Reply},
};

/// Hours are shown by themselves up to so much time, unless days are asked for.
const BY_THE_HOUR: SignedDuration = SignedDuration::from_hours(72);

/// What is asked about: a bucket that must be there for the caller, or all that are.
async fn within(service: &AdminService, caller: &Caller, bucket: Option<&BucketName>) -> Reply<Within> {
    let Some(bucket) = bucket else { return Ok(caller.within().clone()) };
    consumers::bucket(service.store(), caller, bucket).await?;
    Ok(Within::Buckets([bucket.clone()].into()))
}
