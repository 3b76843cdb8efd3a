//! `GET /v1/buckets/{bucket}/consumers`

use axum::{Json, extract::State};
use mintgate_admin_api::{ConsumerPage, Cursor, ListConsumers, paths, schema};
use mintgate_store::{ConsumerFilter, PageRequest};
use mintgate_types::{BucketName, ConsumerName};

use crate::{
    AdminService,
    caller::Caller,
    consumers,
    document::NotFound,
    input::{Params, Segments},
    reply::Reply,
    wire,
};

/// The consumers of a bucket
#[utoipa::path(
    get,
    path = paths::CONSUMERS,
    tag = "consumers",
    params(("bucket" = inline(schema::BucketName), Path), ListConsumers),
    responses((status = 200, description = "A page of consumers, by name", body = ConsumerPage), NotFound)
)]
pub(crate) async fn list_consumers(
    State(service): State<AdminService>,
    _: Caller,
    Segments(bucket): Segments<BucketName>,
    Params(query): Params<ListConsumers>,
) -> Reply<Json<ConsumerPage>> {
    let after = match query.cursor {
        Some(cursor) => Some((bucket.clone(), cursor.position::<ConsumerName>()?)),
        None => None,
    };
    consumers::bucket(service.store(), &bucket).await?;
    let filter = ConsumerFilter {
        bucket: Some(bucket),
        name_prefix: query.name_prefix.map(String::from),
        ..ConsumerFilter::default()
    };
    let request = PageRequest { after, limit: query.limit.unwrap_or_default().into() };
    let page = service.store().consumers(&filter, request).await?;
    Ok(Json(ConsumerPage {
        data: page.items.into_iter().map(wire::consumer).collect(),
        next_cursor: page.next.map(|(_, name)| Cursor::after(&name)),
    }))
}
