//! `POST /v1/self/keys/{key_id}/roll`

use axum::extract::State;
use mintgate_admin_api::{RollOwnKey, RolledKeys, paths, schema};
use mintgate_store::{Conflict, ConsumerState, Key, KeyState, StoreError};
use mintgate_types::{KeyId, Timestamp};

use crate::{
    AdminService,
    document::{self, Paced, SelfService, Stale},
    input::{OptionalBody, Segments},
    keys::successor::{self, Wishes},
    once::{IdempotencyKeyHeader, Once, Rendered},
    operation::{self, Own},
    reply::{Refusal, Reply},
};

/// Replace a key of one's consumers
///
/// The old key goes on working for the grace period. The new one is like it: the same label and scopes, and as long a life
/// as the old one was given. Only an active key of a consumer that is not disabled can be replaced. Another's key answers
/// as one that does not exist.
#[utoipa::path(
    post,
    path = paths::SELF_KEY_ROLL,
    tag = "self-service",
    params(("key_id" = inline(schema::KeyId), Path), IdempotencyKeyHeader),
    request_body = Option<RollOwnKey>,
    responses(
        (status = 201, description = "The new key, with its text, and the old one", body = RolledKeys, headers(("ETag" = String, description = "The new key's revision"))),
        SelfService,
        document::Conflict,
        Stale,
        Paced
    )
)]
pub(crate) async fn roll_own_key(
    State(service): State<AdminService>,
    manager: Own<operation::RollOwnKey>,
    Segments(id): Segments<KeyId>,
    Once(making, OptionalBody(request)): Once<OptionalBody<RollOwnKey>>,
) -> Reply<Rendered> {
    let RollOwnKey { grace } = request;
    manager.may_change(&service)?;
    let (key, consumer) = manager.key(&service, id).await?;
    if consumer.state != ConsumerState::Active {
        return Err(Refusal::ConsumerDisabled);
    }
    refuse_ended(&key, service.now())?;
    // As it was read and judged: what an admin takes from it meanwhile is not in its successor, and of two who roll it at
    // once one does.
    let expected = Some(key.revision);
    let wishes = Wishes { grace, label: None, scopes: None, expires: None, expected };
    match successor::roll(&service, manager.trace(), &making, (consumer, &[key]), wishes).await {
        Err(refusal @ Refusal::Store(StoreError::Conflict(Conflict::Stale { .. }))) => {
            let (key, _) = manager.key(&service, id).await?;
            Err(refuse_ended(&key, service.now()).err().unwrap_or(refusal))
        }
        outcome => outcome,
    }
}

/// An admin may give an ended key a successor; its managers could bring back what was meant to end. And the successor of a
/// rolled key may have fewer scopes than it had.
fn refuse_ended(key: &Key, now: Timestamp) -> Reply<()> {
    match key.state {
        KeyState::Revoked { .. } => Err(StoreError::from(Conflict::KeyRevoked).into()),
        KeyState::Active if key.ends().is_none_or(|end| end > now) => Ok(()),
        KeyState::Active | KeyState::Rolled { .. } => Err(Refusal::KeyNotActive),
    }
}
