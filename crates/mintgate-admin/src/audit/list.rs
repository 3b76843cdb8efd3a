//! `GET /v1/audit`

use axum::{Json, extract::State};
use mintgate_admin_api::{AuditPage, Cursor, ExportAudit, ListAudit, paths};
use mintgate_store::{AuditOrder, PageRequest};

use crate::{
    AdminService, audit,
    input::Params,
    operation::{self, Allowed},
    reply::Reply,
};

/// Who did what
///
/// Every change, and every attempt of an admin that was refused. An admin of some buckets sees what concerns those.
#[utoipa::path(
    get,
    path = paths::AUDIT,
    tag = "audit",
    params(ListAudit),
    responses((status = 200, description = "A page of entries, newest first", body = AuditPage))
)]
pub(crate) async fn list_audit(
    State(service): State<AdminService>,
    caller: Allowed<operation::ListAudit>,
    Params(query): Params<ListAudit>,
) -> Reply<Json<AuditPage>> {
    let ListAudit { actor, action, target, bucket, outcome, from, to, cursor, limit } = query;
    let after = cursor.map(|cursor| cursor.position::<u64>()).transpose()?;
    let filter = audit::filter(&caller, ExportAudit { actor, action, target, bucket, outcome, from, to });
    let request = PageRequest { after, limit: limit.unwrap_or_default().into() };
    let page = service.store().audit(&filter, AuditOrder::NewestFirst, request).await?;
    Ok(Json(AuditPage {
        data: page.items.iter().map(audit::shown).collect(),
        next_cursor: page.next.map(|seq| Cursor::after(&seq)),
    }))
}
