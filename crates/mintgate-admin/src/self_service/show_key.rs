//! `GET /v1/self/keys/{key_id}`

use axum::extract::State;
use mintgate_admin_api::{Key, paths, schema};
use mintgate_types::KeyId;

use super::shown;
use crate::{
    AdminService,
    document::SelfService,
    input::Segments,
    operation::{self, Own},
    reply::{Reply, Tagged},
    wire,
};

/// One key of one's consumers
///
/// Another's key answers as one that does not exist.
#[utoipa::path(
    get,
    path = paths::SELF_KEY,
    tag = "self-service",
    params(("key_id" = inline(schema::KeyId), Path)),
    responses(
        (status = 200, description = "The key", body = Key, headers(("ETag" = String, description = "Its revision"))),
        SelfService
    )
)]
pub(crate) async fn show_own_key(
    State(service): State<AdminService>,
    manager: Own<operation::ShowOwnKey>,
    Segments(id): Segments<KeyId>,
) -> Reply<Tagged<Key>> {
    let (key, consumer) = manager.key(&service, id).await?;
    Ok(Tagged::ok(key.revision, shown(wire::key(key, wire::owner(&consumer), service.now()))))
}
