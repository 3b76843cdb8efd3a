//! Things to put into a store.

use std::{sync::LazyLock, time::Duration};

use mintgate_apikey::KeyFingerprint;
use mintgate_types::{BucketName, ConsumerId, Entropy, KeyId, Managers, RequestId, SeededEntropy, Timestamp};

use crate::{
    Actor, Author, Consumer, Key, KeyChange, KeyFormat, KeyRoll, NewBucket, NewConsumer, NewKey, PageRequest,
    Revocation, Store,
};

/// Makes things that differ from each other.
pub(super) struct Sample(SeededEntropy);

impl Sample {
    pub(super) fn new() -> Self {
        Self(SeededEntropy::new(1))
    }

    pub(super) fn consumer(&self, bucket: &str, name: &str) -> NewConsumer {
        NewConsumer {
            id: ConsumerId::generate(&self.0),
            bucket: bucket.parse().expect("a bucket name"),
            name: name.parse().expect("a consumer name"),
            subject: name.parse().expect("a subject"),
            metadata: crate::Metadata::default(),
            tags: crate::Tags::new(),
            managers: Managers::none(),
            created: at(1),
        }
    }

    pub(super) fn key(&self, consumer: &Consumer) -> NewKey {
        self.key_of(consumer.id)
    }

    pub(super) fn key_of(&self, consumer: ConsumerId) -> NewKey {
        let mut fingerprint = [0; 32];
        self.0.fill(&mut fingerprint);
        NewKey {
            id: KeyId::generate(&self.0),
            consumer,
            fingerprint: KeyFingerprint::from(fingerprint),
            format: KeyFormat::Native,
            label: "".parse().expect("a label"),
            scopes: "orders:read".parse().expect("a scope"),
            created: at(2),
            expires: None,
        }
    }

    pub(super) fn roll(&self, consumer: &Consumer, replaces: &[&Key], until: Timestamp) -> KeyRoll {
        KeyRoll {
            successor: NewKey { created: at(3), ..self.key(consumer) },
            replaces: replaces.iter().map(|key| key.id).collect(),
            until,
            expected: None,
        }
    }

    pub(super) fn unknown_key(&self) -> KeyId {
        KeyId::generate(&self.0)
    }

    pub(super) fn unknown_consumer(&self) -> ConsumerId {
        ConsumerId::generate(&self.0)
    }
}

/// Who does everything here.
pub(super) fn by() -> &'static Author {
    static ANN: LazyLock<Author> = LazyLock::new(|| Author {
        actor: Actor::admin("ann".parse().expect("a name"), Some("AAAAaaaa0000".parse().expect("an id"))),
        at: at(77),
        address: Some([192, 0, 2, 7].into()),
        request: Some(RequestId::generate(&SeededEntropy::new(7))),
    });
    &ANN
}

/// Some seconds after an arbitrary moment.
pub(super) fn at(seconds: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

pub(super) async fn bucket(store: &dyn Store, name: &str) -> BucketName {
    let new = NewBucket {
        name: name.parse().expect("a bucket name"),
        prefix: "mgk".parse().expect("a prefix"),
        created: at(0),
    };
    store.create_bucket(new, by()).await.expect("the name is free").name
}

/// A consumer in a bucket `main` of its own making.
pub(super) async fn consumer(store: &dyn Store, sample: &Sample) -> Consumer {
    bucket(store, "main").await;
    another_consumer(store, sample, "alice").await
}

pub(super) async fn another_consumer(store: &dyn Store, sample: &Sample, name: &str) -> Consumer {
    store.create_consumer(sample.consumer("main", name), by()).await.expect("name and id are free")
}

pub(super) async fn key(store: &dyn Store, sample: &Sample, consumer: &Consumer) -> Key {
    store.create_key(sample.key(consumer), by()).await.expect("id and fingerprint are free")
}

pub(super) async fn revoke(store: &dyn Store, key: &Key) -> Key {
    let revoked = store.revoke_key(key.id, revocation(9, None), by()).await.expect("the store works");
    revoked.expect("the key exists")
}

pub(super) fn revocation(seconds: u64, reason: Option<&str>) -> Revocation {
    Revocation { at: at(seconds), reason: reason.map(|reason| reason.parse().expect("a reason")) }
}

pub(super) fn relabel(label: &str) -> KeyChange {
    KeyChange { label: Some(label.parse().expect("a label")), ..KeyChange::default() }
}

pub(super) fn first_page<P>(limit: u32) -> PageRequest<P> {
    PageRequest { after: None, limit }
}
