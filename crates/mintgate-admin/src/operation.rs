//! What can be asked of this API, and of whom it is taken: the one table that decides.
//!
//! An endpoint takes an [`Allowed`] of its operation, which is an admin who may do it; there is no other way to an
//! admin, and so none to the store's changing methods. Managers of consumers are another kind of caller: an endpoint for
//! them takes an [`Own`] of its operation, one for both a [`SignedIn`]. Each of the three takes operations of its own
//! trait alone, so an endpoint that admits the wrong kind does not compile. What answers without any is turned into a
//! failure by a layer (`account.rs`). `docs/api.md` has the same table for people; a test holds the two together and asks
//! everything of everybody.

use std::{
    marker::PhantomData,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use axum::extract::FromRequestParts;
use http::request::Parts;
use mintgate_admin_api::Role;
use mintgate_store::Within;

use crate::{
    AdminService,
    caller::{Caller, Trace},
    reply::Refusal,
    self_service::Manager,
};

/// For whom an operation is.
#[derive(Debug)]
pub(crate) struct Duty {
    /// What the audit log calls it.
    name: &'static str,
    roles: &'static [Role],
    reach: Reach,
}

/// Something that the managers of consumers can ask of this API, and nobody else.
pub(crate) trait OwnOperation: Send + Sync + 'static {
    const DUTY: &'static Duty;
}

/// Something that everybody can ask who has a credential.
pub(crate) trait CommonOperation: Send + Sync + 'static {
    const DUTY: &'static Duty;
}

/// What an operation touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// What lives in buckets: admins of some buckets may, in those. The endpoint asks [`Caller::reaches`].
    Buckets,
    /// The installation: admins of some buckets may not.
    Installation,
}

/// Something that admins can ask of this API.
pub(crate) trait Operation: Send + Sync + 'static {
    const DUTY: &'static Duty;
}

const ALL: &[Role] = &[Role::Owner, Role::Operator, Role::Auditor];
const OWNER: &[Role] = &[Role::Owner];
const OPERATORS: &[Role] = &[Role::Owner, Role::Operator];
const AUDITORS: &[Role] = &[Role::Owner, Role::Auditor];

const NOBODY: &[Role] = &[];

macro_rules! operations {
    ($kind:ident: $($operation:ident, $name:literal, $roles:ident, $reach:ident;)+) => {$(
        pub(crate) struct $operation;

        impl $kind for $operation {
            const DUTY: &'static Duty = &Duty { name: $name, roles: $roles, reach: Reach::$reach };
        }
    )+};
}

operations! { OwnOperation:
    ListOwnConsumers, "consumer.list", NOBODY, Buckets;
    ListOwnKeys, "key.list", NOBODY, Buckets;
    ShowOwnKey, "key.show", NOBODY, Buckets;
    RollOwnKey, "key.roll", NOBODY, Buckets;
    ShowOwnUsage, "usage.show", NOBODY, Buckets;
}

operations! { CommonOperation:
    ShowWhoAmI, "whoami.show", ALL, Buckets;
    ShowSession, "session.show", ALL, Buckets;
    EndSession, "session.end", ALL, Buckets;
}

operations! { Operation:
    ListBuckets, "bucket.list", ALL, Buckets;
    ShowBucket, "bucket.show", ALL, Buckets;
    CreateBucket, "bucket.create", OWNER, Installation;
    UpdateBucket, "bucket.update", OWNER, Buckets;
    DeleteBucket, "bucket.delete", OWNER, Installation;
    ListConsumers, "consumer.list", ALL, Buckets;
    ShowConsumer, "consumer.show", ALL, Buckets;
    CreateConsumer, "consumer.create", OPERATORS, Buckets;
    UpdateConsumer, "consumer.update", OPERATORS, Buckets;
    DeleteConsumer, "consumer.delete", OPERATORS, Buckets;
    ListKeys, "key.list", ALL, Buckets;
    ShowKey, "key.show", ALL, Buckets;
    VerifyKey, "key.verify", OPERATORS, Buckets;
    CreateKey, "key.create", OPERATORS, Buckets;
    UpdateKey, "key.update", OPERATORS, Buckets;
    RollKeys, "key.roll", OPERATORS, Buckets;
    RevokeKey, "key.revoke", OPERATORS, Buckets;
    ImportKeys, "key.import", OPERATORS, Buckets;
    ListSigningKeys, "signing_key.list", ALL, Buckets;
    RotateSigningKeys, "signing_key.rotate", OWNER, Installation;
    RetireSigningKey, "signing_key.retire", OWNER, Installation;
    ListAdminTokens, "admin_token.list", AUDITORS, Installation;
    ShowAdminToken, "admin_token.show", AUDITORS, Installation;
    CreateAdminToken, "admin_token.create", OWNER, Installation;
    RollAdminToken, "admin_token.roll", OWNER, Installation;
    RevokeAdminToken, "admin_token.revoke", OWNER, Installation;
    ListAudit, "audit.list", AUDITORS, Buckets;
    ExportAudit, "audit.export", AUDITORS, Buckets;
    VerifyAudit, "audit.verify", AUDITORS, Installation;
    BackUp, "store.backup", OWNER, Installation;
    ShowConfig, "config.show", AUDITORS, Installation;
    ShowUsage, "usage.show", ALL, Buckets;
    ShowRefusals, "usage.refusals", ALL, Installation;
    ShowStatus, "status.show", ALL, Buckets;
    ShowOpenApi, "openapi.show", ALL, Buckets;
}

