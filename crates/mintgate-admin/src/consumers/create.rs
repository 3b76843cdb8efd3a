//! `POST /v1/buckets/{bucket}/consumers`

use axum::extract::State;
use mintgate_admin_api::{CreateConsumer, CreatedConsumer, paths, schema};
use mintgate_store::{AuditAction, Bucket, Metadata, NewConsumer};
use mintgate_types::{BucketName, ConsumerId};

use crate::{
    AdminService, consumers,
    document::{Conflict, NotFound},
    input::{Body, Segments},
    keys::issue::{self, Issue},
    operation::{self, Allowed},
    reply::{Refusal, Reply, Tagged},
    wire,
};

/// Make a consumer
///
/// With `key`, its first key comes along: its text is in this reply and nowhere else.
#[utoipa::path(
    post,
    path = paths::CONSUMERS,
    tag = "consumers",
    params(("bucket" = inline(schema::BucketName), Path)),
    request_body = CreateConsumer,
    responses(
        (status = 201, description = "The consumer", body = CreatedConsumer, headers(("ETag" = String, description = "Its revision"))),
        NotFound,
        Conflict
    )
)]
pub(crate) async fn create_consumer(
    State(service): State<AdminService>,
    caller: Allowed<operation::CreateConsumer>,
    Segments(bucket): Segments<BucketName>,
    Body(mut request): Body<CreateConsumer>,
) -> Reply<Tagged<CreatedConsumer>> {
    let bucket = consumers::bucket(service.store(), &caller, &bucket).await?;
    let first_key = match request.key.take() {
        Some(key) => Some(Issue::from_request(key, service.now())?),
        None => None,
    };
    let new = new_consumer(&service, &bucket, request)?;
    let consumer = service.store().create_consumer(new, &caller.author(&service)).await?;
    caller.changed(AuditAction::CreateConsumer, &consumer.id);
    let revision = consumer.revision;
    let key = if let Some(first) = first_key {
        Some(issue::issue(&service, &caller, &bucket.prefix, &consumer, first).await?)
    } else {
        service.put_in_force(revision).await?;
        None
    };
    Ok(Tagged::created(revision, CreatedConsumer { consumer: wire::consumer(consumer), key }))
}

fn new_consumer(service: &AdminService, bucket: &Bucket, request: CreateConsumer) -> Reply<NewConsumer> {
    let metadata = Metadata::try_from(request.metadata).map_err(|error| Refusal::field("metadata", error))?;
    let subject = match request.subject {
        Some(subject) => subject,
        None => request.name.as_str().parse().expect("every consumer name is a subject"),
    };
    Ok(NewConsumer {
        id: ConsumerId::generate(service.entropy()),
        bucket: bucket.name.clone(),
        name: request.name,
        subject,
        metadata,
        tags: request.tags,
        managers: request.managers,
        created: service.now(),
    })
}
