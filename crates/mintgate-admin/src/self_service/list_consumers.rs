//! `GET /v1/self/consumers`

use axum::{Json, extract::State};
use mintgate_admin_api::{Cursor, ListOwnConsumers, OwnConsumer, OwnConsumerPage, paths};
use mintgate_store::{Consumer, PageRequest};
use mintgate_types::{BucketName, ConsumerName};

use super::Position;
use crate::{
    AdminService,
    document::SelfService,
    input::Params,
    operation::{self, Own},
    reply::Reply,
    wire,
};

/// One's consumers
///
/// Those that name the caller as a manager: by an e-mail address that the identity provider has verified, or by the
/// subject there.
#[utoipa::path(
    get,
    path = paths::SELF_CONSUMERS,
    tag = "self-service",
    params(ListOwnConsumers),
    responses(
        (status = 200, description = "A page of consumers, by bucket and name", body = OwnConsumerPage),
        SelfService
    )
)]
pub(crate) async fn list_own_consumers(
    State(service): State<AdminService>,
    manager: Own<operation::ListOwnConsumers>,
    Params(query): Params<ListOwnConsumers>,
) -> Reply<Json<OwnConsumerPage>> {
    let after = query.cursor.map(|cursor| position(&cursor)).transpose()?;
    let request = PageRequest { after, limit: query.limit.unwrap_or_default().into() };
    let page = manager.consumers(&service, None, request).await?;
    Ok(Json(OwnConsumerPage {
        data: page.items.into_iter().map(own).collect(),
        next_cursor: page.next.map(|(bucket, name)| Cursor::after(&format!("{bucket} {name}"))),
    }))
}

fn own(consumer: Consumer) -> OwnConsumer {
    let mintgate_admin_api::Consumer { bucket, name, state, disabled_since, .. } = wire::consumer(consumer);
    OwnConsumer { bucket, name, state, disabled_since }
}

fn position(cursor: &Cursor) -> Reply<Position> {
    let text = cursor.position::<String>()?;
    let position = text.split_once(' ').and_then(|(bucket, name)| {
        Some((bucket.parse::<BucketName>().ok()?, name.parse::<ConsumerName>().ok()?))
    });
    Ok(position.ok_or(mintgate_admin_api::InvalidCursor)?)
}
