//! `GET /v1/consumers`, and what it has in common with the list of one bucket.

use axum::{Json, extract::State};
use mintgate_admin_api::{
    ConsumerPage, ConsumerSort, ConsumerState, Cursor, FindConsumers, InvalidCursor, MetadataFilter, paths,
};
use mintgate_store::{ConsumerOrder, ConsumerPosition, ConsumerSearch, MetadataMatch, Page, PageRequest};
use mintgate_types::Timestamp;

use crate::{
    AdminService,
    caller::Caller,
    input::Params,
    operation::{self, Allowed},
    reply::{Refusal, Reply},
    wire,
};

/// Consumers of all buckets
///
/// What a page looks at is bounded: it may hold fewer consumers than its limit, or none, and still have a `next_cursor`.
#[utoipa::path(
    get,
    path = paths::ALL_CONSUMERS,
    tag = "consumers",
    params(FindConsumers),
    responses((status = 200, description = "A page of consumers, in the order that was asked for", body = ConsumerPage))
)]
pub(crate) async fn find_consumers(
    State(service): State<AdminService>,
    caller: Allowed<operation::ListConsumers>,
    Params(query): Params<FindConsumers>,
) -> Reply<Json<ConsumerPage>> {
    page(&service, &caller, query).await.map(Json)
}

/// A page of what was asked for, of what is there for the caller.
pub(crate) async fn page(
    service: &AdminService,
    caller: &Caller,
    query: FindConsumers,
) -> Reply<ConsumerPage> {
    let order = match query.sort.unwrap_or_default() {
        ConsumerSort::Name => ConsumerOrder::Name,
        ConsumerSort::Created => ConsumerOrder::Created,
        ConsumerSort::LastUsed => ConsumerOrder::LastUsed,
    };
    let search = ConsumerSearch {
        bucket: query.bucket,
        within: caller.within().clone(),
        text: query.q.map(String::from),
        tags: query.tag.map(|tag| (tag.name, tag.value)).into_iter().collect(),
        metadata: query.metadata.as_ref().map(metadata).transpose()?.into_iter().collect(),
        disabled: query.state.map(|state| state == ConsumerState::Disabled),
        order,
    };
    let after = query.cursor.map(|cursor| position(&cursor, order)).transpose()?;
    let request = PageRequest { after, limit: query.limit.unwrap_or_default().into() };
    let Page { items, next } = service.store().search_consumers(&search, request).await?;
    Ok(ConsumerPage {
        data: items.into_iter().map(wire::consumer).collect(),
        next_cursor: next.map(|position| cursor(&position)),
    })
}

fn metadata(filter: &MetadataFilter) -> Reply<MetadataMatch> {
    let invalid = || Refusal::Unreadable("metadata must be POINTER:VALUE, such as /plan:gold".to_owned());
    let (pointer, value) = filter.parts().ok_or_else(invalid)?;
    MetadataMatch::new(pointer, value).map_err(|_| invalid())
}

/// The order is in it, so that it fits no list of another order.
fn cursor(position: &ConsumerPosition) -> Cursor {
    Cursor::after(&match position {
        ConsumerPosition::Name(bucket, name) => format!("n {bucket} {name}"),
        ConsumerPosition::Time(at, id) => {
            format!("t {} {id}", at.map_or(0, Timestamp::as_microsecond))
        }
    })
}

fn position(cursor: &Cursor, order: ConsumerOrder) -> Reply<ConsumerPosition> {
    let text = cursor.position::<String>()?;
    let mut parts = text.split(' ');
    let (kind, first, second) = (parts.next(), parts.next(), parts.next());
    let position = match (order, kind, first.zip(second), parts.next()) {
        (ConsumerOrder::Name, Some("n"), Some((bucket, name)), None) => bucket
            .parse()
            .ok()
            .zip(name.parse().ok())
            .map(|(bucket, name)| ConsumerPosition::Name(bucket, name)),
        (ConsumerOrder::Created | ConsumerOrder::LastUsed, Some("t"), Some((at, id)), None) => at
            .parse()
            .ok()
            .and_then(|at| Timestamp::from_microsecond(at).ok())
            .zip(id.parse().ok())
            .map(|(at, id)| ConsumerPosition::Time(Some(at), id)),
        _ => None,
    };
    position.ok_or_else(|| InvalidCursor.into())
}
