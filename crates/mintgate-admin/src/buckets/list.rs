//! `GET /v1/buckets`

use axum::{Json, extract::State};
use mintgate_admin_api::{BucketList, paths};

use crate::{AdminService, caller::Caller, reply::Reply, wire};

/// All buckets
#[utoipa::path(
    get,
    path = paths::BUCKETS,
    tag = "buckets",
    responses((status = 200, description = "The buckets, by name", body = BucketList))
)]
pub(crate) async fn list_buckets(State(service): State<AdminService>, _: Caller) -> Reply<Json<BucketList>> {
    let buckets = service.store().buckets().await?;
    Ok(Json(BucketList { data: buckets.into_iter().map(wire::bucket).collect() }))
}
