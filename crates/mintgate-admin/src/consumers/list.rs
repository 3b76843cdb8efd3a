//! `GET /v1/buckets/{bucket}/consumers`

use axum::{Json, extract::State};
use mintgate_admin_api::{ConsumerPage, Cursor, FindConsumers, ListConsumers, paths, schema};
use mintgate_store::{ConsumerFilter, PageRequest};
use mintgate_types::{BucketName, ConsumerName};

use crate::{
    AdminService,
    consumers::{self, find},
    document::NotFound,
    input::{Params, Segments},
    operation::{self, Allowed},
    reply::{Refusal, Reply},
    wire,
};

/// The consumers of a bucket
#[utoipa::path(
    get,
    path = paths::CONSUMERS,
    tag = "consumers",
    params(("bucket" = inline(schema::BucketName), Path), ListConsumers),
    responses((status = 200, description = "A page of consumers, in the order that was asked for", body = ConsumerPage), NotFound)
)]
pub(crate) async fn list_consumers(
    State(service): State<AdminService>,
    caller: Allowed<operation::ListConsumers>,
    Segments(bucket): Segments<BucketName>,
    Params(query): Params<ListConsumers>,
) -> Reply<Json<ConsumerPage>> {
    consumers::bucket(service.store(), &caller, &bucket).await?;
    let Some(prefix) = query.name_prefix else {
        let ListConsumers { name_prefix: _, q, tag, metadata, state, sort, cursor, limit } = query;
        let query = FindConsumers { bucket: Some(bucket), q, tag, metadata, state, sort, cursor, limit };
        return find::page(&service, &caller, query).await.map(Json);
    };
    if query.q.is_some()
        || query.tag.is_some()
        || query.metadata.is_some()
        || query.state.is_some()
        || query.sort.is_some()
    {
        return Err(Refusal::Unreadable("name_prefix goes with cursor and limit alone".to_owned()));
    }
    let after = match query.cursor {
        Some(cursor) => Some((bucket.clone(), cursor.position::<ConsumerName>()?)),
        None => None,
    };
    let filter = ConsumerFilter {
        bucket: Some(bucket),
        name_prefix: Some(prefix.into()),
        ..ConsumerFilter::default()
    };
    let request = PageRequest { after, limit: query.limit.unwrap_or_default().into() };
    let page = service.store().consumers(&filter, request).await?;
    Ok(Json(ConsumerPage {
        data: page.items.into_iter().map(wire::consumer).collect(),
        next_cursor: page.next.map(|(_, name)| Cursor::after(&name)),
    }))
}
