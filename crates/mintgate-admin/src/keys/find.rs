//! `GET /v1/keys`

use axum::{Json, extract::State};
use mintgate_admin_api::{Cursor, FindKeys, KeyPage, KeyStateName, paths};
use mintgate_store::{KeyFilter, KeyFormat, KeyStanding, PageRequest};
use mintgate_types::KeyId;

use crate::{
    AdminService,
    caller::Caller,
    consumers,
    input::Params,
    keys,
    operation::{self, Allowed},
    reply::{Refusal, Reply},
    wire,
};

/// Keys of all consumers
///
/// Everything that is known of them, which is all but their texts; revoked ones are there too. What a page looks at is
/// bounded: it may hold fewer keys than its limit, or none, and still have a `next_cursor`.
#[utoipa::path(
    get,
    path = paths::KEYS,
    tag = "keys",
    params(FindKeys),
    responses((status = 200, description = "A page of keys, by id", body = KeyPage), crate::document::NotFound)
)]
pub(crate) async fn list_keys(
    State(service): State<AdminService>,
    caller: Allowed<operation::ListKeys>,
    Params(query): Params<FindKeys>,
) -> Reply<Json<KeyPage>> {
    let after = query.cursor.as_ref().map(Cursor::position::<KeyId>).transpose()?;
    let request = PageRequest { after, limit: query.limit.unwrap_or_default().into() };
    let filter = filter(&service, &caller, query).await?;
    let page = service.store().keys(&filter, request).await?;
    Ok(Json(KeyPage {
        data: wire::keys(service.store(), page.items, service.now()).await?,
        next_cursor: page.next.map(|id| Cursor::after(&id)),
    }))
}

/// What is asked for, of what is there for the caller.
async fn filter(service: &AdminService, caller: &Caller, query: FindKeys) -> Reply<KeyFilter> {
    let consumer = match (&query.bucket, &query.consumer) {
        (Some(bucket), Some(name)) => Some(consumers::named(service.store(), caller, bucket, name).await?.id),
        (None, Some(_)) => {
            return Err(Refusal::Unreadable("consumer needs the bucket that it lives in".to_owned()));
        }
        (_, None) => None,
    };
    let standing = query.state.map(|state| match state {
        KeyStateName::Active => KeyStanding::Active,
        KeyStateName::Rolled => KeyStanding::Rolled,
        KeyStateName::Expired => KeyStanding::Expired,
        KeyStateName::Revoked => KeyStanding::Revoked,
    });
    Ok(KeyFilter {
        within: caller.within().clone(),
        consumer,
        bucket: query.bucket.filter(|_| consumer.is_none()),
        text: query.q.map(String::from),
        standing: standing.map(|standing| (standing, service.now())),
        format: query.foreign.map(|foreign| if foreign { KeyFormat::Foreign } else { KeyFormat::Native }),
        expires_before: query.expires_before,
        unused_since: keys::unused_since(service, query.unused_for),
        ..KeyFilter::default()
    })
}
