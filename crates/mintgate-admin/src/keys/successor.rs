//! What the successor of one or more keys is like, and how the old ones end.

use mintgate_admin_api::{self as api, Span};
use mintgate_store::{AuditAction, Consumer, Key, KeyRoll, Rolled};
use mintgate_types::{KeyPrefix, Label, Revision, ScopeSet, SignedDuration, Timestamp};

use crate::{
    AdminService,
    caller::Trace,
    keys::issue::{self, Issue},
    once::{Making, Place, Rendered},
    reply::{Refusal, Reply},
    wire,
};

/// What a request says about the successor; what it leaves out comes from the old keys.
pub(crate) struct Wishes {
    pub(crate) grace: Option<Span>,
    pub(crate) label: Option<Label>,
    pub(crate) scopes: Option<ScopeSet>,
    pub(crate) expires: Option<Timestamp>,
    /// The revision that all of the old keys must still have.
    pub(crate) expected: Option<Revision>,
}

/// How long old keys go on working where nobody says otherwise.
const DEFAULT_GRACE: Span = Span::DAY;

/// Replaces keys of one consumer by one new key, and renders the reply.
pub(crate) async fn roll(
    service: &AdminService,
    trace: &Trace,
    making: &Making,
    (consumer, old): (Consumer, &[Key]),
    wishes: Wishes,
) -> Reply<Rendered> {
    let now = service.now();
    let grace = wishes.grace.unwrap_or(DEFAULT_GRACE);
    let until =
        now.checked_add(grace.duration()).map_err(|_| Refusal::field("grace", "ends too far away"))?;
    let expected = wishes.expected;
    let like = successor(old, wishes, now)?;
    let prefix = prefix_of(service, &consumer).await?;
    let (issued, new) = issue::generate(service, &prefix, consumer.id, like);
    let roll = KeyRoll { successor: new, replaces: old.iter().map(|key| key.id).collect(), until, expected };
    let place = Place::consumer(&consumer);
    let render = move |rolled: &Rolled| {
        let Rolled { successor, replaced } = rolled.clone();
        let revision = successor.revision;
        let shown = |key| wire::key(key, wire::owner(&consumer), now);
        let replaced = replaced.into_iter().map(shown).collect();
        let issued = issue::reveal(issued, successor, &consumer, now);
        Rendered::created(revision, &api::RolledKeys { issued, replaced })
    };
    let (rolled, reply) = making.make(service, &trace.author(service), (roll, place), render).await?;
    trace.changed(AuditAction::CreateKey, &rolled.successor.id);
    for key in &rolled.replaced {
        trace.changed(AuditAction::RollKey, &key.id);
    }
    service.put_in_force(rolled.successor.revision).await?;
    Ok(reply)
}

async fn prefix_of(service: &AdminService, consumer: &Consumer) -> Reply<KeyPrefix> {
    let bucket = service.store().bucket(&consumer.bucket).await?;
    bucket.map(|bucket| bucket.prefix).ok_or(Refusal::NotFound("bucket"))
}

fn successor(old: &[Key], wishes: Wishes, now: Timestamp) -> Reply<Issue> {
    let first = old.first().ok_or(Refusal::NothingToRoll)?;
    let scopes = match wishes.scopes {
        Some(scopes) => scopes,
        None if old.iter().all(|key| key.scopes == first.scopes) => first.scopes.clone(),
        // All scopes of all of them together would give the new key more than any holder of an old one had.
        None => {
            return Err(Refusal::field("scopes", "the old keys differ in scopes: say what the new one has"));
        }
    };
    let label = match wishes.label {
        Some(label) => label,
        None if old.iter().all(|key| key.label == first.label) => first.label.clone(),
        None => issue::no_label(),
    };
    let expires = match wishes.expires {
        Some(expires) => issue::in_the_future(Some(expires), now)?,
        None => old.iter().filter_map(lifetime).min().and_then(|life| now.checked_add(life).ok()),
    };
    Ok(Issue { label, scopes, expires })
}

/// How long a key was meant to live. Whoever bounded the old key's life did not mean its successor to live for ever.
fn lifetime(key: &Key) -> Option<SignedDuration> {
    key.expires.map(|expires| expires.duration_since(key.created))
}
