//! The audit log.

pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod verify;

use std::collections::BTreeSet;

use mintgate_admin_api as api;
use mintgate_store::{ActorKind, AuditEntry, AuditFilter, AuditOutcome, Within};

use crate::caller::Caller;

/// What is asked for, of what is there for the caller.
fn filter(caller: &Caller, wanted: api::ExportAudit) -> AuditFilter {
    let api::ExportAudit { actor, action, target, bucket, outcome, from, to } = wanted;
    let within = match bucket {
        None => caller.within().clone(),
        Some(bucket) if caller.reaches(&bucket) => Within::Buckets([bucket].into()),
        Some(_) => Within::Buckets(BTreeSet::new()),
    };
    let outcome = outcome.map(|outcome| match outcome {
        api::AuditOutcome::Done => AuditOutcome::Done,
        api::AuditOutcome::Refused => AuditOutcome::Refused,
    });
    AuditFilter { actor, action, target, outcome, from, to, within }
}

/// An entry in the words of the contract.
fn shown(entry: &AuditEntry) -> api::AuditEntry {
    let record = entry.record().clone();
    api::AuditEntry {
        seq: record.seq,
        at: record.at,
        revision: record.revision,
        actor: api::AuditActor {
            kind: match record.actor.kind {
                ActorKind::Admin => api::AuditActorKind::Admin,
                ActorKind::System => api::AuditActorKind::System,
                ActorKind::Manager => api::AuditActorKind::Manager,
            },
            name: record.actor.name.into(),
            id: record.actor.id.map(String::from),
        },
        address: record.address,
        request_id: record.request_id,
        action: record.action,
        target: api::AuditTarget {
            kind: record.target.kind,
            id: record.target.id,
            name: record.target.name,
            bucket: record.target.bucket,
        },
        outcome: match record.outcome {
            AuditOutcome::Done => api::AuditOutcome::Done,
            AuditOutcome::Refused => api::AuditOutcome::Refused,
        },
        code: record.code,
        before: record.before,
        after: record.after,
        previous: record.previous.to_string(),
        hash: entry.hash().to_string(),
    }
}
