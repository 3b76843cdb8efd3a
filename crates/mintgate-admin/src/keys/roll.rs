//! `POST /v1/keys/{key_id}/roll`

use axum::extract::State;
use mintgate_admin_api::{RollKey, RolledKeys, paths, schema};
use mintgate_types::KeyId;

use crate::{
    AdminService,
    document::{Conflict, NotFound},
    input::{OptionalBody, Segments},
    keys::{
        self,
        successor::{self, Wishes},
    },
    once::{IdempotencyKeyHeader, Once, Rendered},
    operation::{self, Allowed},
    reply::Reply,
};

/// Replace a key
///
/// The old key goes on working for the grace period, so that its holder can move to the new one.
#[utoipa::path(
    post,
    path = paths::KEY_ROLL,
    tag = "keys",
    params(("key_id" = inline(schema::KeyId), Path), IdempotencyKeyHeader),
    request_body = Option<RollKey>,
    responses(
        (status = 201, description = "The new key, with its text, and the old one", body = RolledKeys, headers(("ETag" = String, description = "The new key's revision"))),
        NotFound,
        Conflict
    )
)]
pub(crate) async fn roll_key(
    State(service): State<AdminService>,
    caller: Allowed<operation::RollKeys>,
    Segments(id): Segments<KeyId>,
    Once(making, OptionalBody(request)): Once<OptionalBody<RollKey>>,
) -> Reply<Rendered> {
    let RollKey { grace, label, scopes, expires } = request;
    let (key, consumer) = keys::held(service.store(), &caller, id).await?;
    let wishes = Wishes { grace, label, scopes, expires, expected: None };
    successor::roll(&service, caller.trace(), &making, (consumer, &[key]), wishes).await
}
