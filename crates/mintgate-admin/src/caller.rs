//! Who asks, and the trace that a change leaves.

use std::{fmt, net::SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use http::request::Parts;
use mintgate_admin_api::Role;
use mintgate_store::{Actor, AuditAction, Author};
use mintgate_types::RequestId;

use crate::{AdminName, AdminService, AdminToken, reply::Refusal};

/// The admin behind a request. Only the layer that checks tokens makes one, so a handler that takes a `Caller` cannot
/// run for anybody else.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    name: AdminName,
    role: Role,
    request: RequestId,
    peer: Option<SocketAddr>,
}

impl Caller {
    pub(crate) fn of(admin: &AdminToken, request: &Request) -> Self {
        let id =
            request.extensions().get::<RequestId>().expect("the outermost layer gives every request an id");
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        Self { name: admin.name().clone(), role: admin.role(), request: *id, peer }
    }

    pub(crate) fn name(&self) -> &AdminName {
        &self.name
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    /// Who the store is to write down for what this request changes now.
    pub(crate) fn author(&self, service: &AdminService) -> Author {
        Author {
            actor: Actor::admin(self.name.actor(), None),
            at: service.now(),
            address: self.peer.map(|peer| peer.ip()),
            request: Some(self.request),
        }
    }

    /// Leaves a trace of a change: one event, with who, what and from where, and no secret.
    pub(crate) fn changed(&self, action: AuditAction, target: &dyn fmt::Display) {
        let peer = self.peer.map(|peer| peer.ip().to_string());
        tracing::info!(
            admin.name = %self.name,
            admin.action = action.name(),
            admin.target = %target,
            client.address = peer.as_deref(),
            request.id = %self.request,
            "changed"
        );
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or(Refusal::MissingToken)
    }
}
