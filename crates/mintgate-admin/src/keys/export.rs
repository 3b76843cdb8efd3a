//! `GET /v1/keys`

use axum::{Json, extract::State};
use mintgate_admin_api::{Cursor, KeyPage, ListKeys, paths};
use mintgate_store::{KeyFilter, PageRequest};
use mintgate_types::KeyId;

use crate::{AdminService, caller::Caller, input::Params, reply::Reply, wire};

/// All keys
///
/// Everything that is known of them, which is all but their texts; revoked ones are there too.
#[utoipa::path(
    get,
    path = paths::KEYS,
    tag = "keys",
    params(ListKeys),
    responses((status = 200, description = "A page of keys, by id", body = KeyPage))
)]
pub(crate) async fn list_keys(
    State(service): State<AdminService>,
    _: Caller,
    Params(query): Params<ListKeys>,
) -> Reply<Json<KeyPage>> {
    let after = query.cursor.map(|cursor| cursor.position::<KeyId>()).transpose()?;
    let request = PageRequest { after, limit: query.limit.unwrap_or_default().into() };
    let page = service.store().keys(&KeyFilter::default(), request).await?;
    Ok(Json(KeyPage {
        data: wire::keys(service.store(), page.items, service.now()).await?,
        next_cursor: page.next.map(|id| Cursor::after(&id)),
    }))
}
