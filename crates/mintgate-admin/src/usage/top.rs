//! `GET /v1/usage/top`

use axum::{Json, extract::State};
use mintgate_admin_api::{self as api, KeyOwner, MOST_TOP, ShowTop, UsageTop, paths};
use mintgate_store::{TopBy, TopEntry, TopRequest};
use mintgate_types::{SignedDuration, Timestamp, UsageStep};

use super::{Asked, Refusal, Window, ranking::ranking, within};
use crate::{
    AdminService,
    document::{NotFound, WrongField},
    input::Params,
    operation::{self, Allowed},
    reply::Reply,
};

/// Those with the most requests
///
/// Consumers or keys, by the requests that were let through. Removed ones are left out. A ranking that takes more than 50 ms
/// to count is kept and given again for up to forty times as long as that took; `counted_at` says when it was.
#[utoipa::path(
    get,
    path = paths::USAGE_TOP,
    tag = "usage",
    params(ShowTop),
    responses((status = 200, description = "Most requests first", body = UsageTop), NotFound, WrongField)
)]
pub(crate) async fn show_top_usage(
    State(service): State<AdminService>,
    caller: Allowed<operation::ShowUsage>,
    Params(query): Params<ShowTop>,
) -> Reply<Json<UsageTop>> {
    let limit = query.limit.unwrap_or(10);
    if !(1..=MOST_TOP).contains(&limit) {
        return Err(Refusal::field("limit", format!("must be 1 to {MOST_TOP}")));
    }
    let window = Window::new(&asked(&query, service.now()), service.now())?;
    let by = match query.by.unwrap_or_default() {
        api::TopBy::Consumer => TopBy::Consumer,
        api::TopBy::Key => TopBy::Key,
    };
    let within = within(&service, &caller, query.bucket.as_ref()).await?;
    let request = TopRequest { by, span: window.span(), within, limit };
    let ranking = ranking(&service, &request).await?;
    let data = ranking.entries.iter().map(shown).collect();
    Ok(Json(UsageTop { from: window.from(), to: window.to(), counted_at: ranking.counted_at, data }))
}

/// A day is a row for each that was active, and 24 hours are 24 of them.
fn asked(query: &ShowTop, now: Timestamp) -> Asked {
    let to = query.to.unwrap_or(now);
    let from = query.from.or_else(|| to.checked_sub(SignedDuration::from_hours(24)).ok());
    let short = from.is_some_and(|from| to.duration_since(from) <= BY_THE_HOUR);
    Asked { from, to: Some(to), step: Some(if short { UsageStep::Hour } else { UsageStep::Day }) }
}

/// Up to so much time it is to the hour.
const BY_THE_HOUR: SignedDuration = SignedDuration::from_hours(3);

fn shown(entry: &TopEntry) -> api::TopEntry {
    let TopEntry { consumer: id, bucket, name, key, counts } = entry.clone();
    api::TopEntry { consumer: KeyOwner { id, bucket, name }, key_id: key, counts: counts.into() }
}
