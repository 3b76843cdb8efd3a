//! `POST /v1/audit/verify`

use axum::{Json, extract::State};
use mintgate_admin_api::{AuditVerdict, VerifyAudit, paths};
use mintgate_store::AuditMark;

use crate::{
    AdminService,
    input::OptionalBody,
    operation::{self, Allowed},
    reply::{Refusal, Reply},
};

/// Verify the audit log
///
/// Reads all of it and says the first entry that is not as it was written, if there is one: altered, removed, moved or cut
/// off. With `mark`, an entry that was noted outside of the store must be in it, too.
#[utoipa::path(
    post,
    path = paths::AUDIT_VERIFY,
    tag = "audit",
    request_body = Option<VerifyAudit>,
    responses((status = 200, description = "Whether the log is as it was written", body = AuditVerdict))
)]
pub(crate) async fn verify_audit(
    State(service): State<AdminService>,
    _: Allowed<operation::VerifyAudit>,
    OptionalBody(request): OptionalBody<VerifyAudit>,
) -> Reply<Json<AuditVerdict>> {
    let mark = match request.mark {
        Some(mark) => {
            let hash = mark.hash.parse().map_err(|error| Refusal::field("mark.hash", error))?;
            Some(AuditMark { seq: mark.seq, hash })
        }
        None => None,
    };
    let verdict = service.store().verify_audit(mark).await?;
    let (first_bad_seq, problem) = verdict.flaw.map(|flaw| (flaw.seq, flaw.problem)).unzip();
    Ok(Json(AuditVerdict {
        ok: first_bad_seq.is_none(),
        entries: verdict.entries,
        head: verdict
            .head
            .map(|head| mintgate_admin_api::AuditMark { seq: head.seq, hash: head.hash.to_string() }),
        first_bad_seq,
        problem,
    }))
}
