//! `POST /v1/buckets`

use axum::extract::State;
use mintgate_admin_api::{Bucket, CreateBucket, DEFAULT_PREFIX, paths};
use mintgate_store::{AuditAction, Bucket as StoredBucket, NewBucket};

use crate::{
    AdminService,
    document::Conflict,
    input::Body,
    once::{IdempotencyKeyHeader, Once, Place, Rendered},
    operation::{self, Allowed},
    reply::Reply,
    wire,
};

/// Make a bucket
#[utoipa::path(
    post,
    path = paths::BUCKETS,
    tag = "buckets",
    params(IdempotencyKeyHeader),
    request_body = CreateBucket,
    responses(
        (status = 201, description = "The bucket", body = Bucket, headers(("ETag" = String, description = "Its revision"))),
        Conflict
    )
)]
pub(crate) async fn create_bucket(
    State(service): State<AdminService>,
    caller: Allowed<operation::CreateBucket>,
    Once(making, Body(request)): Once<Body<CreateBucket>>,
) -> Reply<Rendered> {
    let prefix =
        request.prefix.unwrap_or_else(|| DEFAULT_PREFIX.parse().expect("the default prefix is a prefix"));
    let new = NewBucket { name: request.name, prefix, created: service.now() };
    let render = |bucket: &StoredBucket| Rendered::created(bucket.revision, &wire::bucket(bucket.clone()));
    let by = caller.author(&service);
    let (bucket, reply) = making.make(&service, &by, (new, Place::default()), render).await?;
    caller.changed(AuditAction::CreateBucket, &bucket.name);
    service.put_in_force(bucket.revision).await?;
    Ok(reply)
}
