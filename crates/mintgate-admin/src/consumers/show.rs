//! `GET /v1/buckets/{bucket}/consumers/{consumer}`

use axum::extract::State;
use mintgate_admin_api::{Consumer, paths, schema};
use mintgate_types::{BucketName, ConsumerName};

use crate::{
    AdminService, consumers,
    document::NotFound,
    input::Segments,
    operation::{self, Allowed},
    reply::{Reply, Tagged},
    wire,
};

/// One consumer
#[utoipa::path(
    get,
    path = paths::CONSUMER,
    tag = "consumers",
    params(("bucket" = inline(schema::BucketName), Path), ("consumer" = inline(schema::ConsumerName), Path)),
    responses(
        (status = 200, description = "The consumer", body = Consumer, headers(("ETag" = String, description = "Its revision"))),
        NotFound
    )
)]
pub(crate) async fn show_consumer(
    State(service): State<AdminService>,
    caller: Allowed<operation::ShowConsumer>,
    Segments((bucket, name)): Segments<(BucketName, ConsumerName)>,
) -> Reply<Tagged<Consumer>> {
    let consumer = consumers::named(service.store(), &caller, &bucket, &name).await?;
    Ok(Tagged::ok(consumer.revision, wire::consumer(consumer)))
}
