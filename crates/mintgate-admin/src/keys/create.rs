//! `POST /v1/buckets/{bucket}/consumers/{consumer}/keys`

use axum::extract::State;
use mintgate_admin_api::{CreateKey, IssuedKey, paths, schema};
use mintgate_store::{AuditAction, Key};
use mintgate_types::{BucketName, ConsumerName};

use crate::{
    AdminService, consumers,
    document::{Conflict, NotFound},
    input::{OptionalBody, Segments},
    keys::issue::{self, Issue},
    once::{IdempotencyKeyHeader, Once, Place, Rendered},
    operation::{self, Allowed},
    reply::Reply,
};

/// Make a key
///
/// When the reply is sent, the key is on disk and works. Its text is in this reply and nowhere else.
#[utoipa::path(
    post,
    path = paths::CONSUMER_KEYS,
    tag = "keys",
    params(("bucket" = inline(schema::BucketName), Path), ("consumer" = inline(schema::ConsumerName), Path), IdempotencyKeyHeader),
    request_body = Option<CreateKey>,
    responses(
        (status = 201, description = "The key, with its text", body = IssuedKey, headers(("ETag" = String, description = "Its revision"))),
        NotFound,
        Conflict
    )
)]
pub(crate) async fn create_key(
    State(service): State<AdminService>,
    caller: Allowed<operation::CreateKey>,
    Segments((bucket, consumer)): Segments<(BucketName, ConsumerName)>,
    Once(making, OptionalBody(request)): Once<OptionalBody<CreateKey>>,
) -> Reply<Rendered> {
    let like = Issue::from_request(request, service.now())?;
    let bucket = consumers::bucket(service.store(), &caller, &bucket).await?;
    let consumer = consumers::named(service.store(), &caller, &bucket.name, &consumer).await?;
    let (issued, new) = issue::generate(&service, &bucket.prefix, consumer.id, like);
    let (place, now) = (Place::consumer(&consumer), service.now());
    let render =
        move |key: &Key| Rendered::created(key.revision, &issue::reveal(issued, key.clone(), &consumer, now));
    let (key, reply) = making.make(&service, &caller.author(&service), (new, place), render).await?;
    caller.changed(AuditAction::CreateKey, &key.id);
    service.put_in_force(key.revision).await?;
    Ok(reply)
}
