//! `POST /v1/buckets/{bucket}/consumers`

use axum::extract::State;
use mintgate_admin_api::{CreateConsumer, CreatedConsumer, paths, schema};
use mintgate_store::{Bucket, Metadata, NewConsumer};
use mintgate_types::{BucketName, ConsumerId};

use crate::{
    AdminService,
    consumers::{
        self,
        batch::{self, Draft},
    },
    document::{Conflict, NotFound},
    input::{Body, Segments},
    once::{IdempotencyKeyHeader, Once, Rendered},
    operation::{self, Allowed},
    reply::{Refusal, Reply},
};

/// Make a consumer
///
/// With `key`, its first key comes along: its text is in this reply and nowhere else.
#[utoipa::path(
    post,
    path = paths::CONSUMERS,
    tag = "consumers",
    params(("bucket" = inline(schema::BucketName), Path), IdempotencyKeyHeader),
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
    Once(making, Body(request)): Once<Body<CreateConsumer>>,
) -> Reply<Rendered> {
    let bucket = consumers::bucket(service.store(), &caller, &bucket).await?;
    let draft = Draft::read(&service, &bucket, request)?;
    batch::make(&service, &caller, &making, (&bucket.name, vec![draft]), |made| {
        let created = made.first().expect("what is stored comes back");
        Rendered::created(created.consumer.revision, created)
    })
    .await
}

pub(crate) fn new_consumer(
    service: &AdminService,
    bucket: &Bucket,
    request: CreateConsumer,
) -> Reply<NewConsumer> {
    let metadata = Metadata::try_from(request.metadata).map_err(|error| Refusal::field("metadata", error))?;
    consumers::refuse_nobody(&request.managers)?;
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
