//! `POST /v1/buckets/{bucket}/keys/import`

use std::collections::{BTreeMap, HashMap};

use axum::{Json, extract::State};
use mintgate_admin_api::{FieldProblem, ImportKeys, ImportRow, ImportedKeys, MOST_IMPORTED, paths, schema};
use mintgate_apikey::{KeyDigest, KeyForm, PresentedKey};
use mintgate_store::{AuditAction, KeyFormat, Metadata, NewConsumer, NewKey, Tags};
use mintgate_types::{BucketName, ConsumerId, ConsumerName, KeyId, Label, Scope, ScopeSet, Timestamp};

use crate::{
    AdminService,
    caller::Caller,
    consumers,
    document::{Conflict, NotFound},
    input::{Body, Segments},
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
    params(("bucket" = inline(schema::BucketName), Path)),
    request_body = ImportKeys,
    responses((status = 200, description = "How many were taken in", body = ImportedKeys), NotFound, Conflict)
)]
pub(crate) async fn import_keys(
    State(service): State<AdminService>,
    caller: Caller,
    Segments(bucket): Segments<BucketName>,
    Body(request): Body<ImportKeys>,
) -> Reply<Json<ImportedKeys>> {
    if !(1..=MOST_IMPORTED).contains(&request.keys.len()) {
        return Err(Refusal::field("keys", format!("must hold 1 to {MOST_IMPORTED} keys")));
    }
    let bucket = consumers::bucket(service.store(), &bucket).await?;
    let rows = read_all(&service, request.keys)?;
    let batch = Batch::assemble(&service, &bucket.name, rows, request.create_consumers).await?;
    let reply = ImportedKeys {
        imported: batch.keys.len(),
        consumers_created: batch.consumers.len(),
        dry_run: request.dry_run,
    };
    if !request.dry_run {
        let revision = service.store().import(batch.consumers, batch.keys, &caller.author(&service)).await?;
        let what = format!("{}: {} keys, {} consumers", bucket.name, reply.imported, reply.consumers_created);
        caller.changed(AuditAction::ImportKeys, &what);
        service.put_in_force(revision).await?;
    }
    Ok(Json(reply))
}

/// A row that could be read. Its consumer may still be missing.
struct Row {
    consumer: ConsumerName,
    id: KeyId,
    digest: KeyDigest,
    format: KeyFormat,
    label: Label,
    scopes: ScopeSet,
    expires: Option<Timestamp>,
}

/// Reads every row; when any is wrong, says all that is wrong with all of them.
fn read_all(service: &AdminService, rows: Vec<ImportRow>) -> Reply<Vec<Row>> {
    let mut errors = Vec::new();
    let mut read = Vec::with_capacity(rows.len());
    for (position, row) in rows.into_iter().enumerate() {
        let mut problems = RowProblems { position, errors: &mut errors };
        read.extend(read_row(service, row, &mut problems));
    }
    if errors.is_empty() { Ok(read) } else { Err(Refusal::Fields(errors)) }
}

fn read_row(service: &AdminService, row: ImportRow, problems: &mut RowProblems<'_>) -> Option<Row> {
    let consumer = problems.note("consumer", row.consumer.parse::<ConsumerName>());
    let label = problems.note("label", row.label.unwrap_or_default().parse::<Label>());
    let scopes = row.scopes.iter().map(|scope| scope.parse::<Scope>()).collect::<Result<Vec<_>, _>>();
    let scopes = problems.note("scopes", scopes.and_then(ScopeSet::new));
    let expires = match row.expires.as_deref().map(str::parse::<Timestamp>) {
        None => Some(None),
        Some(Ok(expires)) if expires > service.now() => Some(Some(expires)),
        Some(Ok(_)) => problems.note("expires", Err("must be in the future")),
        Some(Err(_)) => problems.note("expires", Err("must be a time such as 2030-01-31T00:00:00Z")),
    };
    let secret = match (row.key, row.sha256) {
        (Some(key), None) => {
            problems.note("key", PresentedKey::parse(key.expose())).map(|presented| match presented.form() {
                KeyForm::Native(id) => (id, presented.digest(), KeyFormat::Native),
                KeyForm::Foreign => (fresh_id(service), presented.digest(), KeyFormat::Foreign),
            })
        }
        (None, Some(hash)) => problems
            .note("sha256", hash.bytes())
            .map(|bytes| (fresh_id(service), KeyDigest::from_sha256(*bytes), KeyFormat::Foreign)),
        _ => problems.note("key", Err("exactly one of key and sha256 must be there")),
    };
    let (id, digest, format) = secret?;
    Some(Row { consumer: consumer?, id, digest, format, label: label?, scopes: scopes?, expires: expires? })
}

