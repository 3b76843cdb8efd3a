//! Who asks, and the trace that a change leaves.

use std::{fmt, net::SocketAddr};

use axum::extract::{ConnectInfo, Request};
use mintgate_admin_api::{Role, Via};
use mintgate_store::{Actor, AuditAction, Author, Within};
use mintgate_types::{ActorName, AdminTokenId, BucketName, RequestId, Timestamp};

use crate::AdminService;

/// A person or program that is allowed to manage, whatever they came with.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    pub(crate) name: ActorName,
    /// Of the admin token, if the store has it.
    pub(crate) id: Option<AdminTokenId>,
    pub(crate) role: Role,
    pub(crate) within: Within,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) via: Via,
}

/// The admin behind a request. Endpoints get one as [`Allowed`](crate::operation::Allowed), which says what for.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    admin: Admin,
    request: RequestId,
    peer: Option<SocketAddr>,
}

impl Caller {
    pub(crate) fn of(admin: Admin, request: &Request) -> Self {
        let id =
            request.extensions().get::<RequestId>().expect("the outermost layer gives every request an id");
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        Self { admin, request: *id, peer }
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

    /// Who the store is to write down for what this request changes now.
    pub(crate) fn author(&self, service: &AdminService) -> Author {
        Author {
            actor: Actor::admin(self.admin.name.clone(), self.admin.id),
            at: service.now(),
            address: self.peer.map(|peer| peer.ip()),
            request: Some(self.request),
        }
    }

    /// Leaves a trace of a change: one event, with who, what and from where, and no secret.
    pub(crate) fn changed(&self, action: AuditAction, target: &dyn fmt::Display) {
        let peer = self.peer.map(|peer| peer.ip().to_string());
        tracing::info!(
            admin.name = %self.admin.name,
            admin.action = action.name(),
            admin.target = %target,
            client.address = peer.as_deref(),
            request.id = %self.request,
            "changed"
        );
    }
}
