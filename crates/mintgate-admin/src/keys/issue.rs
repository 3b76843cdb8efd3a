//! Making new keys. The one place where the text of a key is given away.

use mintgate_admin_api::{self as api, CreateKey, KeyText};
use mintgate_apikey::IssuedKey;
use mintgate_store::{Consumer, Key, KeyFormat, NewKey};
use mintgate_types::{ConsumerId, KeyPrefix, Label, ScopeSet, Timestamp};

use crate::{
    AdminService,
    reply::{Refusal, Reply},
    wire,
};

/// What a new key is to be like.
pub(crate) struct Issue {
    pub(crate) label: Label,
    pub(crate) scopes: ScopeSet,
    pub(crate) expires: Option<Timestamp>,
}

impl Issue {
    /// As a request says.
    pub(crate) fn from_request(request: CreateKey, now: Timestamp) -> Reply<Self> {
        let expires = in_the_future(request.expires, now)?;
        Ok(Self { label: request.label.unwrap_or_else(no_label), scopes: request.scopes, expires })
    }
}

/// A new key and what is stored of it.
pub(crate) fn generate(
    service: &AdminService,
    prefix: &KeyPrefix,
    consumer: ConsumerId,
    like: Issue,
) -> (IssuedKey, NewKey) {
    let issued = IssuedKey::generate(prefix, service.entropy());
    let new = NewKey {
        id: issued.id(),
        consumer,
        fingerprint: service.pepper().fingerprint(&issued.digest()),
        format: KeyFormat::Native,
        label: like.label,
        scopes: like.scopes,
        created: service.now(),
        expires: like.expires,
    };
    (issued, new)
}

/// Puts the text of a stored key into its reply.
pub(crate) fn reveal(issued: IssuedKey, stored: Key, consumer: &Consumer, now: Timestamp) -> api::IssuedKey {
    api::IssuedKey {
        secret: KeyText::from(issued.reveal()),
        key: wire::key(stored, wire::owner(consumer), now),
    }
}

/// An expiry that is still to come.
pub(crate) fn in_the_future(expires: Option<Timestamp>, now: Timestamp) -> Reply<Option<Timestamp>> {
    match expires {
        Some(expires) if expires <= now => Err(Refusal::field("expires", "must be in the future")),
        expires => Ok(expires),
    }
}

/// The label of a key that nobody labelled.
pub(crate) fn no_label() -> Label {
    "".parse().expect("a label may be empty")
}
