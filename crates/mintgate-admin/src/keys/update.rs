//! `PATCH /v1/keys/{key_id}`

use axum::extract::State;
use mintgate_admin_api::{Key, UpdateKey, paths, schema};
use mintgate_store::{AuditAction, KeyChange};
use mintgate_types::KeyId;

use crate::{
    AdminService,
    document::{Conflict, NotFound, Stale},
    if_match::IfMatch,
    input::{Body, Segments},
    keys::{self, issue},
    operation::{self, Allowed},
    reply::{Refusal, Reply, Tagged},
    wire,
};

/// Change a key
///
/// A JSON merge patch. A revoked key stays as it is.
#[utoipa::path(
    patch,
    path = paths::KEY,
    tag = "keys",
    params(
        ("key_id" = inline(schema::KeyId), Path),
        schema::IfMatch
    ),
    request_body(content((UpdateKey = "application/merge-patch+json"), (UpdateKey = "application/json"))),
    responses(
        (status = 200, description = "The key as it is now", body = Key, headers(("ETag" = String, description = "Its revision"))),
        NotFound,
        Conflict,
        Stale
    )
)]
pub(crate) async fn update_key(
    State(service): State<AdminService>,
    caller: Allowed<operation::UpdateKey>,
    Segments(id): Segments<KeyId>,
    IfMatch(expected): IfMatch,
    Body(patch): Body<UpdateKey>,
) -> Reply<Tagged<Key>> {
    let now = service.now();
    let expires = match patch.expires {
        Some(expires) => Some(issue::in_the_future(expires, now)?),
        None => None,
    };
    let (_, consumer) = keys::held(service.store(), &caller, id).await?;
    let change = KeyChange { label: patch.label, scopes: patch.scopes, expires };
    let updated = service
        .store()
        .update_key(id, change, expected, &caller.author(&service))
        .await?
        .ok_or(Refusal::NotFound("key"))?;
    caller.changed(AuditAction::UpdateKey, &id);
    service.put_in_force(updated.revision).await?;
    Ok(Tagged::ok(updated.revision, wire::key(updated, wire::owner(&consumer), now)))
}
