//! Rows as they came, read field by field, so that everything that is wrong with all of them is told at once.

use std::collections::HashSet;

use mintgate_admin_api::{ImportConsumer, ImportRow};
use mintgate_apikey::{KeyDigest, KeyForm, PresentedKey};
use mintgate_store::{KeyFormat, Metadata, Tags};
use mintgate_types::{
    ConsumerName, KeyId, Label, Manager, Managers, Scope, ScopeSet, Subject, TagName, TagValue, Timestamp,
};

use super::Problems;
use crate::AdminService;

/// A key that could be read. Its consumer may still be missing.
pub(super) struct Row {
    pub(super) consumer: ConsumerName,
    pub(super) id: KeyId,
    pub(super) digest: KeyDigest,
    pub(super) format: KeyFormat,
    pub(super) label: Label,
    pub(super) scopes: ScopeSet,
    pub(super) expires: Option<Timestamp>,
}

/// A consumer that could be read.
pub(super) struct Described {
    pub(super) name: ConsumerName,
    pub(super) subject: Subject,
    pub(super) metadata: Metadata,
    pub(super) tags: Tags,
    pub(super) managers: Managers,
}

impl Described {
    /// What a consumer is of which only the name is known.
    pub(super) fn by_name(name: &ConsumerName) -> Self {
        Self {
            name: name.clone(),
            subject: name.as_str().parse().expect("every consumer name is a subject"),
            metadata: Metadata::default(),
            tags: Tags::new(),
            managers: Managers::none(),
        }
    }
}

pub(super) fn read_keys(service: &AdminService, rows: Vec<ImportRow>, problems: &mut Problems) -> Vec<Row> {
    let now = service.now();
    let mut read = Vec::with_capacity(rows.len());
    for (position, row) in rows.into_iter().enumerate() {
        read.extend(read_key(service, now, row, position, problems));
    }
    read
}

fn read_key(
    service: &AdminService,
    now: Timestamp,
    row: ImportRow,
    position: usize,
    problems: &mut Problems,
) -> Option<Row> {
    let consumer = problems.note(position, "consumer", row.consumer.parse::<ConsumerName>());
    let label = problems.note(position, "label", row.label.unwrap_or_default().parse::<Label>());
    let scopes = row.scopes.iter().map(|scope| scope.parse::<Scope>()).collect::<Result<Vec<_>, _>>();
    let scopes = problems.note(position, "scopes", scopes.and_then(ScopeSet::new));
    let expires = match row.expires.as_deref().map(str::parse::<Timestamp>) {
        None => Some(None),
        Some(Ok(expires)) if expires > now => Some(Some(expires)),
        Some(Ok(_)) => problems.note(position, "expires", Err("must be in the future")),
        Some(Err(_)) => {
            problems.note(position, "expires", Err("must be a time such as 2030-01-31T00:00:00Z"))
        }
    };
    let fresh = || KeyId::generate(service.entropy());
    let secret = match (row.key, row.sha256) {
        (Some(key), None) => {
            let presented = problems.note(position, "key", PresentedKey::parse(key.expose()));
            presented.map(|presented| match presented.form() {
                KeyForm::Native(id) => (id, presented.digest(), KeyFormat::Native),
                KeyForm::Foreign => (fresh(), presented.digest(), KeyFormat::Foreign),
            })
        }
        (None, Some(hash)) => problems
            .note(position, "sha256", hash.bytes())
            .map(|bytes| (fresh(), KeyDigest::from_sha256(*bytes), KeyFormat::Foreign)),
        _ => problems.note(position, "key", Err("exactly one of key and sha256 must be there")),
    };
    let (id, digest, format) = secret?;
    Some(Row { consumer: consumer?, id, digest, format, label: label?, scopes: scopes?, expires: expires? })
}

pub(super) fn read_consumers(rows: Vec<ImportConsumer>, problems: &mut Problems) -> Vec<Described> {
    let mut seen = HashSet::new();
    let mut read = Vec::with_capacity(rows.len());
    for (position, row) in rows.into_iter().enumerate() {
        let Some(described) = read_consumer(row, position, problems) else { continue };
        if seen.insert(described.name.clone()) {
            read.push(described);
        } else {
            problems.add(position, "name", &"stands twice");
        }
    }
    read
}

fn read_consumer(row: ImportConsumer, position: usize, problems: &mut Problems) -> Option<Described> {
    let name = problems.note(position, "name", row.name.parse::<ConsumerName>());
    let subject = row.subject.unwrap_or(row.name);
    let subject = problems.note(position, "subject", subject.parse::<Subject>());
    let metadata = problems.note(position, "metadata", Metadata::try_from(row.metadata));
    let mut tags = Tags::new();
    for (tag, value) in row.tags {
        let tag = problems.note(position, "tags", tag.parse::<TagName>());
        let value = problems.note(position, "tags", value.parse::<TagValue>());
        tags.insert(tag?, value?);
    }
    let managers: Option<Vec<_>> = row
        .managers
        .iter()
        .map(|manager| problems.note(position, "managers", manager.parse::<Manager>()))
        .collect();
    let managers = problems.note(position, "managers", Managers::try_from(managers?));
    Some(Described { name: name?, subject: subject?, metadata: metadata?, tags, managers: managers? })
}
