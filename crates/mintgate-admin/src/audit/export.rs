//! `GET /v1/audit/export`

use axum::{body::Body, extract::State, response::IntoResponse};
use futures_util::{Stream, stream};
use http::{HeaderValue, header};
use mintgate_admin_api::{ExportAudit, paths};
use mintgate_store::{AuditFilter, AuditOrder, Page, PageRequest, StoreError};

use crate::{
    AdminService, audit,
    input::Params,
    operation::{self, Allowed},
    reply::Reply,
};

/// Who did what, as JSON Lines
///
/// Oldest first, each entry to the byte as it was hashed, with its hash as the last member: whoever has the lines can verify
/// them without us. Should the store fail on the way, the connection ends before the body does.
#[utoipa::path(
    get,
    path = paths::AUDIT_EXPORT,
    tag = "audit",
    params(ExportAudit),
    responses((status = 200, description = "An entry a line", body = String, content_type = "application/jsonl"))
)]
pub(crate) async fn export_audit(
    State(service): State<AdminService>,
    caller: Allowed<operation::ExportAudit>,
    Params(query): Params<ExportAudit>,
) -> Reply<impl IntoResponse> {
    let filter = audit::filter(&caller, query);
    // The first page before the head of the reply: a store that is away is a 503.
    let first = page(&service, &filter, None).await?;
    let media_type = HeaderValue::from_static("application/jsonl");
    Ok(([(header::CONTENT_TYPE, media_type)], Body::from_stream(lines(service, filter, first))))
}

/// What is sent, and where the next page starts.
struct Lines {
    text: String,
    next: Option<u64>,
}

async fn page(service: &AdminService, filter: &AuditFilter, after: Option<u64>) -> Result<Lines, StoreError> {
    let request = PageRequest { after, limit: ENTRIES_PER_PAGE };
    let Page { items, next } = service.store().audit(filter, AuditOrder::OldestFirst, request).await?;
    let text = items.iter().map(|entry| entry.line() + "\n").collect();
    Ok(Lines { text, next })
}

fn lines(
    service: AdminService,
    filter: AuditFilter,
    first: Lines,
) -> impl Stream<Item = Result<String, StoreError>> {
    let following = stream::try_unfold((service, filter, first.next), async |(service, filter, next)| {
        let Some(after) = next else { return Ok(None) };
        let Lines { text, next } = page(&service, &filter, Some(after)).await?;
        Ok(Some((text, (service, filter, next))))
    });
    futures_util::StreamExt::chain(stream::iter([Ok(first.text)]), following)
}

/// Half a megabyte or so at a time.
const ENTRIES_PER_PAGE: u32 = 1000;
