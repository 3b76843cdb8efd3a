//! Who changes the store.

use std::net::IpAddr;

use mintgate_types::{ActorId, ActorName, AdminTokenId, RequestId, Timestamp};
use serde::{Deserialize, Serialize};

/// Who makes a change, from where, by which request, and when. Every method that changes something takes one, and
/// writes it down in the change's own transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// Where the request came from, if one did.
    pub address: Option<IpAddr>,
    /// Which request, if one did.
    pub request: Option<RequestId>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// What people call them.
    pub name: ActorName,
    /// What programs know them by; an admin whose token comes from the configuration has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ActorId>,
}

/// What kind of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person or program that may manage.
    Admin,
    /// Mintgate itself.
    System,
    /// Who looks after the keys of some consumers.
    Manager,
}

/// A part of Mintgate that changes things by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SystemPart {
    /// What a start makes where nothing is yet.
    Start,
    /// What moves signing keys through their states.
    Rotation,
    /// What puts a backup in place.
    Restore,
}

impl SystemPart {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Rotation => "rotation",
            Self::Restore => "restore",
        }
    }
}

impl Author {
    /// A part of Mintgate, by itself.
    #[must_use]
    pub fn system(part: SystemPart, at: Timestamp) -> Self {
        let name = part.name().parse().expect("a short word is a name");
        Self { actor: Actor { kind: ActorKind::System, name, id: None }, at, address: None, request: None }
    }
}

impl Actor {
    /// An admin; `id` if the token is one that the store knows.
    #[must_use]
    pub fn admin(name: ActorName, id: Option<AdminTokenId>) -> Self {
        let id = id.map(|id| id.as_str().parse().expect("letters and digits are an actor's id"));
        Self { kind: ActorKind::Admin, name, id }
    }

    /// Somebody who looks after the keys of some consumers; `id` if they have one that can be written down.
    #[must_use]
    pub fn manager(name: ActorName, id: Option<ActorId>) -> Self {
        Self { kind: ActorKind::Manager, name, id }
    }
}
