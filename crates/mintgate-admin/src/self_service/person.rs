//! Somebody whom the identity provider vouched for.

use mintgate_store::{Actor, PageRequest, SignedIn};
use mintgate_types::{ActorId, ActorName, ManagerIdentity, Timestamp};

use crate::{AdminService, reply::Reply};

/// Somebody whom the configured provider vouched for, as managers are recognised.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    name: ActorName,
    /// Who it is at the provider: its name and the subject, which nobody else has.
    issued: String,
    identities: Vec<ManagerIdentity>,
    expires: Timestamp,
}

impl Person {
    /// By the address that the provider has verified, and by the subject. Groups and names are not looked at.
    pub(crate) fn of(who: &SignedIn, until: Timestamp) -> Self {
        let address = who.email.as_deref().and_then(ManagerIdentity::of_address);
        let subject = ManagerIdentity::of_subject(&who.subject);
        Self {
            name: who.name.clone(),
            issued: format!("{}/{}", who.issuer, who.subject),
            identities: address.into_iter().chain(subject).collect(),
            expires: until,
        }
    }

    pub(crate) fn name(&self) -> &ActorName {
        &self.name
    }

    pub(crate) fn issued(&self) -> &str {
        &self.issued
    }

    pub(crate) fn identities(&self) -> &[ManagerIdentity] {
        &self.identities
    }

    /// When the session ends by itself.
    pub(crate) fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Who the store is to write down.
    pub(crate) fn actor(&self) -> Actor {
        Actor::manager(self.name.clone(), self.issued.parse::<ActorId>().ok())
    }

    /// Whether any consumer names them now.
    pub(crate) async fn manages_any(&self, service: &AdminService) -> Reply<bool> {
        let first = PageRequest { after: None, limit: 1 };
        let page = service.store().managed_consumers(&self.identities, None, first).await?;
        Ok(!page.items.is_empty())
    }
}
