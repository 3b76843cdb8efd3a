//! `GET /v1/self/keys`

use axum::{Json, extract::State};
use mintgate_admin_api::{Cursor, InvalidCursor, Key, KeyPage, ListOwnKeys, paths};
use mintgate_store::{Consumer, KeyFilter, Page, PageRequest};
use mintgate_types::{BucketName, ConsumerName, KeyId};

use super::{Manager, shown};
use crate::{
    AdminService,
    document::SelfService,
    input::Params,
    operation::{self, Own},
    reply::{Refusal, Reply},
    wire,
};

/// The keys of one's consumers
///
/// Everything that is known of them but their texts and what admins wrote down when they revoked one. A page looks at as
/// many consumers as it may have keys, and at a hundred at the most: it may hold fewer keys, or none, and still have a
/// `next_cursor`.
#[utoipa::path(
    get,
    path = paths::SELF_KEYS,
    tag = "self-service",
    params(ListOwnKeys),
    responses(
        (status = 200, description = "A page of keys, by bucket, consumer and id", body = KeyPage),
        SelfService
    )
)]
pub(crate) async fn list_own_keys(
    State(service): State<AdminService>,
    manager: Own<operation::ListOwnKeys>,
    Params(query): Params<ListOwnKeys>,
) -> Reply<Json<KeyPage>> {
    let limit: u32 = query.limit.unwrap_or_default().into();
    let after = query.cursor.as_ref().map(Place::read).transpose()?;
    let named = match (query.bucket, query.consumer) {
        (Some(bucket), Some(name)) => Some(manager.consumer(&service, &bucket, &name).await?),
        (None, Some(_)) => {
            return Err(Refusal::Unreadable("consumer needs the bucket that it lives in".to_owned()));
        }
        (bucket, None) => {
            return several(&service, &manager, bucket.as_ref(), (after, limit)).await.map(Json);
        }
    };
    let consumer = named.expect("the other cases have returned");
    let after = after.and_then(|place| place.key);
    let page = of_one(&service, &consumer, PageRequest { after, limit }).await?;
    let next_cursor = page.next.map(|key| Place::behind(&consumer, Some(key)).written());
    Ok(Json(KeyPage { data: page.items, next_cursor }))
}

/// A page over many consumers, one after the other.
async fn several(
    service: &AdminService,
    manager: &Manager,
    bucket: Option<&BucketName>,
    (after, limit): (Option<Place>, u32),
) -> Reply<KeyPage> {
    let mut keys: Vec<Key> = Vec::new();
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut position, mut last) = (None, None);
    if let Some(place) = after {
        if bucket.is_some_and(|bucket| *bucket != place.bucket) {
            return Err(InvalidCursor.into());
        }
        if let Some((consumer, page)) = rest_of_one(service, manager, &place, limit).await? {
            keys.extend(page.items);
            if let Some(key) = page.next {
                let next = Place::behind(&consumer, Some(key));
                return Ok(KeyPage { data: keys, next_cursor: Some(next.written()) });
            }
        }
        position = Some((place.bucket.clone(), place.consumer.clone()));
        last = Some(Place { key: None, ..place });
    }
    let request = PageRequest { after: position, limit: limit.min(MOST_CONSUMERS) };
    let consumers = manager.consumers(service, bucket, request).await?;
    for consumer in &consumers.items {
        let room = u32::try_from(most.saturating_sub(keys.len())).unwrap_or(0);
        if room == 0 {
            return Ok(KeyPage { data: keys, next_cursor: last.map(|place| place.written()) });
        }
        let page = of_one(service, consumer, PageRequest { after: None, limit: room }).await?;
        keys.extend(page.items);
        last = Some(Place::behind(consumer, page.next));
        if let (Some(place), true) = (&last, page.next.is_some()) {
            return Ok(KeyPage { data: keys, next_cursor: Some(place.written()) });
        }
    }
    let next = consumers.next.map(|(bucket, consumer)| Place { bucket, consumer, key: None }.written());
    Ok(KeyPage { data: keys, next_cursor: next })
}

/// What is left of a consumer's keys where a page ended among them. If it is no longer there or theirs, the next one follows.
async fn rest_of_one(
    service: &AdminService,
    manager: &Manager,
    place: &Place,
    limit: u32,
) -> Reply<Option<(Consumer, Page<Key, KeyId>)>> {
    let Some(after) = place.key else { return Ok(None) };
    match manager.consumer(service, &place.bucket, &place.consumer).await {
        Ok(consumer) => {
            let page = of_one(service, &consumer, PageRequest { after: Some(after), limit }).await?;
            Ok(Some((consumer, page)))
        }
        Err(Refusal::NotFound(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

async fn of_one(
    service: &AdminService,
    consumer: &Consumer,
    request: PageRequest<KeyId>,
) -> Reply<Page<Key, KeyId>> {
    let filter = KeyFilter { consumer: Some(consumer.id), ..KeyFilter::default() };
    let Page { items, next } = service.store().keys(&filter, request).await?;
    let now = service.now();
    let items = items.into_iter().map(|key| shown(wire::key(key, wire::owner(consumer), now))).collect();
    Ok(Page { items, next })
}

/// At how many consumers a page looks: each is a question to the store.
const MOST_CONSUMERS: u32 = 100;

/// Behind a consumer, or behind one of its keys.
struct Place {
    bucket: BucketName,
    consumer: ConsumerName,
    key: Option<KeyId>,
}

impl Place {
    fn behind(consumer: &Consumer, key: Option<KeyId>) -> Self {
        Self { bucket: consumer.bucket.clone(), consumer: consumer.name.clone(), key }
    }

    fn written(&self) -> Cursor {
        let Self { bucket, consumer, key } = self;
        let key = key.as_ref().map_or("-", KeyId::as_str);
        Cursor::after(&format!("{bucket} {consumer} {key}"))
    }

    fn read(cursor: &Cursor) -> Reply<Self> {
        let text = cursor.position::<String>()?;
        let parts: Vec<_> = text.split(' ').collect();
        let [bucket, consumer, key] = parts[..] else { return Err(InvalidCursor.into()) };
        let key = if key == "-" { None } else { Some(key.parse().map_err(|_| InvalidCursor)?) };
        Ok(Self {
            bucket: bucket.parse().map_err(|_| InvalidCursor)?,
            consumer: consumer.parse().map_err(|_| InvalidCursor)?,
            key,
        })
    }
}
