//! Keys: what callers present, and what an admin may know of them.

use mintgate_types::{
    BucketName, ConsumerId, ConsumerName, KeyId, Label, Reason, Revision, ScopeSet, Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Cursor, KeyText, PageLimit, Span, patch::present, schema};

/// A key. Its text is not here: nobody has it but its holder.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// Its public part.
    #[schema(value_type = schema::KeyId)]
    pub id: KeyId,
    /// Whose it is.
    pub consumer: KeyOwner,
    /// Who issued it.
    pub format: KeyFormat,
    /// What it is for, in its owner's words.
    #[schema(value_type = schema::Label)]
    pub label: Label,
    /// What it may be used for.
    #[schema(value_type = Vec<schema::Scope>, max_items = 64)]
    pub scopes: ScopeSet,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it stops to work by itself.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When a request with it was first let through; some seconds behind.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_used: Option<Timestamp>,
    /// When one was last let through; some seconds behind.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
    /// Whether it works, as of this reply.
    pub state: KeyStateName,
    /// What replaced it, if something did.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled: Option<RolledInto>,
    /// How it ended, if it was revoked.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<RevokedKey>,
    /// Its last change.
    #[schema(value_type = schema::Revision)]
    pub revision: Revision,
}

/// The consumer that holds a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyOwner {
    /// Stays through renames.
    #[schema(value_type = schema::ConsumerId)]
    pub id: ConsumerId,
    /// Where the consumer lives.
    #[schema(value_type = schema::BucketName)]
    pub bucket: BucketName,
    /// The consumer's name now.
    #[schema(value_type = schema::ConsumerName)]
    pub name: ConsumerName,
}

/// Who issued a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyFormat {
    /// Mintgate did.
    Native,
    /// Another system did, and it was imported.
    Foreign,
}

/// Whether a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyStateName {
    /// It does.
    Active,
    /// It does, until its grace period ends: a successor exists.
    Rolled,
    /// It does not: its expiry or its grace period is over.
    Expired,
    /// It does not, and never will again.
    Revoked,
}

/// What replaced a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RolledInto {
    /// When its successor was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When the old key stops to work.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// What its holder should use instead.
    #[schema(value_type = schema::KeyId)]
    pub successor: KeyId,
}

/// How a key ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevokedKey {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Why, if somebody said.
    #[schema(value_type = Option<schema::Reason>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Some of the keys, by id.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeyPage {
    /// The keys.
    pub data: Vec<Key>,
    /// Where the next page starts; absent where the list ends.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
}

/// Which keys are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListKeys {
    /// Where the page starts.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// How many items it may have.
    #[param(inline, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<PageLimit>,
}

/// A key to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// What it is for; empty if left out.
    #[schema(value_type = Option<schema::Label>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// What it may be used for; nothing beyond routes without scopes if left out.
    #[schema(value_type = Option<Vec<schema::Scope>>, max_items = 64, nullable = false)]
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub scopes: ScopeSet,
    /// When it stops to work by itself; in the future. Never if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// A new key, with its text. The text is in this reply and in no other, ever.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct IssuedKey {
    /// What its holder presents. Keep it now: it cannot be shown again.
    pub secret: KeyText,
    /// What is known of it.
    pub key: Key,
}

/// What changes about a key, as a JSON merge patch: what is absent stays, and a `null` expiry means never.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateKey {
    /// The new label.
    #[schema(value_type = Option<schema::Label>, nullable = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// All of the new scopes.
    #[schema(value_type = Option<Vec<schema::Scope>>, max_items = 64, nullable = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub scopes: Option<ScopeSet>,
    /// The new expiry, in the future; `null` for never.
    #[schema(value_type = Option<String>, format = DateTime, required = false)]
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Option<Timestamp>>,
}

/// The end of a key.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeKey {
    /// Why, for those who read it later.
    #[schema(value_type = Option<schema::Reason>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// A successor for one key.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollKey {
    /// How long the old key goes on working; a day if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Span>,
    /// What the new key is for; as the old one if left out.
    #[schema(value_type = Option<schema::Label>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// What the new key may be used for; as the old one if left out.
    #[schema(value_type = Option<Vec<schema::Scope>>, max_items = 64)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<ScopeSet>,
    /// When the new key stops to work by itself; if left out, after as long a life as the old one was given.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// One successor for some or all of a consumer's keys.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollKeys {
    /// Which keys; all active ones if left out.
    #[schema(value_type = Option<Vec<schema::KeyId>>, min_items = 1, max_items = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<KeyId>>,
    /// How long the old keys go on working; a day if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Span>,
    /// What the new key is for; as the old ones, if they agree, when left out.
    #[schema(value_type = Option<schema::Label>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// What the new key may be used for; as the old ones when left out, which then must agree.
    #[schema(value_type = Option<Vec<schema::Scope>>, max_items = 64)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<ScopeSet>,
    /// When the new key stops to work by itself; if left out, after the shortest life that an old one was given.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// What a roll did.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RolledKeys {
    /// The new key, with its text.
    pub issued: IssuedKey,
    /// The old ones as they are now.
    pub replaced: Vec<Key>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_can_be_left_alone_removed_and_set() {
        let read = |text| serde_json::from_str::<UpdateKey>(text).expect(text).expires;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"expires":null}"#), Some(None));
        assert!(matches!(read(r#"{"expires":"2030-01-01T00:00:00Z"}"#), Some(Some(_))));
    }
}
