//! `POST /v1/keys:revoke`

use axum::{Json, extract::State};
use mintgate_admin_api::{KeySelection, MOST_SHOWN, RevokeKeys, RevokedKeys, paths};
use mintgate_store::{AuditAction, Key, KeyFilter, KeyFormat, KeyStanding, PageRequest, Revocation};
use mintgate_types::KeyId;

use crate::{
    AdminService,
    caller::Caller,
    consumers,
    document::NotFound,
    input::Body,
    keys,
    operation::{self, Allowed},
    reply::{Refusal, Reply},
    wire,
};

/// End many keys for good
///
/// Those that fit all of the filter. With `dry_run`, nothing is done, and the reply says what would be. Up to 100,000 keys;
/// should it fail halfway, some are revoked, and the same request ends the rest.
#[utoipa::path(
    post,
    path = paths::KEYS_REVOKE,
    tag = "keys",
    request_body = RevokeKeys,
    responses((status = 200, description = "How many were ended, and the first of them", body = RevokedKeys), NotFound)
)]
pub(crate) async fn revoke_keys(
    State(service): State<AdminService>,
    caller: Allowed<operation::RevokeKey>,
    Body(request): Body<RevokeKeys>,
) -> Reply<Json<RevokedKeys>> {
    let RevokeKeys { filter, reason, dry_run } = request;
    let filter = read(&service, &caller, filter).await?;
    let (ids, mut shown) = matching(&service, &filter).await?;
    let mut revoked = 0;
    if !dry_run && !ids.is_empty() {
        let revocation = Revocation { at: service.now(), reason };
        shown.clear();
        for ids in ids.chunks(KEYS_AT_ONCE) {
            let author = caller.author(&service);
            let ended = service.store().revoke_keys(ids.to_vec(), revocation.clone(), &author).await?;
            revoked += ended.len();
            for key in &ended {
                caller.changed(AuditAction::RevokeKey, &key.id);
            }
            let room = MOST_SHOWN - shown.len();
            shown.extend(ended.into_iter().take(room));
        }
        service.put_all_in_force().await?;
    }
    let shown = wire::keys(service.store(), shown, service.now()).await?;
    Ok(Json(RevokedKeys { matched: ids.len(), revoked, dry_run, keys: shown }))
}

async fn read(service: &AdminService, caller: &Caller, selection: KeySelection) -> Reply<KeyFilter> {
    let KeySelection { bucket, consumer, tag, label, created_before, unused_for, foreign, ids } = selection;
    let says_nothing = bucket.is_none() && consumer.is_none() && tag.is_none() && label.is_none();
    if says_nothing && created_before.is_none() && unused_for.is_none() && foreign.is_none() && ids.is_none()
    {
        return Err(Refusal::field("filter", "says nothing: it would end every key that there is"));
    }
    if ids.as_ref().is_some_and(|ids| !(1..=MOST_NAMED).contains(&ids.len())) {
        return Err(Refusal::field("filter.ids", format!("must name 1 to {MOST_NAMED} keys")));
    }
    let consumer = match (&bucket, &consumer) {
        (Some(bucket), Some(name)) => Some(consumers::named(service.store(), caller, bucket, name).await?.id),
        (None, Some(_)) => return Err(Refusal::field("filter.bucket", "must say where the consumer lives")),
        (_, None) => None,
    };
    Ok(KeyFilter {
        within: caller.within().clone(),
        bucket: bucket.filter(|_| consumer.is_none()),
        consumer,
        tags: tag.map(|tag| (tag.name, tag.value)).into_iter().collect(),
        label,
        created_before,
        unused_since: keys::unused_since(service, unused_for),
        format: foreign.map(|foreign| if foreign { KeyFormat::Foreign } else { KeyFormat::Native }),
        ids,
        standing: Some((KeyStanding::NotRevoked, service.now())),
        ..KeyFilter::default()
    })
}

/// All that fit, and the first of them to be shown.
async fn matching(service: &AdminService, filter: &KeyFilter) -> Reply<(Vec<KeyId>, Vec<Key>)> {
    let (mut ids, mut shown) = (Vec::new(), Vec::new());
    let mut after = None;
    loop {
        let page = service.store().keys(filter, PageRequest { after, limit: PAGE }).await?;
        ids.extend(page.items.iter().map(|key| key.id));
        if ids.len() > MOST_REVOKED {
            return Err(Refusal::field("filter", format!("fits more than {MOST_REVOKED} keys: say more")));
        }
        let room = MOST_SHOWN - shown.len();
        shown.extend(page.items.into_iter().take(room));
        after = page.next;
        if after.is_none() {
            return Ok((ids, shown));
        }
    }
}

const MOST_NAMED: usize = 10_000;
const MOST_REVOKED: usize = 100_000;
/// A transaction each: others that wait to change something get their turn in between.
const KEYS_AT_ONCE: usize = 500;
const PAGE: u32 = 1_000;
