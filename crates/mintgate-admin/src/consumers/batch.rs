//! `POST /v1/buckets/{bucket}/consumers:batch`

use std::collections::HashMap;

use axum::extract::State;
use http::StatusCode;
use mintgate_admin_api::{
    CreateConsumer, CreateConsumers, CreatedConsumer, CreatedConsumers, FieldProblem, MOST_CREATED, paths,
    schema,
};
use mintgate_apikey::IssuedKey;
use mintgate_store::{AuditAction, Bucket, Holder, NewHolder};
use mintgate_types::{BucketName, ConsumerName};

use crate::{
    AdminService,
    caller::Caller,
    consumers::{self, create},
    document::{Conflict, NotFound},
    input::{Body, Segments},
    keys::issue::{self, Issue},
    once::{IdempotencyKeyHeader, Making, Once, Place, Rendered},
    operation::{self, Allowed},
    reply::{Refusal, Reply},
    wire,
};

/// Make many consumers
///
/// Up to 1,000, each with a first key if wanted: all of them, or none; then `errors` names what is wrong with each. The
/// reply has them in the order of the request, with the texts of the keys, which are nowhere else.
#[utoipa::path(
    post,
    path = paths::CONSUMERS_BATCH,
    tag = "consumers",
    params(("bucket" = inline(schema::BucketName), Path), IdempotencyKeyHeader),
    request_body = CreateConsumers,
    responses((status = 201, description = "The consumers", body = CreatedConsumers), NotFound, Conflict)
)]
pub(crate) async fn create_consumers(
    State(service): State<AdminService>,
    caller: Allowed<operation::CreateConsumer>,
    Segments(bucket): Segments<BucketName>,
    Once(making, Body(request)): Once<Body<CreateConsumers>>,
) -> Reply<Rendered> {
    if !(1..=MOST_CREATED).contains(&request.consumers.len()) {
        return Err(Refusal::field("consumers", format!("must hold 1 to {MOST_CREATED} consumers")));
    }
    let bucket = consumers::bucket(service.store(), &caller, &bucket).await?;
    refuse_taken(&service, &bucket.name, &request.consumers).await?;
    let drafts = read_all(&service, &bucket, request.consumers)?;
    make(&service, &caller, &making, (&bucket.name, drafts), |consumers| {
        Rendered::new(StatusCode::CREATED, &CreatedConsumers { consumers })
    })
    .await
}

/// A consumer that is in order, and the text of its key.
pub(crate) struct Draft {
    new: NewHolder,
    issued: Option<IssuedKey>,
}

impl Draft {
    /// As a request says.
    pub(crate) fn read(service: &AdminService, bucket: &Bucket, mut request: CreateConsumer) -> Reply<Self> {
        let key = request.key.take();
        let consumer = create::new_consumer(service, bucket, request);
        let like = key
            .map(|key| Issue::from_request(key, service.now()))
            .transpose()
            .map_err(|refusal| within("key", refusal));
        let (consumer, like) = match (consumer, like) {
            (Ok(consumer), Ok(like)) => (consumer, like),
            (Err(Refusal::Fields(mut first)), Err(Refusal::Fields(second))) => {
                first.extend(second);
                return Err(Refusal::Fields(first));
            }
            (Err(refusal), _) | (_, Err(refusal)) => return Err(refusal),
        };
        let (issued, key) = match like.map(|like| issue::generate(service, &bucket.prefix, consumer.id, like))
        {
            Some((issued, key)) => (Some(issued), Some(key)),
            None => (None, None),
        };
        Ok(Self { new: NewHolder { consumer, key }, issued })
    }
}

/// Makes them in one transaction, and renders the reply; returns once they are on disk and work here.
pub(crate) async fn make(
    service: &AdminService,
    caller: &Caller,
    making: &Making,
    (bucket, drafts): (&BucketName, Vec<Draft>),
    render: fn(Vec<CreatedConsumer>) -> Rendered,
) -> Reply<Rendered> {
    let (new, issued): (Vec<_>, Vec<_>) = drafts.into_iter().map(|draft| (draft.new, draft.issued)).unzip();
    let (place, now) = (Place::bucket(bucket), service.now());
    let reveal = move |(holder, issued): (&Holder, Option<IssuedKey>)| {
        let Holder { consumer, key } = holder.clone();
        let key = issued.zip(key).map(|(issued, key)| issue::reveal(issued, key, &consumer, now));
        CreatedConsumer { consumer: wire::consumer(consumer), key }
    };
    let reveal_all = move |made: &Vec<Holder>| render(made.iter().zip(issued).map(reveal).collect());
    let (made, reply) = making.make(service, &caller.author(service), (new, place), reveal_all).await?;
    for holder in &made {
        caller.changed(AuditAction::CreateConsumer, &holder.consumer.id);
        if let Some(key) = &holder.key {
            caller.changed(AuditAction::CreateKey, &key.id);
        }
    }
    if let Some(last) = made.last() {
        service.put_in_force(last.consumer.revision).await?;
    }
    Ok(reply)
}

/// Says all that is wrong with all of them.
fn read_all(service: &AdminService, bucket: &Bucket, requests: Vec<CreateConsumer>) -> Reply<Vec<Draft>> {
    let mut errors = Vec::new();
    let mut drafts = Vec::with_capacity(requests.len());
    for (position, request) in requests.into_iter().enumerate() {
        match Draft::read(service, bucket, request) {
            Ok(draft) => drafts.push(draft),
            Err(refusal) => match within(&format!("consumers[{position}]"), refusal) {
                Refusal::Fields(fields) => errors.extend(fields),
                other => return Err(other),
            },
        }
    }
    if errors.is_empty() { Ok(drafts) } else { Err(Refusal::Fields(errors)) }
}

/// Without this the store would refuse them too, but could not say because of which.
async fn refuse_taken(service: &AdminService, bucket: &BucketName, requests: &[CreateConsumer]) -> Reply<()> {
    let mut errors = Vec::new();
    let mut error = |position: usize, message: String| {
        errors.push(FieldProblem { field: format!("consumers[{position}].name"), message });
    };
    let mut first: HashMap<&ConsumerName, usize> = HashMap::with_capacity(requests.len());
    for (position, request) in requests.iter().enumerate() {
        if let Some(earlier) = first.get(&request.name) {
            error(position, format!("is the name of consumers[{earlier}]"));
        } else {
            first.insert(&request.name, position);
        }
    }
    let names: Vec<ConsumerName> = requests.iter().map(|request| request.name.clone()).collect();
    let known = service.store().find_consumers(bucket, &names).await?;
    for (position, known) in known.into_iter().enumerate() {
        if known.is_some() {
            error(position, "is taken in this bucket".to_owned());
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Fields(errors)) }
}

/// The same problems, seen from further outside.
fn within(outer: &str, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Fields(fields) => Refusal::Fields(
            fields
                .into_iter()
                .map(|field| FieldProblem { field: format!("{outer}.{}", field.field), ..field })
                .collect(),
        ),
        other => other,
    }
}
