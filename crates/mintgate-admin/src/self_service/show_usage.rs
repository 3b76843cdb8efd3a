//! `GET /v1/self/usage`

use axum::{Json, extract::State};
use mintgate_admin_api::{MOST_SUMMED, ShowUsage, Usage, paths};
use mintgate_store::{Consumer, PageRequest, UsageOf};

use super::Manager;
use crate::{
    AdminService,
    document::{SelfService, WrongField},
    input::Params,
    operation::{self, Own},
    reply::{Refusal, Reply},
    usage::show,
};

/// Requests of one's consumers over time
///
/// Of one key, of one consumer, of all of one's consumers in a bucket, or of all of them, if those are not too many. Counts
/// are some seconds behind.
#[utoipa::path(
    get,
    path = paths::SELF_USAGE,
    tag = "self-service",
    params(ShowUsage),
    responses(
        (status = 200, description = "Every period, and all together", body = Usage),
        SelfService,
        WrongField
    )
)]
pub(crate) async fn show_own_usage(
    State(service): State<AdminService>,
    manager: Own<operation::ShowOwnUsage>,
    Params(query): Params<ShowUsage>,
) -> Reply<Json<Usage>> {
    let window = show::window(&service, &query)?;
    let of = whose(&service, &manager, query).await?;
    show::sum(&service, &of, window).await.map(Json)
}

async fn whose(service: &AdminService, manager: &Manager, query: ShowUsage) -> Reply<Vec<UsageOf>> {
    match (query.key_id, query.bucket, query.consumer) {
        (Some(id), None, None) => {
            let (_, consumer) = manager.key(service, id).await?;
            Ok(vec![UsageOf::Key { bucket: consumer.bucket, id }])
        }
        (Some(_), ..) => Err(Refusal::field("key_id", "names one key, so bucket and consumer say nothing")),
        (None, Some(bucket), Some(name)) => Ok(vec![of(manager.consumer(service, &bucket, &name).await?)]),
        (None, None, Some(_)) => Err(Refusal::field("bucket", "must be said with the consumer")),
        (None, bucket, None) => {
            let page = PageRequest { after: None, limit: MOST_SUMMED };
            let page = manager.consumers(service, bucket.as_ref(), page).await?;
            if page.next.is_some() {
                let message = format!("must be said: you manage more than {MOST_SUMMED} consumers here");
                return Err(Refusal::field("consumer", message));
            }
            Ok(page.items.into_iter().map(of).collect())
        }
    }
}

fn of(consumer: Consumer) -> UsageOf {
    UsageOf::Consumer { bucket: consumer.bucket, id: consumer.id }
}
