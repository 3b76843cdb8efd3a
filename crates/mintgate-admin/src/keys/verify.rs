//! `POST /v1/keys:verify`
//!
//! The judgement is the data plane's own. The store is asked beside it, always and for every key that can exist, because
//! the data plane need not know how a key ended that it refuses.

use axum::{Json, extract::State};
use mintgate_admin_api::{KeyRefusal, Role, ShownToken, TokenText, VerifiedKey, VerifyKey, paths};
use mintgate_apikey::PresentedKey;
use mintgate_store::{Consumer, Key, KeyState};

use crate::{
    AdminService, Judgement, MintedToken, Question,
    caller::Caller,
    input::Body,
    operation::{self, Allowed},
    reply::{Refusal, Reply},
    wire,
};

/// Ask about a key
///
/// What the gateway makes of it at this moment, judged by the same keys that requests are judged by. Nothing is cached,
/// and unlike a caller of the gateway the admin learns why. With `origin`, the reply shows the token that would be
/// forwarded to it. Asking is no use of the key.
#[utoipa::path(
    post,
    path = paths::KEYS_VERIFY,
    tag = "keys",
    request_body = VerifyKey,
    responses((status = 200, description = "Whether the key is let through, and why not", body = VerifiedKey))
)]
pub(crate) async fn verify_key(
    State(service): State<AdminService>,
    caller: Allowed<operation::VerifyKey>,
    Body(question): Body<VerifyKey>,
) -> Reply<Json<VerifiedKey>> {
    let VerifyKey { key, scopes, origin } = question;
    let judge = service.judge();
    if origin.as_ref().is_some_and(|origin| !judge.knows(origin)) {
        return Err(Refusal::field("origin", "is no origin of the configuration"));
    }
    let Ok(presented) = PresentedKey::parse(key.expose()) else {
        return Ok(Json(refused(KeyRefusal::Malformed)));
    };
    let ask = |origin| judge.judge(Question { key: &presented, scopes: &scopes, origin });
    let mut judgement = ask(None).await?;
    let Some((key, consumer)) = held(&service, &caller, &presented).await? else {
        // Should it have gone between the two looks, then it is unknown now.
        return Ok(Json(refused(KeyRefusal::Unknown)));
    };
    // A token is made only for whom the key is there.
    if origin.is_some() && matches!(judgement, Judgement::Valid(_)) {
        judgement = ask(origin.as_ref()).await?;
    }
    let (reason, token) = match judgement {
        Judgement::Valid(token) => (None, token),
        Judgement::Refused(KeyRefusal::Unknown) => (Some(ended(&key)), None),
        Judgement::Refused(reason) => (Some(reason), None),
    };
    Ok(Json(VerifiedKey {
        valid: reason.is_none(),
        reason,
        key: Some(wire::key(key, wire::owner(&consumer), service.now())),
        consumer: Some(wire::consumer(consumer)),
        token: token.map(|token| shown(token, caller.role())),
    }))
}

fn refused(reason: KeyRefusal) -> VerifiedKey {
    VerifiedKey { valid: false, reason: Some(reason), key: None, consumer: None, token: None }
}

/// A node forgets revoked keys with its end, and then knows them no better than keys that never were.
fn ended(key: &Key) -> KeyRefusal {
    if matches!(key.state, KeyState::Revoked { .. }) { KeyRefusal::Revoked } else { KeyRefusal::Unknown }
}

/// The key, if it is there for the caller.
async fn held(
    service: &AdminService,
    caller: &Caller,
    presented: &PresentedKey<'_>,
) -> Reply<Option<(Key, Consumer)>> {
    let fingerprint = service.pepper().fingerprint(&presented.digest());
    let found = service.store().find_keys(&[fingerprint]).await?;
    let Some((id, _)) = found.into_iter().next().flatten() else { return Ok(None) };
    let Some(key) = service.store().key(id).await? else { return Ok(None) };
    let consumer = service.store().consumer(key.consumer).await?;
    Ok(consumer.filter(|consumer| caller.reaches(&consumer.bucket)).map(|consumer| (key, consumer)))
}

fn shown(token: MintedToken, role: Role) -> ShownToken {
    let value = match role {
        Role::Owner => Some(TokenText::from(token.value)),
        Role::Operator | Role::Auditor => None,
    };
    ShownToken { audience: token.audience, header: token.header, claims: token.claims, value }
}
