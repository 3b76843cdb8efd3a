//! `POST /v1/buckets`

use axum::extract::State;
use mintgate_admin_api::{Bucket, CreateBucket, DEFAULT_PREFIX, paths};
use mintgate_store::{AuditAction, NewBucket};

use crate::{
    AdminService,
    document::Conflict,
    input::Body,
    operation::{self, Allowed},
    reply::{Reply, Tagged},
    wire,
};

/// Make a bucket
#[utoipa::path(
    post,
    path = paths::BUCKETS,
    tag = "buckets",
    request_body = CreateBucket,
    responses(
        (status = 201, description = "The bucket", body = Bucket, headers(("ETag" = String, description = "Its revision"))),
        Conflict
    )
)]
pub(crate) async fn create_bucket(
    State(service): State<AdminService>,
    caller: Allowed<operation::CreateBucket>,
    Body(request): Body<CreateBucket>,
) -> Reply<Tagged<Bucket>> {
    let prefix =
        request.prefix.unwrap_or_else(|| DEFAULT_PREFIX.parse().expect("the default prefix is a prefix"));
    let new = NewBucket { name: request.name, prefix, created: service.now() };
    let bucket = service.store().create_bucket(new, &caller.author(&service)).await?;
    caller.changed(AuditAction::CreateBucket, &bucket.name);
    service.put_in_force(bucket.revision).await?;
    Ok(Tagged::created(bucket.revision, wire::bucket(bucket)))
}
