//! Self-service: the managers of consumers see and roll the keys of those consumers, and nothing else.
//!
//! A manager is no admin with a small role: there is no way from a [`Manager`] to a caller that the other endpoints take
//! (`operation.rs`). Which consumers are theirs is asked of the store with each request, and every consumer that is read
//! is asked again whether it names them.

pub(crate) mod list_consumers;
pub(crate) mod list_keys;
mod paces;
mod person;
pub(crate) mod roll_key;
pub(crate) mod show_key;
pub(crate) mod show_usage;

use axum::extract::Request;
use mintgate_admin_api::{CallerRole, Via, WhoAmI};
use mintgate_store::{Consumer, Key, Page, PageRequest};
use mintgate_types::{BucketName, ConsumerId, ConsumerName, KeyId};

pub(crate) use self::{paces::ManagerPaces, person::Person};
use crate::{
    AdminService,
    caller::{Peer, Trace},
    reply::{Refusal, Reply},
};

/// Somebody who may be a manager of consumers, behind a request. Endpoints get one as
/// [`Own`](crate::operation::Own), which says what for.
#[derive(Debug, Clone)]
pub(crate) struct Manager {
    person: Person,
    trace: Trace,
}

type Position = (BucketName, ConsumerName);

impl Manager {
    pub(crate) fn of(person: Person, request: &Request) -> Self {
        let trace = Trace::new(person.actor(), Peer::of(request.extensions()));
        Self { person, trace }
    }

    /// What this request leaves behind.
    pub(crate) fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Whose the session is, as replies say it.
    pub(crate) fn who_am_i(&self) -> WhoAmI {
        WhoAmI {
            name: self.person.name().to_string(),
            role: CallerRole::Manager,
            buckets: None,
            expires_at: Some(self.person.expires()),
            via: Via::Session,
        }
    }

    /// Whether one more refusal goes into the audit log.
    pub(crate) fn may_be_noted(&self, service: &AdminService) -> bool {
        service.manager_paces().admit_refusal(&self.person, service.now())
    }

    /// Whether one more change may be tried.
    fn may_change(&self, service: &AdminService) -> Reply<()> {
        service.manager_paces().admit_change(&self.person, service.now()).map_err(Refusal::TooManyChanges)
    }

    /// The manager's consumers, of one bucket or of all.
    async fn consumers(
        &self,
        service: &AdminService,
        bucket: Option<&BucketName>,
        page: PageRequest<Position>,
    ) -> Reply<Page<Consumer, Position>> {
        Ok(service.store().managed_consumers(self.person.identities(), bucket, page).await?)
    }

    /// A consumer that must be the manager's. Another's answers as one that is not there.
    async fn consumer(
        &self,
        service: &AdminService,
        bucket: &BucketName,
        name: &ConsumerName,
    ) -> Reply<Consumer> {
        let found = service.store().consumer_by_name(bucket, name).await?;
        found.filter(|consumer| self.manages(consumer)).ok_or(Refusal::NotFound("consumer"))
    }

    /// A key that must be of one of the manager's consumers. Another's answers as one that is not there.
    async fn key(&self, service: &AdminService, id: KeyId) -> Reply<(Key, Consumer)> {
        let key = service.store().key(id).await?.ok_or(Refusal::NotFound("key"))?;
        let consumer = service.store().consumer(key.consumer).await?;
        let consumer = consumer.filter(|consumer| self.manages(consumer)).ok_or(Refusal::NotFound("key"))?;
        Ok((key, consumer))
    }

    /// Refuses what is not about one of the manager's consumers, as they are now.
    pub(crate) async fn refuse_beyond(
        &self,
        service: &AdminService,
        consumer: Option<ConsumerId>,
    ) -> Reply<()> {
        let found = match consumer {
            Some(id) => service.store().consumer(id).await?,
            None => None,
        };
        found.filter(|consumer| self.manages(consumer)).map(drop).ok_or(Refusal::NotFound("key"))
    }

    /// Who it is at the provider.
    pub(crate) fn issued(&self) -> &str {
        self.person.issued()
    }

    fn manages(&self, consumer: &Consumer) -> bool {
        consumer.managers.include(self.person.identities())
    }
}

/// A key as managers see it: what admins wrote down when they revoked it is for admins.
fn shown(mut key: mintgate_admin_api::Key) -> mintgate_admin_api::Key {
    if let Some(revoked) = &mut key.revoked {
        revoked.reason = None;
    }
    key
}
