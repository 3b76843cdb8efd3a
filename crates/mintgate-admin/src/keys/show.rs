//! `GET /v1/keys/{key_id}`

use axum::extract::State;
use mintgate_admin_api::{Key, paths, schema};
use mintgate_types::KeyId;

use crate::{
    AdminService,
    document::NotFound,
    input::Segments,
    keys,
    operation::{self, Allowed},
    reply::{Reply, Tagged},
    wire,
};

/// One key
#[utoipa::path(
    get,
    path = paths::KEY,
    tag = "keys",
    params(("key_id" = inline(schema::KeyId), Path)),
    responses(
        (status = 200, description = "The key", body = Key, headers(("ETag" = String, description = "Its revision"))),
        NotFound
    )
)]
pub(crate) async fn show_key(
    State(service): State<AdminService>,
    caller: Allowed<operation::ShowKey>,
    Segments(id): Segments<KeyId>,
) -> Reply<Tagged<Key>> {
    let (key, consumer) = keys::held(service.store(), &caller, id).await?;
    Ok(Tagged::ok(key.revision, wire::key(key, wire::owner(&consumer), service.now())))
}
