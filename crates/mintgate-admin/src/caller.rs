//! Who asks, and the trace that a change leaves.

use std::{fmt, net::SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use http::request::Parts;
use mintgate_admin_api::Role;
use mintgate_types::RequestId;

use crate::{AdminName, AdminToken, reply::Refusal};

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

    /// Leaves a trace of a change: one event, with who, what and from where, and no secret.
    pub(crate) fn changed(&self, action: Action, target: &dyn fmt::Display) {
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

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    CreateBucket,
    CreateConsumer,
    UpdateConsumer,
    DeleteConsumer,
    CreateKey,
    UpdateKey,
    RevokeKey,
    RollKeys,
    ImportKeys,
    RotateSigningKeys,
    RotateSigningKeysInEmergency,
    RetireSigningKey,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::CreateBucket => "bucket.create",
            Self::CreateConsumer => "consumer.create",
            Self::UpdateConsumer => "consumer.update",
            Self::DeleteConsumer => "consumer.delete",
            Self::CreateKey => "key.create",
            Self::UpdateKey => "key.update",
            Self::RevokeKey => "key.revoke",
            Self::RollKeys => "key.roll",
            Self::ImportKeys => "key.import",
            Self::RotateSigningKeys => "signing_key.rotate",
            Self::RotateSigningKeysInEmergency => "signing_key.rotate_emergency",
            Self::RetireSigningKey => "signing_key.retire",
        }
    }
}
