//! `GET /v1/buckets/{bucket}`

use axum::extract::State;
use mintgate_admin_api::{Bucket, paths, schema};
use mintgate_types::BucketName;

use crate::{
    AdminService, consumers,
    document::NotFound,
    input::Segments,
    operation::{self, Allowed},
    reply::{Reply, Tagged},
    wire,
};

/// One bucket
#[utoipa::path(
    get,
    path = paths::BUCKET,
    tag = "buckets",
    params(("bucket" = inline(schema::BucketName), Path)),
    responses(
        (status = 200, description = "The bucket", body = Bucket, headers(("ETag" = String, description = "Its revision"))),
        NotFound
    )
)]
pub(crate) async fn show_bucket(
    State(service): State<AdminService>,
    caller: Allowed<operation::ShowBucket>,
    Segments(name): Segments<BucketName>,
) -> Reply<Tagged<Bucket>> {
    let bucket = consumers::bucket(service.store(), &caller, &name).await?;
    Ok(Tagged::ok(bucket.revision, wire::bucket(bucket)))
}
