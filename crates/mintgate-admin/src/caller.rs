//! Who asks, and the trace that a change leaves.

use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use http::{Extensions, request::Parts};
use mintgate_admin_api::{Role, Via};
use mintgate_store::{Actor, ActorKind, AuditAction, Author, Within};
use mintgate_types::{ActorName, AdminTokenId, BucketName, RequestId, Timestamp};

use crate::AdminService;

/// A person or program that is allowed to manage, whatever they came with.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    pub(crate) name: ActorName,
    /// Of the admin token, if the store has it.
    pub(crate) id: Option<AdminTokenId>,
    /// Who it is at an identity provider, if one vouched for them: its name, and the subject.
    pub(crate) person: Option<(String, String)>,
    pub(crate) role: Role,
    pub(crate) within: Within,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) via: Via,
}

/// The admin behind a request. Endpoints get one as [`Allowed`](crate::operation::Allowed), which says what for.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    admin: Admin,
    trace: Trace,
}

/// Who it is that asks, by which request and from where: what a change leaves behind.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    actor: Actor,
    peer: Peer,
}

/// Where a request comes from, whoever is behind it: for those who are not an admin yet.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    request: RequestId,
    address: Option<SocketAddr>,
}

impl Peer {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let request = extensions.get::<RequestId>().expect("the outermost layer gives every request an id");
        let address = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        Self { request: *request, address }
    }

    /// Its address; the unspecified one where the listener does not say.
    pub(crate) fn address(&self) -> IpAddr {
        self.address.map_or(IpAddr::from([0, 0, 0, 0]), |address| address.ip())
    }

    /// Who the store is to write down once it is known who that is.
    pub(crate) fn author_as(&self, service: &AdminService, actor: Actor) -> Author {
        Trace { actor, peer: self.clone() }.author(service)
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

impl Admin {
    /// Who the store is to write down.
    pub(crate) fn actor(&self) -> Actor {
        Actor::admin(self.name.clone(), self.id)
    }
}

impl Caller {
    pub(crate) fn of(admin: Admin, request: &Request) -> Self {
        let trace = Trace { actor: admin.actor(), peer: Peer::of(request.extensions()) };
        Self { admin, trace }
    }

    pub(crate) fn admin(&self) -> &Admin {
        &self.admin
    }

    pub(crate) fn role(&self) -> Role {
        self.admin.role
    }

    /// In which buckets the admin may do what the role allows.
    pub(crate) fn within(&self) -> &Within {
        &self.admin.within
    }

    /// Whether what lives in this bucket is there for the admin. What is not answers as if it did not exist.
    pub(crate) fn reaches(&self, bucket: &BucketName) -> bool {
        self.admin.within.includes(bucket)
    }

    /// What this request leaves behind.
    pub(crate) fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Who the store is to write down for what this request changes now.
    pub(crate) fn author(&self, service: &AdminService) -> Author {
        self.trace.author(service)
    }

    /// Leaves a trace of a change in the log.
    pub(crate) fn changed(&self, action: AuditAction, target: &dyn fmt::Display) {
        self.trace.changed(action, target);
    }
}

impl Trace {
    pub(crate) fn new(actor: Actor, peer: Peer) -> Self {
        Self { actor, peer }
    }

    /// Who the store is to write down for what this request changes now.
    pub(crate) fn author(&self, service: &AdminService) -> Author {
        Author {
            actor: self.actor.clone(),
            at: service.now(),
            address: self.peer.address.map(|peer| peer.ip()),
            request: Some(self.peer.request),
        }
    }

    /// Leaves a trace of a reply that was given again.
    pub(crate) fn told_again(&self, operation: &'static str) {
        let (admin, manager) = self.names();
        tracing::info!(
            admin.name = admin,
            manager.name = manager,
            admin.action = operation,
            client.address = self.peer.address.map(|peer| peer.ip().to_string()),
            request.id = %self.peer.request,
            "told again"
        );
    }

    /// Leaves a trace of a change: one event, with who, what and from where, and no secret.
    pub(crate) fn changed(&self, action: AuditAction, target: &dyn fmt::Display) {
        let peer = self.peer.address.map(|peer| peer.ip().to_string());
        let request = &self.peer.request;
        let (admin, manager) = self.names();
        tracing::info!(
            admin.name = admin,
            manager.name = manager,
            admin.action = action.name(),
            admin.target = %target,
            client.address = peer.as_deref(),
            request.id = %request,
            "changed"
        );
    }

    /// One who is no admin is not called one.
    fn names(&self) -> (Option<&str>, Option<&str>) {
        match self.actor.kind {
            ActorKind::Manager => (None, Some(self.actor.name.as_str())),
            _ => (Some(self.actor.name.as_str()), None),
        }
    }
}
