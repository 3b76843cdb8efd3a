//! `POST /v1/buckets/{bucket}/consumers/{consumer}/roll`

use axum::extract::State;
use mintgate_admin_api::{PageLimit, RollKeys, RolledKeys, paths, schema};
use mintgate_store::{Consumer, Key, KeyFilter, KeyState, PageRequest, Store};
use mintgate_types::{BucketName, ConsumerName, KeyId, Timestamp};

use crate::{
    AdminService, consumers,
    document::{Conflict, NotFound},
    input::{OptionalBody, Segments},
    keys::successor::{self, Wishes},
    once::{IdempotencyKeyHeader, Once, Rendered},
    operation::{self, Allowed},
    reply::{Refusal, Reply},
};

/// Replace a consumer's keys
///
/// One new key comes; all active keys, or those that are named, go on working for the grace period.
#[utoipa::path(
    post,
    path = paths::CONSUMER_ROLL,
    tag = "keys",
    params(("bucket" = inline(schema::BucketName), Path), ("consumer" = inline(schema::ConsumerName), Path), IdempotencyKeyHeader),
    request_body = Option<RollKeys>,
    responses(
        (status = 201, description = "The new key, with its text, and the old ones", body = RolledKeys, headers(("ETag" = String, description = "The new key's revision"))),
        NotFound,
        Conflict
    )
)]
pub(crate) async fn roll_consumer_keys(
    State(service): State<AdminService>,
    caller: Allowed<operation::RollKeys>,
    Segments((bucket, consumer)): Segments<(BucketName, ConsumerName)>,
    Once(making, OptionalBody(request)): Once<OptionalBody<RollKeys>>,
) -> Reply<Rendered> {
    let RollKeys { keys, grace, label, scopes, expires } = request;
    let consumer = consumers::named(service.store(), &caller, &bucket, &consumer).await?;
    let old = match keys {
        Some(ids) => named(service.store(), &consumer, &ids).await?,
        None => active(service.store(), &consumer, service.now()).await?,
    };
    let wishes = Wishes { grace, label, scopes, expires, expected: None };
    successor::roll(&service, caller.trace(), &making, (consumer, &old), wishes).await
}

async fn named(store: &dyn Store, consumer: &Consumer, ids: &[KeyId]) -> Reply<Vec<Key>> {
    if !(1..=MOST_NAMED).contains(&ids.len()) {
        return Err(Refusal::field("keys", format!("must name 1 to {MOST_NAMED} keys")));
    }
    let mut found: Vec<Key> = Vec::with_capacity(ids.len());
    for (position, id) in ids.iter().enumerate() {
        let field = || format!("keys[{position}]");
        if ids[..position].contains(id) {
            return Err(Refusal::field(field(), "is named twice"));
        }
        match store.key(*id).await? {
            Some(key) if key.consumer == consumer.id => found.push(key),
            _ => return Err(Refusal::field(field(), "is no key of this consumer")),
        }
    }
    Ok(found)
}

const MOST_NAMED: usize = 1000;

async fn active(store: &dyn Store, consumer: &Consumer, now: Timestamp) -> Reply<Vec<Key>> {
    let filter = KeyFilter { consumer: Some(consumer.id), ..KeyFilter::default() };
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.keys(&filter, PageRequest { after, limit: PageLimit::MOST }).await?;
        found.extend(
            page.items.into_iter().filter(|key| {
                matches!(key.state, KeyState::Active) && key.ends().is_none_or(|end| end > now)
            }),
        );
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
