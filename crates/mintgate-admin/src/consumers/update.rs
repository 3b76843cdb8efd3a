//! `PATCH /v1/buckets/{bucket}/consumers/{consumer}`

use axum::extract::State;
use mintgate_admin_api::{Consumer, ConsumerState, TagPatch, UpdateConsumer, paths, schema};
use mintgate_store::{
    self as store, AuditAction, Conflict as StoreConflict, ConsumerChange, Metadata, StoreError, Tags,
};
use mintgate_types::{BucketName, ConsumerName, Timestamp};
use serde_json::{Map, Value};

use crate::{
    AdminService, consumers,
    document::{Conflict, NotFound, Stale},
    if_match::IfMatch,
    input::{Body, Segments},
    operation::{self, Allowed},
    reply::{Refusal, Reply, Tagged},
    wire,
};

/// Change a consumer
///
/// A JSON merge patch. A disabled consumer's keys stop to work at once, and work again when it is enabled.
#[utoipa::path(
    patch,
    path = paths::CONSUMER,
    tag = "consumers",
    params(
        ("bucket" = inline(schema::BucketName), Path),
        ("consumer" = inline(schema::ConsumerName), Path),
        schema::IfMatch
    ),
    request_body(content((UpdateConsumer = "application/merge-patch+json"), (UpdateConsumer = "application/json"))),
    responses(
        (status = 200, description = "The consumer as it is now", body = Consumer, headers(("ETag" = String, description = "Its revision"))),
        NotFound,
        Conflict,
        Stale
    )
)]
pub(crate) async fn update_consumer(
    State(service): State<AdminService>,
    caller: Allowed<operation::UpdateConsumer>,
    Segments((bucket, name)): Segments<(BucketName, ConsumerName)>,
    IfMatch(expected): IfMatch,
    Body(patch): Body<UpdateConsumer>,
) -> Reply<Tagged<Consumer>> {
    let _turn = match expected {
        None => {
            let consumer = consumers::named(service.store(), &caller, &bucket, &name).await?;
            Some(service.turns().wait(consumer.id).await)
        }
        Some(_) => None,
    };
    for attempt in 1.. {
        let current = consumers::named(service.store(), &caller, &bucket, &name).await?;
        let change = change(&current, patch.clone(), service.now())?;
        let expected_now = expected.unwrap_or(current.revision);
        match service
            .store()
            .update_consumer(current.id, change, Some(expected_now), &caller.author(&service))
            .await
        {
            Ok(Some(updated)) => {
                caller.changed(AuditAction::UpdateConsumer, &updated.id);
                service.put_in_force(updated.revision).await?;
                return Ok(Tagged::ok(updated.revision, wire::consumer(updated)));
            }
            Ok(None) => return Err(Refusal::NotFound("consumer")),
            // Somebody was faster between our reading and our writing. Without If-Match the patch applies to whatever
            // is there, so it is merged anew.
            Err(StoreError::Conflict(StoreConflict::Stale { .. }))
                if expected.is_none() && attempt < MOST_ATTEMPTS => {}
            Err(error) => return Err(error.into()),
        }
    }
    unreachable!("the last attempt returns")
}

/// How often a patch is merged anew before its caller hears that others change the same thing all the time.
const MOST_ATTEMPTS: u32 = 5;

fn change(current: &store::Consumer, patch: UpdateConsumer, now: Timestamp) -> Reply<ConsumerChange> {
    let metadata = match patch.metadata {
        Some(patch) => {
            let mut merged = current.metadata.as_object().clone();
            merge(&mut merged, patch);
            Some(Metadata::try_from(merged).map_err(|error| Refusal::field("metadata", error))?)
        }
        None => None,
    };
    patch.managers.as_ref().map_or(Ok(()), consumers::refuse_nobody)?;
    let state = match (patch.state, current.state) {
        (None, _) => None,
        (Some(ConsumerState::Active), _) => Some(store::ConsumerState::Active),
        (Some(ConsumerState::Disabled), disabled @ store::ConsumerState::Disabled { .. }) => Some(disabled),
        (Some(ConsumerState::Disabled), store::ConsumerState::Active) => {
            Some(store::ConsumerState::Disabled { since: now })
        }
    };
    Ok(ConsumerChange {
        name: patch.name,
        subject: patch.subject,
        metadata,
        tags: patch.tags.map(|tags| merge_tags(current.tags.clone(), tags)),
        managers: patch.managers,
        state,
    })
}

/// RFC 7396 §2.
fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(&name);
            }
            Value::Object(members) => {
                let inner = target.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if !inner.is_object() {
                    *inner = Value::Object(Map::new());
                }
                merge(inner.as_object_mut().expect("made an object just now"), members);
            }
            value => {
                target.insert(name, value);
            }
        }
    }
}

fn merge_tags(mut tags: Tags, patch: TagPatch) -> Tags {
    for (name, value) in patch {
        match value {
            Some(value) => tags.insert(name, value),
            None => tags.remove(&name),
        };
    }
    tags
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_merge_patch_does_what_its_standard_shows() {
        // RFC 7396, appendix A, those with objects on both sides.
        for (target, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ] {
            let (Value::Object(mut target), Value::Object(patch)) = (target, patch) else {
                panic!("objects")
            };
            merge(&mut target, patch);
            assert_eq!(Value::Object(target), result);
        }
    }
}
