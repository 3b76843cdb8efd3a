//! `DELETE /v1/buckets/{bucket}`

use axum::extract::State;
use http::StatusCode;
use mintgate_admin_api::{paths, schema};
use mintgate_store::AuditAction;
use mintgate_types::BucketName;

use crate::{
    AdminService,
    document::{Conflict, NotFound, Stale},
    if_match::IfMatch,
    input::Segments,
    operation::{self, Allowed},
    reply::{Refusal, Reply},
};

/// Delete a bucket
///
/// Only one without consumers.
#[utoipa::path(
    delete,
    path = paths::BUCKET,
    tag = "buckets",
    params(("bucket" = inline(schema::BucketName), Path), schema::IfMatch),
    responses((status = 204, description = "It is gone"), NotFound, Conflict, Stale)
)]
pub(crate) async fn delete_bucket(
    State(service): State<AdminService>,
    caller: Allowed<operation::DeleteBucket>,
    Segments(name): Segments<BucketName>,
    IfMatch(expected): IfMatch,
) -> Reply<StatusCode> {
    let deleted = service.store().delete_bucket(&name, expected, &caller.author(&service)).await?;
    let deleted = deleted.ok_or(Refusal::NotFound("bucket"))?;
    caller.changed(AuditAction::DeleteBucket, &deleted.name);
    service.put_all_in_force().await?;
    Ok(StatusCode::NO_CONTENT)
}
