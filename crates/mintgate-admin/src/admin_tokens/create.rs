//! `POST /v1/admin-tokens`

use std::collections::BTreeSet;

use axum::extract::State;
use mintgate_admin_api::{CreateAdminToken, FieldProblem, IssuedAdminToken, KeyText, Role, paths};
use mintgate_store::{
    AdminRole, AdminTokenRecord, AuditAction, Conflict as StoreConflict, NewAdminToken, StoreError, Within,
};
use mintgate_types::BucketName;

use crate::{
    AdminService, admin_tokens,
    document::Conflict,
    input::Body,
    once::{IdempotencyKeyHeader, Once, Place, Rendered},
    operation::{self, Allowed},
    reply::{Refusal, Reply},
};

/// Make an admin token
///
/// It works when the reply is sent. Its text is in this reply and nowhere else.
#[utoipa::path(
    post,
    path = paths::ADMIN_TOKENS,
    tag = "admin tokens",
    params(IdempotencyKeyHeader),
    request_body = CreateAdminToken,
    responses(
        (status = 201, description = "The admin token, with its text", body = IssuedAdminToken, headers(("ETag" = String, description = "Its revision"))),
        Conflict
    )
)]
pub(crate) async fn create_admin_token(
    State(service): State<AdminService>,
    caller: Allowed<operation::CreateAdminToken>,
    Once(making, Body(request)): Once<Body<CreateAdminToken>>,
) -> Reply<Rendered> {
    let now = service.now();
    let expires = admin_tokens::in_the_future(request.expires_at, now)?;
    let within = match request.buckets {
        Some(buckets) => Within::Buckets(existing(&service, buckets).await?),
        None => Within::Everything,
    };
    // Two admins of one name could not be told apart in the logs.
    if service.config().tokens.iter().any(|token| token.name().actor() == request.name) {
        return Err(StoreError::from(StoreConflict::AdminTokenExists).into());
    }
    let issued = admin_tokens::generate(&service);
    let new = NewAdminToken {
        id: issued.id().into(),
        name: request.name,
        fingerprint: service.pepper().fingerprint(&issued.digest()),
        role: match request.role {
            Role::Owner => AdminRole::Owner,
            Role::Operator => AdminRole::Operator,
            Role::Auditor => AdminRole::Auditor,
        },
        within,
        created: now,
        expires,
    };
    let render = move |record: &AdminTokenRecord| {
        let token = KeyText::from(issued.reveal());
        let admin_token = admin_tokens::shown(record.clone(), now);
        Rendered::created(record.revision, &IssuedAdminToken { token, admin_token })
    };
    let by = caller.author(&service);
    let (record, reply) = making.make(&service, &by, (new, Place::default()), render).await?;
    caller.changed(AuditAction::CreateAdminToken, &record.id);
    admin_tokens::put_in_force(&service, record.revision).await?;
    Ok(reply)
}

async fn existing(service: &AdminService, names: Vec<BucketName>) -> Reply<BTreeSet<BucketName>> {
    if !(1..=MOST_BUCKETS).contains(&names.len()) {
        return Err(Refusal::field("buckets", format!("must name 1 to {MOST_BUCKETS} buckets")));
    }
    let mut errors = Vec::new();
    for (position, name) in names.iter().enumerate() {
        if service.store().bucket(name).await?.is_none() {
            let field = format!("buckets[{position}]");
            errors.push(FieldProblem { field, message: "does not exist".to_owned() });
        }
    }
    if errors.is_empty() { Ok(names.into_iter().collect()) } else { Err(Refusal::Fields(errors)) }
}

const MOST_BUCKETS: usize = 100;
