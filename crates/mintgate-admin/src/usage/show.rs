//! `GET /v1/usage`

use axum::{Json, extract::State};
use mintgate_admin_api::{ShowUsage, Usage, UsagePoint, paths};
use mintgate_store::UsageOf;
use mintgate_types::RequestCounts;

use super::{Asked, Refusal, Window, within};
use crate::{
    AdminService,
    caller::Caller,
    consumers,
    document::{NotFound, WrongField},
    input::Params,
    keys,
    operation::{self, Allowed},
    reply::Reply,
};

/// Requests over time
///
/// Of everybody, of a bucket, of a consumer or of a key, by the hour or the day. Counts are some seconds behind.
#[utoipa::path(
    get,
    path = paths::USAGE,
    tag = "usage",
    params(ShowUsage),
    responses((status = 200, description = "Every period, and all together", body = Usage), NotFound, WrongField)
)]
pub(crate) async fn show_usage(
    State(service): State<AdminService>,
    caller: Allowed<operation::ShowUsage>,
    Params(query): Params<ShowUsage>,
) -> Reply<Json<Usage>> {
    let window = window(&service, &query)?;
    let of = whose(&service, &caller, query).await?;
    sum(&service, &[of], window).await.map(Json)
}

/// Which time is asked about.
pub(crate) fn window(service: &AdminService, query: &ShowUsage) -> Reply<Window> {
    let asked = Asked { from: query.from, to: query.to, step: query.step.map(Into::into) };
    Window::new(&asked, service.now())
}

/// Every period, with the requests of all of these.
pub(crate) async fn sum(service: &AdminService, of: &[UsageOf], window: Window) -> Reply<Usage> {
    let mut stored = Vec::new();
    for one in of {
        stored.extend(service.store().usage(one, window.span()).await?);
    }
    stored.sort_by_key(|point| point.period);
    let mut totals = RequestCounts::default();
    let points = window.fill(
        stored,
        |point| point.period,
        |at, points| {
            let mut counts = RequestCounts::default();
            for point in &points {
                counts.add(&point.counts);
            }
            totals.add(&counts);
            UsagePoint { at, counts: counts.into() }
        },
    );
    Ok(Usage {
        step: window.step().into(),
        from: window.from(),
        to: window.to(),
        points,
        totals: totals.into(),
    })
}

async fn whose(service: &AdminService, caller: &Caller, query: ShowUsage) -> Reply<UsageOf> {
    match (query.key_id, query.bucket, query.consumer) {
        (Some(id), None, None) => {
            let (_, consumer) = keys::held(service.store(), caller, id).await?;
            Ok(UsageOf::Key { bucket: consumer.bucket, id })
        }
        (Some(_), ..) => Err(Refusal::field("key_id", "names one key, so bucket and consumer say nothing")),
        (None, Some(bucket), Some(name)) => {
            let consumer = consumers::named(service.store(), caller, &bucket, &name).await?;
            Ok(UsageOf::Consumer { bucket, id: consumer.id })
        }
        (None, None, Some(_)) => Err(Refusal::field("bucket", "must be said with the consumer")),
        (None, bucket, None) => Ok(UsageOf::All(within(service, caller, bucket.as_ref()).await?)),
    }
}
