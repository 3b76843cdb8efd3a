//! What was read, and the checks that every format has in common.

use std::collections::{BTreeMap, HashMap};

use aws_lc_rs::digest;
use mintgate_admin_api::{KeyHash, KeyText};
use mintgate_types::{
    ConsumerName, Label, Manager, Managers, Scope, ScopeSet, Subject, TagName, TagValue, Timestamp,
};
use serde_json::{Map, Value};

use crate::names;

/// What a file holds, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Import {
    /// The consumers, each once.
    pub consumers: Vec<ImportedConsumer>,
    /// Their keys, in the order of the file. Each is there once.
    pub keys: Vec<ImportedKey>,
    /// Lines that cannot be taken.
    pub rejected: Vec<Remark>,
    /// What is whole, but would not work: expired, disabled or deleted keys, and credentials that are no keys.
    pub left_out: Vec<Remark>,
    /// What we have no place for, by its kind.
    pub not_carried: Vec<NotCarried>,
}

/// A consumer that keys belong to.
#[derive(Debug)]
pub struct ImportedConsumer {
    /// Where it stood first.
    pub line: u64,
    /// What it will be called.
    pub name: ConsumerName,
    /// The `sub` of its tokens; its name if nothing else is said.
    pub subject: Option<Subject>,
    /// Facts about it.
    pub metadata: Map<String, Value>,
    /// For finding it again.
    pub tags: BTreeMap<TagName, TagValue>,
    /// Who may look after its keys.
    pub managers: Managers,
}

impl ImportedConsumer {
    fn agrees_with(&self, other: &Self) -> bool {
        (&self.subject, &self.metadata, &self.tags, &self.managers)
            == (&other.subject, &other.metadata, &other.tags, &other.managers)
    }
}

/// A key that goes on working as it is.
#[derive(Debug)]
pub struct ImportedKey {
    /// Where it stood.
    pub line: u64,
    /// Whose it is.
    pub consumer: ConsumerName,
    /// The key, or its hash.
    pub material: KeyMaterial,
    /// What it is for.
    pub label: Label,
    /// What it may be used for.
    pub scopes: ScopeSet,
    /// When it stops to work by itself.
    pub expires: Option<Timestamp>,
}

/// What is known of a key.
#[derive(Debug)]
pub enum KeyMaterial {
    /// The key itself.
    Text(KeyText),
    /// Its SHA-256 hash.
    Sha256(KeyHash),
}

/// Something to be said about a line. Never says what stood there: it may be a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Which line, from 1.
    pub line: u64,
    /// What there is to say.
    pub message: String,
}

/// A kind of thing that stays behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCarried {
    /// What it is.
    pub what: &'static str,
    /// How often it stood there.
    pub count: u64,
    /// Where it stood first.
    pub first_line: u64,
}

/// What a format says of a consumer.
#[derive(Debug, Default)]
pub(crate) struct ConsumerFacts {
    pub(crate) subject: Option<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) managers: Vec<String>,
}

/// What a format says of a key.
#[derive(Default)]
pub(crate) struct KeyFacts {
    pub(crate) label: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: Option<Timestamp>,
}

/// A consumer that was named.
struct Place {
    at: usize,
    called: String,
    /// Whether a line has said what it is, and not only that a key is its.
    described: bool,
}

/// Takes what a format finds, and refuses what cannot be.
pub(crate) struct Collector {
    now: Timestamp,
    found: Import,
    /// Which consumers there are, and what each was called in the file.
    consumers: BTreeMap<ConsumerName, Place>,
    /// The lines of keys by their digests.
    keys: HashMap<[u8; 32], u64>,
    not_carried: BTreeMap<&'static str, NotCarried>,
}

