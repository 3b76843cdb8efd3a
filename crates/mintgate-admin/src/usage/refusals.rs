//! `GET /v1/usage/refusals`

use axum::{Json, extract::State};
use mintgate_admin_api::{RefusalPoint, Refusals, RefusedRequests, ShowRefusals, paths};

use super::{Asked, Window};
use crate::{
    AdminService,
    document::WrongField,
    input::Params,
    operation::{self, Allowed},
    reply::Reply,
};

/// What the gate refused, over time and by reason
///
/// Requests with a known key are among them, and count for that key as well.
#[utoipa::path(
    get,
    path = paths::USAGE_REFUSALS,
    tag = "usage",
    params(ShowRefusals),
    responses((status = 200, description = "Every period, and all together", body = Refusals), WrongField)
)]
pub(crate) async fn show_refusals(
    State(service): State<AdminService>,
    _: Allowed<operation::ShowRefusals>,
    Params(query): Params<ShowRefusals>,
) -> Reply<Json<Refusals>> {
    let asked = Asked { from: query.from, to: query.to, step: query.step.map(Into::into) };
    let window = Window::new(&asked, service.now())?;
    let stored = service.store().refusals(window.span()).await?;
    let mut totals = RefusedRequests::default();
    let points = window.fill(
        stored,
        |point| point.period,
        |at, points| {
            let mut counts = RefusedRequests::default();
            for point in points {
                counts.add(point.reason, point.count);
                totals.add(point.reason, point.count);
            }
            RefusalPoint { at, counts }
        },
    );
    Ok(Json(Refusals { step: window.step().into(), from: window.from(), to: window.to(), points, totals }))
}
