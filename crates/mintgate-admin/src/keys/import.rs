//! `POST /v1/buckets/{bucket}/keys/import`

mod batch;
mod rows;

use axum::extract::State;
use http::StatusCode;
use mintgate_admin_api::{FieldProblem, ImportKeys, ImportedKeys, MOST_IMPORTED, paths, schema};
use mintgate_store::{AuditAction, NewImport};
use mintgate_types::{BucketName, Revision};

use self::batch::Batch;
use crate::{
    AdminService, consumers,
    document::{Conflict, NotFound},
    input::{Body, Segments},
    once::{IdempotencyKeyHeader, Once, Place, Rendered},
    operation::{self, Allowed},
    reply::{Refusal, Reply},
};

/// Take in keys that another system issued
///
/// As their texts or as SHA-256 hashes of them; they go on working as they are. All of the batch is taken in, or none of
/// it; then `errors` names every row that is wrong.
#[utoipa::path(
    post,
    path = paths::IMPORT,
    tag = "keys",
    params(("bucket" = inline(schema::BucketName), Path), IdempotencyKeyHeader),
    request_body = ImportKeys,
    responses((status = 200, description = "How many were taken in", body = ImportedKeys), NotFound, Conflict)
)]
pub(crate) async fn import_keys(
    State(service): State<AdminService>,
    caller: Allowed<operation::ImportKeys>,
    Segments(bucket): Segments<BucketName>,
    Once(making, Body(request)): Once<Body<ImportKeys>>,
) -> Reply<Rendered> {
    let (keys, consumers) = (request.keys.len(), request.consumers.len());
    if keys.max(consumers) > MOST_IMPORTED || keys + consumers == 0 {
        let message = format!("must hold 1 to {MOST_IMPORTED} keys, or as many consumers");
        return Err(Refusal::field("keys", message));
    }
    let bucket = consumers::bucket(service.store(), &caller, &bucket).await?;
    let dry_run = request.dry_run;
    let batch = Batch::assemble(&service, &bucket.name, request).await?;
    let counts = ImportedKeys {
        imported: batch.keys.len(),
        existing: batch.existing,
        consumers_created: batch.consumers.len(),
        dry_run,
    };
    if dry_run || counts.imported + counts.consumers_created == 0 {
        return Ok(Rendered::new(StatusCode::OK, &counts));
    }
    let what = format!("{}: {} keys, {} consumers", bucket.name, counts.imported, counts.consumers_created);
    let new = NewImport { consumers: batch.consumers, keys: batch.keys };
    let (by, place) = (caller.author(&service), Place::bucket(&bucket.name));
    let render = move |_: &Revision| Rendered::new(StatusCode::OK, &counts);
    let (revision, reply) = making.make(&service, &by, (new, place), render).await?;
    caller.changed(AuditAction::ImportKeys, &what);
    service.put_in_force(revision).await?;
    Ok(reply)
}

/// What is wrong with the rows of one list.
struct Problems {
    list: &'static str,
    errors: Vec<FieldProblem>,
}

impl Problems {
    fn of(list: &'static str) -> Self {
        Self { list, errors: Vec::new() }
    }

    fn add(&mut self, position: usize, field: &str, message: &impl ToString) {
        let field = format!("{}[{position}].{field}", self.list);
        self.errors.push(FieldProblem { field, message: message.to_string() });
    }

    /// The value; or nothing, and why.
    fn note<T>(&mut self, position: usize, field: &str, result: Result<T, impl ToString>) -> Option<T> {
        result.map_err(|error| self.add(position, field, &error)).ok()
    }
}

fn refused(problems: impl IntoIterator<Item = Problems>) -> Result<(), Refusal> {
    let errors: Vec<_> = problems.into_iter().flat_map(|problems| problems.errors).collect();
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Fields(errors)) }
}
