//! `GET /v1/buckets`

use axum::{Json, extract::State};
use mintgate_admin_api::{BucketList, paths};

use crate::{
    AdminService,
    operation::{self, Allowed},
    reply::Reply,
    wire,
};

/// All buckets
#[utoipa::path(
    get,
    path = paths::BUCKETS,
    tag = "buckets",
    responses((status = 200, description = "The buckets, by name", body = BucketList))
)]
pub(crate) async fn list_buckets(
    State(service): State<AdminService>,
    caller: Allowed<operation::ListBuckets>,
) -> Reply<Json<BucketList>> {
    let buckets = service.store().buckets().await?;
    Ok(Json(BucketList {
        data: buckets.into_iter().filter(|bucket| caller.reaches(&bucket.name)).map(wire::bucket).collect(),
    }))
}
