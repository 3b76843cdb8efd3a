//! `GET /v1/buckets/{bucket}/consumers/{consumer}/keys`

use axum::{Json, extract::State};
use mintgate_admin_api::{Cursor, KeyPage, ListKeys, paths, schema};
use mintgate_store::{KeyFilter, PageRequest};
use mintgate_types::{BucketName, ConsumerName, KeyId};

use crate::{
    AdminService, consumers,
    document::NotFound,
    input::{Params, Segments},
    operation::{self, Allowed},
    reply::Reply,
    wire,
};

/// A consumer's keys
///
/// Revoked ones are there too.
#[utoipa::path(
    get,
    path = paths::CONSUMER_KEYS,
    tag = "keys",
    params(
        ("bucket" = inline(schema::BucketName), Path),
        ("consumer" = inline(schema::ConsumerName), Path),
        ListKeys
    ),
    responses((status = 200, description = "A page of keys, by id", body = KeyPage), NotFound)
)]
pub(crate) async fn list_consumer_keys(
    State(service): State<AdminService>,
    caller: Allowed<operation::ListKeys>,
    Segments((bucket, consumer)): Segments<(BucketName, ConsumerName)>,
    Params(query): Params<ListKeys>,
) -> Reply<Json<KeyPage>> {
    let after = query.cursor.map(|cursor| cursor.position::<KeyId>()).transpose()?;
    let consumer = consumers::named(service.store(), &caller, &bucket, &consumer).await?;
    let filter = KeyFilter { consumer: Some(consumer.id), ..KeyFilter::default() };
    let request = PageRequest { after, limit: query.limit.unwrap_or_default().into() };
    let page = service.store().keys(&filter, request).await?;
    let now = service.now();
    Ok(Json(KeyPage {
        data: page.items.into_iter().map(|key| wire::key(key, wire::owner(&consumer), now)).collect(),
        next_cursor: page.next.map(|id| Cursor::after(&id)),
    }))
}
