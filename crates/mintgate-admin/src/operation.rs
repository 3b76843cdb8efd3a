//! What can be asked of this API, and of whom it is taken: the one table that decides.
//!
//! An endpoint takes an [`Allowed`] of its operation, which is an admin who may do it; there is no other way to an
//! admin, and so none to the store's changing methods. What answers without one is turned into a failure by a layer
//! (`layers.rs`). `docs/api.md` has the same table for people; a test holds the two together and asks everything of
//! everybody.

use std::{
    marker::PhantomData,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use axum::extract::FromRequestParts;
use http::request::Parts;
use mintgate_admin_api::Role;
use mintgate_store::Within;

use crate::{caller::Caller, reply::Refusal};

/// For whom an operation is.
#[derive(Debug)]
pub(crate) struct Duty {
    /// What the audit log calls it.
    name: &'static str,
    roles: &'static [Role],
    reach: Reach,
}

/// What an operation touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// What lives in buckets: admins of some buckets may, in those. The endpoint asks [`Caller::reaches`].
    Buckets,
    /// The installation: admins of some buckets may not.
    Installation,
}

/// Something that can be asked of this API.
pub(crate) trait Operation: Send + Sync + 'static {
    const DUTY: &'static Duty;
}

const ALL: &[Role] = &[Role::Owner, Role::Operator, Role::Auditor];
const OWNER: &[Role] = &[Role::Owner];
const OPERATORS: &[Role] = &[Role::Owner, Role::Operator];
const AUDITORS: &[Role] = &[Role::Owner, Role::Auditor];

macro_rules! operations {
    ($($operation:ident, $name:literal, $roles:ident, $reach:ident;)+) => {$(
        pub(crate) struct $operation;

        impl Operation for $operation {
            const DUTY: &'static Duty = &Duty { name: $name, roles: $roles, reach: Reach::$reach };
        }
    )+};
}

operations! {
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
    ShowWhoAmI, "whoami.show", ALL, Buckets;
    ShowSession, "session.show", ALL, Buckets;
    EndSession, "session.end", ALL, Buckets;
    ShowOpenApi, "openapi.show", ALL, Buckets;
}

impl Duty {
    pub(crate) fn name(&self) -> &'static str {
        self.name
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
        let attempt = parts.extensions.get::<Attempt>().expect("a layer puts one before every endpoint");
        attempt.0.get_or_init(|| O::DUTY);
        let caller = parts.extensions.get::<Caller>().ok_or(Refusal::MissingToken)?;
        O::DUTY.judge(caller)?;
        Ok(Self { caller: caller.clone(), operation: PhantomData })
    }
}

/// What a request turned out to ask for, once an endpoint asked for its admin.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempt(Arc<OnceLock<&'static Duty>>);

impl Attempt {
    pub(crate) fn duty(&self) -> Option<&'static Duty> {
        self.0.get().copied()
    }
}
