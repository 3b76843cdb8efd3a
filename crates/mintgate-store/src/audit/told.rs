//! What entries tell of things: all but secrets and fingerprints.

use mintgate_types::SigningKeyState;
use serde_json::{Map, Value, json};

use crate::{
    AdminTokenRecord, AdminTokenState, Bucket, Consumer, ConsumerState, Key, KeyFormat, KeyState, Session,
    SessionHolder, SigningKeyRecord, Within,
};

/// The members of a thing.
pub type Told = Map<String, Value>;

/// The members in which two tellings of a thing differ, as they were and as they are.
#[must_use]
pub fn differences(mut before: Told, mut after: Told) -> (Value, Value) {
    let same: Vec<String> = before
        .iter()
        .filter(|(name, value)| after.get(*name) == Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        before.remove(&name);
        after.remove(&name);
    }
    (before.into(), after.into())
}

/// What is told of a bucket.
#[must_use]
pub fn of_bucket(bucket: &Bucket) -> Told {
    told(json!({"name": bucket.name, "prefix": bucket.prefix}))
}

/// What is told of a consumer.
#[must_use]
pub fn of_consumer(consumer: &Consumer) -> Told {
    let (state, since) = match consumer.state {
        ConsumerState::Active => ("active", None),
        ConsumerState::Disabled { since } => ("disabled", Some(since)),
    };
    told(json!({
        "name": consumer.name,
        "subject": consumer.subject,
        "metadata": consumer.metadata,
        "tags": consumer.tags,
        "managers": consumer.managers,
        "state": state,
        "disabled_since": since,
    }))
}

/// What is told of a key.
#[must_use]
pub fn of_key(key: &Key) -> Told {
    let state = match &key.state {
        KeyState::Active => json!({"state": "active"}),
        KeyState::Rolled { at, until, successor } => {
            json!({"state": "rolled", "rolled_at": at, "works_until": until, "successor": successor})
        }
        KeyState::Revoked { at, reason } => json!({"state": "revoked", "revoked_at": at, "reason": reason}),
    };
    let mut members = told(json!({
        "consumer": key.consumer,
        "format": match key.format {
            KeyFormat::Native => "native",
            KeyFormat::Foreign => "foreign",
        },
        "label": key.label,
        "scopes": key.scopes,
        "expires": key.expires,
    }));
    members.extend(told(state));
    members
}

/// What is told of a session: who signed in, and how.
#[must_use]
pub fn of_session(session: &Session) -> Told {
    let mut members = told(match &session.holder {
        SessionHolder::ConfiguredToken { name, token: _ } => {
            json!({"with": "configured_token", "name": name})
        }
        SessionHolder::Token { id } => json!({"with": "admin_token", "admin_token": id}),
        SessionHolder::Identity(who) => json!({
            "with": "identity",
            "issuer": who.issuer,
            "subject": who.subject,
            "name": who.name,
            "email": who.email,
            "groups": who.groups,
        }),
    });
    members.extend(told(json!({"expires": session.expires})));
    members
}

/// What is told of a signing key.
#[must_use]
pub fn of_signing_key(record: &SigningKeyRecord, state: SigningKeyState) -> Told {
    let until = match state {
        SigningKeyState::Retiring { until, .. } => Some(until),
        _ => None,
    };
    told(json!({"algorithm": record.algorithm, "state": state.name(), "verifies_until": until}))
}

/// What is told of an admin token.
#[must_use]
pub fn of_admin_token(token: &AdminTokenRecord) -> Told {
    let state = match token.state {
        AdminTokenState::Active => json!({"state": "active"}),
        AdminTokenState::Rolled { at, until, successor } => {
            json!({"state": "rolled", "rolled_at": at, "works_until": until, "successor": successor})
        }
        AdminTokenState::Revoked { at } => json!({"state": "revoked", "revoked_at": at}),
    };
    let buckets = match &token.within {
        Within::Everything => None,
        Within::Buckets(buckets) => Some(buckets),
    };
    let mut members = told(json!({
        "name": token.name,
        "role": token.role.name(),
        "buckets": buckets,
        "expires": token.expires,
    }));
    members.extend(told(state));
    members
}

/// Members that are there: what is null says nothing.
fn told(value: Value) -> Told {
    let Value::Object(members) = value else { unreachable!("made of an object") };
    members.into_iter().filter(|(_, value)| !value.is_null()).collect()
}
