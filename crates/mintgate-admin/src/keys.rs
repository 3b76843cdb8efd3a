//! Keys.

pub(crate) mod create;
pub(crate) mod find;
pub(crate) mod import;
pub(crate) mod issue;
pub(crate) mod of_consumer;
pub(crate) mod revoke;
pub(crate) mod revoke_many;
pub(crate) mod roll;
pub(crate) mod roll_all;
pub(crate) mod show;
pub(crate) mod successor;
pub(crate) mod update;
pub(crate) mod verify;

use mintgate_admin_api::Span;
use mintgate_store::{Consumer, Key, Store};
use mintgate_types::{KeyId, Timestamp};

use crate::{
    AdminService,
    caller::Caller,
    reply::{Refusal, Reply},
};

/// Since when keys have not been used that were not used for so long.
fn unused_since(service: &AdminService, unused_for: Option<Span>) -> Option<Timestamp> {
    unused_for
        .map(|span| service.now().checked_sub(span.duration()).expect("ten years before now are within time"))
}

/// A key that must be there for the caller, with the consumer that holds it.
pub(crate) async fn held(store: &dyn Store, caller: &Caller, id: KeyId) -> Reply<(Key, Consumer)> {
    let key = store.key(id).await?.ok_or(Refusal::NotFound("key"))?;
    // A consumer takes its keys along when it goes, so a key without one went between the two look-ups.
    let consumer = store.consumer(key.consumer).await?.ok_or(Refusal::NotFound("key"))?;
    if caller.reaches(&consumer.bucket) { Ok((key, consumer)) } else { Err(Refusal::NotFound("key")) }
}
