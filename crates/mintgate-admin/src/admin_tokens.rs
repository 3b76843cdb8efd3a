//! Admin tokens.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod roll;
pub(crate) mod show;

use mintgate_admin_api as api;
use mintgate_apikey::IssuedKey;
use mintgate_store::{AdminTokenRecord, AdminTokenState, Within};
use mintgate_types::{Revision, Timestamp};

use crate::{
    AdminService, AdminToken, admins,
    reply::{Refusal, Reply},
};

/// A new text, made like a key, so that scanners know it and a typing error is noticed.
fn generate(service: &AdminService) -> IssuedKey {
    IssuedKey::generate(&PREFIX.parse().expect("a short word is a prefix"), service.entropy())
}

/// What every admin token that we make begins with.
const PREFIX: &str = "mga";

/// Puts a change of admin tokens in force: the next request of all is judged by it.
async fn put_in_force(service: &AdminService, revision: Revision) -> Reply<()> {
    service.admin_tokens().forget();
    service.put_in_force(revision).await
}

/// An expiry that is still to come.
fn in_the_future(expires: Option<Timestamp>, now: Timestamp) -> Reply<Option<Timestamp>> {
    match expires {
        Some(expires) if expires <= now => Err(Refusal::field("expires_at", "must be in the future")),
        expires => Ok(expires),
    }
}

/// A stored one in the words of the contract, as it stands at `now`.
fn shown(record: AdminTokenRecord, now: Timestamp) -> api::AdminToken {
    let over = record.ends().is_some_and(|end| end <= now);
    let (state, rolled, revoked_at) = match record.state {
        AdminTokenState::Active => (api::AdminTokenStateName::Active, None, None),
        AdminTokenState::Rolled { at, until, successor } => {
            (api::AdminTokenStateName::Rolled, Some(api::RolledAdminToken { at, until, successor }), None)
        }
        AdminTokenState::Revoked { at } => (api::AdminTokenStateName::Revoked, None, Some(at)),
    };
    let state = if over && revoked_at.is_none() { api::AdminTokenStateName::Expired } else { state };
    api::AdminToken {
        id: Some(record.id),
        name: record.name,
        role: admins::role(record.role),
        buckets: match record.within {
            Within::Everything => None,
            Within::Buckets(buckets) => Some(buckets.into_iter().collect()),
        },
        source: api::AdminTokenSource::Store,
        state,
        created_at: Some(record.created),
        expires_at: record.expires,
        rolled,
        revoked_at,
        revision: Some(record.revision),
    }
}

/// One of the configuration in the words of the contract.
fn of_config(token: &AdminToken) -> api::AdminToken {
    api::AdminToken {
        id: None,
        name: token.name().actor(),
        role: token.role(),
        buckets: None,
        source: api::AdminTokenSource::Config,
        state: api::AdminTokenStateName::Active,
        created_at: None,
        expires_at: None,
        rolled: None,
        revoked_at: None,
        revision: None,
    }
}
