//! `DELETE /v1/buckets/{bucket}/consumers/{consumer}`

use axum::extract::State;
use http::StatusCode;
use mintgate_admin_api::{paths, schema};
use mintgate_store::AuditAction;
use mintgate_types::{BucketName, ConsumerName};

use crate::{
    AdminService, consumers,
    document::{NotFound, Stale},
    if_match::IfMatch,
    input::Segments,
    operation::{self, Allowed},
    reply::{Refusal, Reply},
};

/// Delete a consumer
///
/// All of its keys go with it, and stop to work at once. To stop them for a while, disable the consumer.
#[utoipa::path(
    delete,
    path = paths::CONSUMER,
    tag = "consumers",
    params(
        ("bucket" = inline(schema::BucketName), Path),
        ("consumer" = inline(schema::ConsumerName), Path),
        schema::IfMatch
    ),
    responses((status = 204, description = "It is gone"), NotFound, Stale)
)]
pub(crate) async fn delete_consumer(
    State(service): State<AdminService>,
    caller: Allowed<operation::DeleteConsumer>,
    Segments((bucket, name)): Segments<(BucketName, ConsumerName)>,
    IfMatch(expected): IfMatch,
) -> Reply<StatusCode> {
    let consumer = consumers::named(service.store(), &caller, &bucket, &name).await?;
    let deleted = service.store().delete_consumer(consumer.id, expected, &caller.author(&service)).await?;
    let deleted = deleted.ok_or(Refusal::NotFound("consumer"))?;
    caller.changed(AuditAction::DeleteConsumer, &deleted.id);
    service.put_all_in_force().await?;
    Ok(StatusCode::NO_CONTENT)
}
