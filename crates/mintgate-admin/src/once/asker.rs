//! Who asks, as receipts tell them apart.

use http::request::Parts;

use super::seal::{Place, write_part};
use crate::{
    AdminService,
    caller::{Caller, Trace},
    operation::Duty,
    reply::{Refusal, Reply},
    self_service::Manager,
};

/// Somebody whose request was judged.
pub(super) enum Asker {
    Admin(Caller),
    Manager(Manager),
}

impl Asker {
    /// In the part in which they ask for this: somebody may be both.
    pub(super) fn of(parts: &Parts, duty: &Duty) -> Reply<Self> {
        let asker = if duty.is_of_managers() {
            parts.extensions.get().cloned().map(Self::Manager)
        } else {
            parts.extensions.get().cloned().map(Self::Admin)
        };
        asker.ok_or(Refusal::Unjudged)
    }

    /// What nobody else has: the same for a token and for the sessions that were begun with it.
    pub(super) fn identity(&self) -> Vec<u8> {
        let parts: Vec<&[u8]> = match self {
            Self::Manager(manager) => vec![b"manager", manager.issued().as_bytes()],
            Self::Admin(caller) => match (&caller.admin().id, &caller.admin().person) {
                (Some(id), _) => vec![b"token", id.as_str().as_bytes()],
                (None, Some((issuer, subject))) => vec![b"person", issuer.as_bytes(), subject.as_bytes()],
                (None, None) => vec![b"configured", caller.admin().name.as_str().as_bytes()],
            },
        };
        let mut identity = Vec::new();
        for part in parts {
            write_part(part, |bytes| identity.extend_from_slice(bytes));
        }
        identity
    }

    /// What is beyond the reach of who asks answers as if it did not exist.
    pub(super) async fn refuse_beyond(&self, service: &AdminService, place: &Place) -> Reply<()> {
        match self {
            Self::Manager(manager) => manager.refuse_beyond(service, place.consumer).await,
            Self::Admin(caller) => match &place.bucket {
                Some(bucket) if !caller.reaches(bucket) => Err(Refusal::NotFound("bucket")),
                _ => Ok(()),
            },
        }
    }

    /// Leaves a trace: a secret may have been told again.
    pub(super) fn told_again(&self, operation: &'static str) {
        self.trace().told_again(operation);
    }

    fn trace(&self) -> &Trace {
        match self {
            Self::Admin(caller) => caller.trace(),
            Self::Manager(manager) => manager.trace(),
        }
    }
}
