//! Stored things in the words of the contract.

use std::collections::HashMap;

use mintgate_admin_api as api;
use mintgate_store::{Bucket, Consumer, ConsumerState, Key, KeyFormat, KeyState, SigningKeyRecord, Store};
use mintgate_types::{ConsumerId, Timestamp};

use crate::reply::Reply;

pub(crate) fn bucket(bucket: Bucket) -> api::Bucket {
    let Bucket { name, prefix, created, revision } = bucket;
    api::Bucket { name, prefix, created, revision }
}

pub(crate) fn consumer(consumer: Consumer) -> api::Consumer {
    let Consumer { id, bucket, name, subject, metadata, tags, managers, state, created, last_used, revision } =
        consumer;
    let (state, disabled_since) = match state {
        ConsumerState::Active => (api::ConsumerState::Active, None),
        ConsumerState::Disabled { since } => (api::ConsumerState::Disabled, Some(since)),
    };
    let metadata = metadata.into();
    api::Consumer {
        id,
        bucket,
        name,
        subject,
        metadata,
        tags,
        managers,
        state,
        disabled_since,
        created,
        last_used,
        revision,
    }
}

pub(crate) fn owner(consumer: &Consumer) -> api::KeyOwner {
    api::KeyOwner { id: consumer.id, bucket: consumer.bucket.clone(), name: consumer.name.clone() }
}

/// A key as it stands at `now`.
pub(crate) fn key(key: Key, consumer: api::KeyOwner, now: Timestamp) -> api::Key {
    let over = key.ends().is_some_and(|end| end <= now);
    let (state, rolled, revoked) = match key.state {
        KeyState::Active => (api::KeyStateName::Active, None, None),
        KeyState::Rolled { at, until, successor } => {
            (api::KeyStateName::Rolled, Some(api::RolledInto { at, until, successor }), None)
        }
        KeyState::Revoked { at, reason } => {
            (api::KeyStateName::Revoked, None, Some(api::RevokedKey { at, reason }))
        }
    };
    let state = if over && revoked.is_none() { api::KeyStateName::Expired } else { state };
    api::Key {
        id: key.id,
        consumer,
        format: match key.format {
            KeyFormat::Native => api::KeyFormat::Native,
            KeyFormat::Foreign => api::KeyFormat::Foreign,
        },
        label: key.label,
        scopes: key.scopes,
        created: key.created,
        expires: key.expires,
        first_used: key.first_used,
        last_used: key.last_used,
        state,
        rolled,
        revoked,
        revision: key.revision,
    }
}

/// Keys of any consumers, each with its owner. A consumer that was removed meanwhile took its keys along.
pub(crate) async fn keys(store: &dyn Store, keys: Vec<Key>, now: Timestamp) -> Reply<Vec<api::Key>> {
    let mut owners: HashMap<ConsumerId, Option<api::KeyOwner>> = HashMap::new();
    let mut shown = Vec::with_capacity(keys.len());
    for stored in keys {
        let owner = if let Some(owner) = owners.get(&stored.consumer) {
            owner.clone()
        } else {
            let found = store.consumer(stored.consumer).await?.as_ref().map(owner);
            owners.insert(stored.consumer, found.clone());
            found
        };
        shown.extend(owner.map(|owner| key(stored, owner, now)));
    }
    Ok(shown)
}

pub(crate) fn signing_key(record: SigningKeyRecord) -> api::SigningKey {
    api::SigningKey::new(record.kid, record.algorithm, record.created, record.state)
}