impl Collector {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            now,
            found: Import::default(),
            consumers: BTreeMap::new(),
            keys: HashMap::new(),
            not_carried: BTreeMap::new(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn finish(mut self) -> Import {
        self.found.rejected.sort_by_key(|remark| remark.line);
        self.found.not_carried = self.not_carried.into_values().collect();
        self.found
    }

    pub(crate) fn reject(&mut self, line: u64, message: impl Into<String>) {
        self.found.rejected.push(Remark { line, message: message.into() });
    }

    pub(crate) fn leave_out(&mut self, line: u64, message: impl Into<String>) {
        self.found.left_out.push(Remark { line, message: message.into() });
    }

    /// Notes something that stays behind.
    pub(crate) fn not_carried(&mut self, line: u64, what: &'static str) {
        let noted = self.not_carried.entry(what).or_insert(NotCarried { what, count: 0, first_line: line });
        noted.count += 1;
    }

    /// A consumer of another product, by whatever it is called there. What we could not use in a URL becomes `-`. `None`
    /// for facts where the line says nothing but whose a key is.
    pub(crate) fn consumer_called(
        &mut self,
        line: u64,
        called: &str,
        facts: Option<ConsumerFacts>,
    ) -> Option<ConsumerName> {
        let Some(name) = names::consumer(called) else {
            self.reject(line, "the consumer's name has no letter or digit");
            return None;
        };
        if name.as_str() != called {
            self.not_carried(line, "characters of consumers' names (the subject has them as they were)");
        }
        if let Some(Place { at, called: earlier, .. }) = self.consumers.get(&name)
            && earlier != called
        {
            let earlier = self.found.consumers[*at].line;
            self.reject(line, format!("the consumer would be called like the one of line {earlier}: {name}"));
            return None;
        }
        let described = facts.is_some();
        let mut facts = facts.unwrap_or_default();
        facts.subject.get_or_insert_with(|| called.to_owned());
        let consumer = self.read_consumer(line, name.clone(), facts)?;
        match self.consumers.get_mut(&name) {
            None => self.add(consumer, called, described),
            Some(_) if !described => {}
            Some(place) if !place.described => {
                place.described = true;
                self.found.consumers[place.at] = consumer;
            }
            // Two that share a name would get each other's tokens.
            Some(place) if !self.found.consumers[place.at].agrees_with(&consumer) => {
                let earlier = self.found.consumers[place.at].line;
                self.reject(
                    line,
                    format!("says other things of a consumer of this name than line {earlier} does"),
                );
                return None;
            }
            Some(_) => {}
        }
        Some(name)
    }

    /// A consumer of our own formats. The first line that names it says what it is.
    pub(crate) fn consumer(
        &mut self,
        line: u64,
        name: ConsumerName,
        facts: ConsumerFacts,
    ) -> Option<ConsumerName> {
        if !self.consumers.contains_key(&name) {
            let consumer = self.read_consumer(line, name.clone(), facts)?;
            let called = name.to_string();
            self.add(consumer, &called, true);
        }
        Some(name)
    }

    fn add(&mut self, consumer: ImportedConsumer, called: &str, described: bool) {
        let place = Place { at: self.found.consumers.len(), called: called.to_owned(), described };
        self.consumers.insert(consumer.name.clone(), place);
        self.found.consumers.push(consumer);
    }

    fn read_consumer(
        &mut self,
        line: u64,
        name: ConsumerName,
        facts: ConsumerFacts,
    ) -> Option<ImportedConsumer> {
        let subject = match facts.subject.as_deref().filter(|subject| *subject != name.as_str()) {
            None => None,
            Some(subject) => match subject.parse() {
                Ok(subject) => Some(subject),
                Err(error) => {
                    self.reject(line, format!("{error}"));
                    return None;
                }
            },
        };
        let mut tags = BTreeMap::new();
        for (tag, value) in facts.tags {
            match (names::tag(&tag), value.parse::<TagValue>()) {
                (Some(tag), Ok(value)) => drop(tags.insert(tag, value)),
                _ => self.not_carried(line, "tags that are too long or have no letter or digit"),
            }
        }
        let managers = self.managers(line, &facts.managers);
        Some(ImportedConsumer { line, name, subject, metadata: facts.metadata, tags, managers })
    }

    /// As many as a consumer may have, of those that can be managers here.
    fn managers(&mut self, line: u64, texts: &[String]) -> Managers {
        let mut managers: Vec<Manager> = Vec::new();
        for text in texts {
            match text.parse::<Manager>() {
                Ok(manager) if manager.identity().is_none() => {
                    self.not_carried(line, "managers by whom nobody can be recognised");
                }
                Ok(manager) if managers.contains(&manager) => {}
                Ok(_) if managers.len() == Managers::MOST => {
                    self.not_carried(line, "managers beyond the 32 that a consumer may have");
                }
                Ok(manager) => managers.push(manager),
                Err(_) => self.not_carried(line, "managers by whom nobody can be recognised"),
            }
        }
        Managers::try_from(managers).expect("no more were taken than may be")
    }

    /// The consumer of this name, if a line has said what it is.
    pub(crate) fn known(&self, called: &str) -> Option<ConsumerName> {
        let name = names::consumer(called)?;
        self.consumers.contains_key(&name).then_some(name)
    }

    /// The line that said what this consumer is, and what it said.
    pub(crate) fn described(&self, name: &ConsumerName) -> Option<&ImportedConsumer> {
        self.consumers.get(name).map(|place| &self.found.consumers[place.at])
    }

    /// A key.
    pub(crate) fn key(&mut self, line: u64, consumer: ConsumerName, material: KeyMaterial, facts: KeyFacts) {
        if facts.expires.is_some_and(|expires| expires <= self.now) {
            return self.leave_out(line, "the key has expired");
        }
        let scopes = facts.scopes.iter().map(|scope| scope.parse::<Scope>()).collect::<Result<Vec<_>, _>>();
        let scopes = scopes.and_then(ScopeSet::new).map_err(|error| error.to_string());
        let label = facts.label.unwrap_or_default().parse::<Label>().map_err(|error| error.to_string());
        let (scopes, label) = match (scopes, label) {
            (Ok(scopes), Ok(label)) => (scopes, label),
            (scopes, label) => {
                for error in [scopes.err(), label.err()].into_iter().flatten() {
                    self.reject(line, error);
                }
                return;
            }
        };
        let digest = match digest_of(&material) {
            Ok(digest) => digest,
            Err(message) => return self.reject(line, message),
        };
        if let Some(first) = self.keys.insert(digest, line) {
            self.keys.insert(digest, first);
            return self.reject(line, format!("is the key of line {first}"));
        }
        let expires = facts.expires;
        self.found.keys.push(ImportedKey { line, consumer, material, label, scopes, expires });
    }
}

fn digest_of(material: &KeyMaterial) -> Result<[u8; 32], String> {
    match material {
        KeyMaterial::Sha256(hash) => hash.bytes().map(|bytes| *bytes).map_err(|error| error.to_string()),
        KeyMaterial::Text(key) => {
            let digest = digest::digest(&digest::SHA256, key.expose().as_bytes());
            Ok(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
        }
    }
}
