//! `PATCH /v1/buckets/{bucket}`

use axum::extract::State;
use mintgate_admin_api::{Bucket, UpdateBucket, paths, schema};
use mintgate_store::AuditAction;
use mintgate_types::BucketName;

use crate::{
    AdminService, consumers,
    document::{NotFound, Stale},
    if_match::IfMatch,
    input::{Body, Segments},
    operation::{self, Allowed},
    reply::{Refusal, Reply, Tagged},
    wire,
};

/// Change a bucket
///
/// A JSON merge patch. Keys that were issued keep the prefix that they have.
#[utoipa::path(
    patch,
    path = paths::BUCKET,
    tag = "buckets",
    params(("bucket" = inline(schema::BucketName), Path), schema::IfMatch),
    request_body(content((UpdateBucket = "application/merge-patch+json"), (UpdateBucket = "application/json"))),
    responses(
        (status = 200, description = "The bucket as it is now", body = Bucket, headers(("ETag" = String, description = "Its revision"))),
        NotFound,
        Stale
    )
)]
pub(crate) async fn update_bucket(
    State(service): State<AdminService>,
    caller: Allowed<operation::UpdateBucket>,
    Segments(name): Segments<BucketName>,
    IfMatch(expected): IfMatch,
    Body(patch): Body<UpdateBucket>,
) -> Reply<Tagged<Bucket>> {
    let store = service.store();
    let current = consumers::bucket(store, &caller, &name).await?;
    let prefix = patch.prefix.unwrap_or(current.prefix);
    let bucket = store.update_bucket(&name, prefix, expected, &caller.author(&service)).await?;
    let bucket = bucket.ok_or(Refusal::NotFound("bucket"))?;
    caller.changed(AuditAction::UpdateBucket, &bucket.name);
    service.put_in_force(bucket.revision).await?;
    Ok(Tagged::ok(bucket.revision, wire::bucket(bucket)))
}