impl Duty {
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether this is for managers alone.
    pub(crate) fn is_of_managers(&self) -> bool {
        self.roles.is_empty()
    }

    /// For which admins this is.
    pub(crate) fn roles(&self) -> &'static [Role] {
        self.roles
    }

    /// Whether admins of some buckets may, in those.
    pub(crate) fn is_in_buckets(&self) -> bool {
        self.reach == Reach::Buckets && !self.is_of_managers()
    }

    fn judge(&self, caller: &Caller) -> Result<(), Refusal> {
        let by_role = self.roles.contains(&caller.role());
        let by_reach = match self.reach {
            Reach::Buckets => true,
            Reach::Installation => *caller.within() == Within::Everything,
        };
        if by_role && by_reach { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}

/// An admin who may do this. Only the judgement makes one.
pub(crate) struct Allowed<O> {
    caller: Caller,
    operation: PhantomData<O>,
}

impl<O> Deref for Allowed<O> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<S: Sync, O: Operation> FromRequestParts<S> for Allowed<O> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        attempted(parts, O::DUTY);
        let Some(caller) = parts.extensions.get::<Caller>() else { return Err(no_admin(parts)) };
        O::DUTY.judge(caller)?;
        Ok(Self { caller: caller.clone(), operation: PhantomData })
    }
}

/// A manager who may ask this about consumers of their own. Only the judgement makes one.
pub(crate) struct Own<O> {
    manager: Manager,
    operation: PhantomData<O>,
}

impl<O> Deref for Own<O> {
    type Target = Manager;

    fn deref(&self) -> &Manager {
        &self.manager
    }
}

impl<O: OwnOperation> FromRequestParts<AdminService> for Own<O> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, service: &AdminService) -> Result<Self, Refusal> {
        if !service.sign_in().has_self_service() {
            // Nothing is here, and so nothing was attempted.
            return Err(Refusal::NoSuchPath);
        }
        attempted(parts, O::DUTY);
        let manager = parts.extensions.get::<Manager>().cloned().ok_or(Refusal::Forbidden)?;
        Ok(Self { manager, operation: PhantomData })
    }
}

/// Somebody with a credential, who may do this. Only the judgement makes one.
pub(crate) struct SignedIn<O> {
    who: Party,
    operation: PhantomData<O>,
}

/// Who it is. Somebody who is both is an admin.
#[derive(Clone)]
pub(crate) enum Party {
    Admin(Caller),
    Manager(Manager),
}

impl<O> Deref for SignedIn<O> {
    type Target = Party;

    fn deref(&self) -> &Party {
        &self.who
    }
}

impl Party {
    /// What this request leaves behind.
    pub(crate) fn trace(&self) -> &Trace {
        match self {
            Self::Admin(caller) => caller.trace(),
            Self::Manager(manager) => manager.trace(),
        }
    }
}

impl<S: Sync, O: CommonOperation> FromRequestParts<S> for SignedIn<O> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        attempted(parts, O::DUTY);
        let who = match (parts.extensions.get::<Caller>(), parts.extensions.get::<Manager>()) {
            (Some(caller), _) => {
                O::DUTY.judge(caller)?;
                Party::Admin(caller.clone())
            }
            (None, Some(manager)) => Party::Manager(manager.clone()),
            (None, None) => return Err(Refusal::MissingToken),
        };
        Ok(Self { who, operation: PhantomData })
    }
}

/// Why somebody is not let through who is no admin.
fn no_admin(parts: &Parts) -> Refusal {
    if parts.extensions.get::<Manager>().is_some() { Refusal::Forbidden } else { Refusal::MissingToken }
}

fn attempted(parts: &Parts, duty: &'static Duty) {
    let attempt = parts.extensions.get::<Attempt>().expect("a layer puts one before every endpoint");
    attempt.0.get_or_init(|| duty);
}

/// What a request turned out to ask for, once an endpoint asked for its caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempt(Arc<OnceLock<&'static Duty>>);

impl Attempt {
    pub(crate) fn duty(&self) -> Option<&'static Duty> {
        self.0.get().copied()
    }
}
