//! The audit log: appending, reading. Verifying is in `audit/verify.rs`.

mod reach;
mod row;
mod verify;

use async_trait::async_trait;
use futures_util::future::{FutureExt as _, ready};
use mintgate_store::{
    Audit, AuditDraft, AuditEntry, AuditFilter, AuditMark, AuditOrder, AuditOutcome, AuditVerdict, Author,
    Page, PageRequest, RefusedAttempt, StoreError, Within, kept_microseconds,
};
use sqlx::{QueryBuilder, Sqlite};

use self::reach::Reach;

use crate::{
    SqliteStore,
    failure::failed,
    row::{page_of, rows_wanted},
    writer::Transaction,
};

#[async_trait]
impl Audit for SqliteStore {
    async fn note_refused(&self, refused: RefusedAttempt, by: &Author) -> Result<(), StoreError> {
        let by = by.clone();
        self.writer.run("note_refused", |tx| ready(note_refused(tx, refused, by)).boxed()).await
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        order: AuditOrder,
        page: PageRequest<u64>,
    ) -> Result<Page<AuditEntry, u64>, StoreError> {
        let mut moment = self.moment().await?;
        let Some(reach) = Reach::of(&mut moment, filter, order, page.after).await? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let rows = query_of(filter, reach, page.limit).build().fetch_all(&mut *moment).await;
        let rows = rows.map_err(|error| failed("audit", error))?;
        let items = rows.iter().map(row::entry_from).collect::<Result<_, StoreError>>()?;
        let mut found = page_of(items, page.limit, |entry: &AuditEntry| entry.record().seq);
        found.next = found.next.or(reach.next());
        Ok(found)
    }

    async fn verify_audit(&self, mark: Option<AuditMark>) -> Result<AuditVerdict, StoreError> {
        verify::verify(self, mark).await
    }
}

/// Gives the drafts their places at the end of the log. Called once a transaction, before the ledger is written.
pub(crate) async fn append(tx: &mut Transaction, drafts: Vec<AuditDraft>) -> Result<(), StoreError> {
    let mut head = tx.ledger.audit;
    let mut entries = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let entry = draft.placed(head.seq + 1, head.hash);
        head = AuditMark { seq: head.seq + 1, hash: entry.hash() };
        entries.push(entry);
    }
    for chunk in entries.chunks(ENTRIES_PER_STATEMENT) {
        row::insert(tx, chunk).await?;
    }
    tx.ledger.audit = head;
    Ok(())
}

fn note_refused(tx: &mut Transaction, refused: RefusedAttempt, by: Author) -> Result<(), StoreError> {
    let RefusedAttempt { action, target, code, passed_over } = refused;
    let revision = tx.ledger.revision()?;
    let before = (passed_over > 0).then(|| serde_json::json!({ "passed_over": passed_over }));
    tx.note(AuditDraft { by, revision, action, target, refused: Some(code), before, after: None });
    Ok(())
}

fn query_of(filter: &AuditFilter, reach: Reach, limit: u32) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::<Sqlite>::new(row::select!("WHERE seq BETWEEN "));
    query.push_bind(reach.first).push(" AND ").push_bind(reach.last);
    if let Some(actor) = &filter.actor {
        query.push(" AND (actor = ").push_bind(actor.clone());
        query.push(" OR actor_id = ").push_bind(actor.clone()).push(")");
    }
    if let Some(action) = &filter.action {
        query.push(" AND (action = ").push_bind(action.clone());
        // What begins with the kind of thing and a dot, after which comes a slash.
        query.push(" OR action >= ").push_bind(format!("{action}."));
        query.push(" AND action < ").push_bind(format!("{action}/")).push(")");
    }
    if let Some(target) = &filter.target {
        query.push(" AND (target = ").push_bind(target.clone());
        query.push(" OR target_name = ").push_bind(target.clone()).push(")");
    }
    if let Some(outcome) = filter.outcome {
        query.push(" AND refused = ").push_bind(i64::from(outcome == AuditOutcome::Refused));
    }
    if let Some(from) = filter.from {
        query.push(" AND +at >= ").push_bind(kept_microseconds(from));
    }
    if let Some(to) = filter.to {
        query.push(" AND +at < ").push_bind(kept_microseconds(to));
    }
    if let Within::Buckets(buckets) = &filter.within {
        query.push(" AND bucket IN (");
        let mut list = query.separated(", ");
        for bucket in buckets {
            list.push_bind(bucket.to_string());
        }
        query.push(")");
    }
    query.push(match reach.order {
        AuditOrder::NewestFirst => " ORDER BY seq DESC LIMIT ",
        AuditOrder::OldestFirst => " ORDER BY seq LIMIT ",
    });
    query.push_bind(rows_wanted(limit));
    query
}

/// `SQLite` takes 32,766 values in a statement, and these are twelve a row.
const ENTRIES_PER_STATEMENT: usize = 500;
