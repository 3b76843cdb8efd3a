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
    operation::{self, Allowed},
    reply::{Refusal, Reply, Tagged},
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
    Body(request): Body<CreateConsumer>,
) -> Reply<Tagged<CreatedConsumer>> {
    let bucket = consumers::bucket(service.store(), &caller, &bucket).await?;
    let draft = Draft::read(&service, &bucket, request)?;
    let made = batch::make(&service, &caller, vec![draft]).await?;
    let created = made.into_iter().next().expect("what is stored comes back");
    Ok(Tagged::created(created.consumer.revision, created))
}

pub(crate) fn new_consumer(
    service: &AdminService,
    bucket: &Bucket,
    request: CreateConsumer,
) -> Reply<NewConsumer> {
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