fn fresh_id(service: &AdminService) -> KeyId {
    KeyId::generate(service.entropy())
}

/// What is wrong with one row.
struct RowProblems<'a> {
    position: usize,
    errors: &'a mut Vec<FieldProblem>,
}

impl RowProblems<'_> {
    fn note<T>(&mut self, field: &str, result: Result<T, impl ToString>) -> Option<T> {
        result.map_err(|error| self.errors.push(at(self.position, field, &error))).ok()
    }
}

fn at(position: usize, field: &str, message: &impl ToString) -> FieldProblem {
    FieldProblem { field: format!("keys[{position}].{field}"), message: message.to_string() }
}

/// What is stored when every row is in order.
struct Batch {
    consumers: Vec<NewConsumer>,
    keys: Vec<NewKey>,
}

impl Batch {
    /// Finds the consumers, and makes those that are missing if it may. Refuses rows whose key exists.
    async fn assemble(
        service: &AdminService,
        bucket: &BucketName,
        rows: Vec<Row>,
        create_consumers: bool,
    ) -> Reply<Self> {
        let mut errors = Vec::new();
        let mut owners = Owners::new(service, bucket, create_consumers);
        let mut keys = Vec::with_capacity(rows.len());
        for (position, row) in rows.into_iter().enumerate() {
            match owners.find(&row.consumer).await? {
                Some(consumer) => keys.push(new_key(service, consumer, row)),
                None => errors.push(at(position, "consumer", &"does not exist")),
            }
        }
        if errors.is_empty() {
            refuse_known(service, &keys, &mut errors).await?;
        }
        if errors.is_empty() {
            Ok(Self { consumers: owners.new, keys })
        } else {
            Err(Refusal::Fields(errors))
        }
    }
}

fn new_key(service: &AdminService, consumer: ConsumerId, row: Row) -> NewKey {
    NewKey {
        id: row.id,
        consumer,
        fingerprint: service.pepper().fingerprint(&row.digest),
        format: row.format,
        label: row.label,
        scopes: row.scopes,
        created: service.now(),
        expires: row.expires,
    }
}

/// Rows whose key stands twice in the batch, or is in the store. Without this the store would refuse the batch too, but
/// could not say because of which row.
async fn refuse_known(service: &AdminService, keys: &[NewKey], errors: &mut Vec<FieldProblem>) -> Reply<()> {
    let mut first: HashMap<[u8; 32], usize> = HashMap::with_capacity(keys.len());
    for (position, key) in keys.iter().enumerate() {
        if let Some(earlier) = first.insert(*key.fingerprint.as_bytes(), position) {
            errors.push(at(position, "key", &format!("is the key of keys[{earlier}]")));
        }
    }
    let fingerprints: Vec<_> = keys.iter().map(|key| key.fingerprint).collect();
    let known = service.store().find_keys(&fingerprints).await?;
    for (position, known) in known.into_iter().enumerate() {
        if let Some(id) = known {
            errors.push(at(position, "key", &format!("exists already, as {id}")));
        }
    }
    Ok(())
}

/// The consumers of a batch, each looked up once.
struct Owners<'a> {
    service: &'a AdminService,
    bucket: &'a BucketName,
    may_create: bool,
    seen: BTreeMap<ConsumerName, Option<ConsumerId>>,
    new: Vec<NewConsumer>,
}

impl<'a> Owners<'a> {
    fn new(service: &'a AdminService, bucket: &'a BucketName, may_create: bool) -> Self {
        Self { service, bucket, may_create, seen: BTreeMap::new(), new: Vec::new() }
    }

    async fn find(&mut self, name: &ConsumerName) -> Reply<Option<ConsumerId>> {
        if let Some(seen) = self.seen.get(name) {
            return Ok(*seen);
        }
        let stored = self.service.store().consumer_by_name(self.bucket, name).await?;
        let found = match stored {
            Some(consumer) => Some(consumer.id),
            None if self.may_create => Some(self.create(name)),
            None => None,
        };
        self.seen.insert(name.clone(), found);
        Ok(found)
    }

    fn create(&mut self, name: &ConsumerName) -> ConsumerId {
        let id = ConsumerId::generate(self.service.entropy());
        self.new.push(NewConsumer {
            id,
            bucket: self.bucket.clone(),
            name: name.clone(),
            subject: name.as_str().parse().expect("every consumer name is a subject"),
            metadata: Metadata::default(),
            tags: Tags::new(),
            created: self.service.now(),
        });
        id
    }
}
