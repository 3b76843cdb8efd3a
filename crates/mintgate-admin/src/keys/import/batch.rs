//! What is stored when every row is in order.

use std::collections::{HashMap, HashSet};

use mintgate_admin_api::ImportKeys;
use mintgate_apikey::KeyFingerprint;
use mintgate_store::{NewConsumer, NewKey};
use mintgate_types::{BucketName, ConsumerId, ConsumerName};

use super::{
    Problems, refused,
    rows::{Described, Row, read_consumers, read_keys},
};
use crate::{AdminService, reply::Reply};

/// What is to be made, and how much was there already.
pub(super) struct Batch {
    pub(super) consumers: Vec<NewConsumer>,
    pub(super) keys: Vec<NewKey>,
    pub(super) existing: usize,
}

impl Batch {
    /// Reads every row, finds the consumers, makes those that are missing if it may, and sorts out keys that exist.
    pub(super) async fn assemble(
        service: &AdminService,
        bucket: &BucketName,
        request: ImportKeys,
    ) -> Reply<Self> {
        let (mut of_consumers, mut of_keys) = (Problems::of("consumers"), Problems::of("keys"));
        let described = read_consumers(request.consumers, &mut of_consumers);
        let rows = read_keys(service, request.keys, &mut of_keys);
        refused([of_consumers, of_keys])?;
        let mut owners = Owners::find(service, bucket, described, &rows, request.create_consumers).await?;
        owners.refuse_missing(&rows)?;
        let fingerprints: Vec<_> = rows.iter().map(|row| service.pepper().fingerprint(&row.digest)).collect();
        let known = Known::find(service, &owners, &rows, &fingerprints, request.skip_existing).await?;
        let now = service.now();
        let mut keys = Vec::with_capacity(rows.len() - known.skipped.len());
        for (position, (row, fingerprint)) in rows.into_iter().zip(fingerprints).enumerate() {
            if known.skipped.contains(&position) {
                continue;
            }
            let consumer = owners.id_of(&row.consumer);
            let Row { id, format, label, scopes, expires, .. } = row;
            keys.push(NewKey { id, consumer, fingerprint, format, label, scopes, created: now, expires });
        }
        Ok(Self { consumers: std::mem::take(&mut owners.new), keys, existing: known.skipped.len() })
    }
}

/// Rows whose key is in the store. Without this the store would refuse the batch too, but could not say because of which
/// row.
struct Known {
    skipped: HashSet<usize>,
}

impl Known {
    async fn find(
        service: &AdminService,
        owners: &Owners,
        rows: &[Row],
        fingerprints: &[KeyFingerprint],
        skip_existing: bool,
    ) -> Reply<Self> {
        let mut problems = Problems::of("keys");
        let mut first: HashMap<&[u8; 32], usize> = HashMap::with_capacity(fingerprints.len());
        for (position, fingerprint) in fingerprints.iter().enumerate() {
            if let Some(earlier) = first.insert(fingerprint.as_bytes(), position) {
                problems.add(position, "key", &format!("is the key of keys[{earlier}]"));
            }
        }
        let mut skipped = HashSet::new();
        let known = service.store().find_keys(fingerprints).await?;
        for (position, known) in known.into_iter().enumerate() {
            let Some((id, owner)) = known else { continue };
            if owner != owners.id_of(&rows[position].consumer) {
                problems.add(position, "key", &format!("exists already, as {id} of another consumer"));
            } else if skip_existing {
                skipped.insert(position);
            } else {
                problems.add(position, "key", &format!("exists already, as {id}"));
            }
        }
        refused([problems])?;
        Ok(Self { skipped })
    }
}

/// The consumers of a batch, each looked up once.
struct Owners {
    ids: HashMap<ConsumerName, ConsumerId>,
    new: Vec<NewConsumer>,
}

impl Owners {
    async fn find(
        service: &AdminService,
        bucket: &BucketName,
        described: Vec<Described>,
        rows: &[Row],
        may_create: bool,
    ) -> Reply<Self> {
        let mut names: Vec<ConsumerName> = described.iter().map(|described| described.name.clone()).collect();
        names.extend(rows.iter().map(|row| row.consumer.clone()));
        names.sort_unstable();
        names.dedup();
        let found = service.store().find_consumers(bucket, &names).await?;
        let mut ids = HashMap::with_capacity(names.len());
        let mut missing = HashSet::new();
        for (name, found) in names.into_iter().zip(found) {
            match found {
                Some(id) => drop(ids.insert(name, id)),
                None => drop(missing.insert(name)),
            }
        }
        let mut owners = Self { ids, new: Vec::new() };
        if may_create {
            // As they were described; those of which nothing is known but the name come after.
            for described in described {
                if missing.remove(&described.name) {
                    owners.create(service, bucket, described);
                }
            }
            let mut bare: Vec<_> = missing.iter().collect();
            bare.sort_unstable();
            for name in bare {
                owners.create(service, bucket, Described::by_name(name));
            }
        }
        Ok(owners)
    }

    fn create(&mut self, service: &AdminService, bucket: &BucketName, described: Described) {
        let Described { name, subject, metadata, tags, managers } = described;
        let id = ConsumerId::generate(service.entropy());
        self.ids.insert(name.clone(), id);
        let (bucket, created) = (bucket.clone(), service.now());
        self.new.push(NewConsumer { id, bucket, name, subject, metadata, tags, managers, created });
    }

    fn refuse_missing(&self, rows: &[Row]) -> Reply<()> {
        let mut problems = Problems::of("keys");
        for (position, row) in rows.iter().enumerate() {
            if !self.ids.contains_key(&row.consumer) {
                problems.add(position, "consumer", &"does not exist");
            }
        }
        refused([problems])
    }

    fn id_of(&self, name: &ConsumerName) -> ConsumerId {
        *self.ids.get(name).expect("missing consumers were refused or made")
    }
}
