//! Sends rows in batches, each of which is kept as a whole or not at all. Two are under way at a time: while the store
//! writes one, the gateway reads the next.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use indicatif::ProgressBar;
use mintgate_admin_api::{ImportedKeys, KeyHash, KeyText, paths};
use mintgate_import::{Import as Found, ImportedConsumer, ImportedKey, KeyMaterial};
use mintgate_types::BucketName;
use serde::Serialize;

use super::{
    report::Report,
    rows::{Row, remarks, take_out},
};
use crate::{
    client::{Client, ClientError},
    failure::{Failure, Outcome},
    screen::{Screen, counted},
};

/// Where batches go, and how large they are.
pub(super) struct Batches<'a> {
    pub(super) client: &'a Client,
    pub(super) bucket: &'a BucketName,
    pub(super) size: usize,
    pub(super) create_consumers: bool,
}

/// Some rows that belong together, and where they stand among all.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) consumers: &'a [ImportedConsumer],
    pub(super) keys: &'a [ImportedKey],
    pub(super) first_consumer: usize,
    pub(super) first_key: usize,
}

impl Batches<'_> {
    /// Has every batch checked: counts what would be made, and takes out of `found` what cannot be.
    ///
    /// A batch of which one thing is wrong is not looked at for others, so the rest is checked until nothing is left to
    /// say. Each time one of three kinds of mistake is gone.
    pub(super) fn check(&self, found: &mut Found, report: &mut Report, screen: &mut Screen) -> Outcome {
        loop {
            let wrong = self.check_once(found, report, screen)?;
            if wrong.is_empty() {
                return Ok(());
            }
            take_out(found, &wrong, report);
        }
    }

    fn check_once(
        &self,
        found: &Found,
        report: &mut Report,
        screen: &mut Screen,
    ) -> Result<Vec<Row>, Failure> {
        let progress = screen.progress(Some(found.keys.len() as u64), "checking");
        let mut wrong = Vec::new();
        (report.imported, report.existing, report.consumers_created) = (0, 0, 0);
        for phase in self.phases(found) {
            // Keys may name consumers that a batch before would have made.
            let counts_consumers = phase.iter().any(|batch| !batch.consumers.is_empty());
            self.send(&phase, true, &progress, |batch, result| {
                match result {
                    Ok(done) => {
                        report.imported += done.imported;
                        report.existing += done.existing;
                        report.consumers_created += if counts_consumers { done.consumers_created } else { 0 };
                    }
                    Err(error) => {
                        for (row, remark) in remarks(error, batch)? {
                            wrong.push(row);
                            report.reject(remark);
                        }
                    }
                }
                Ok(())
            })?;
        }
        progress.finish_and_clear();
        Ok(wrong)
    }

    /// Keeps every batch, and counts again.
    pub(super) fn keep(&self, found: &Found, report: &mut Report, screen: &mut Screen) -> Outcome {
        let progress = screen.progress(Some(found.keys.len() as u64), "importing");
        (report.imported, report.existing, report.consumers_created) = (0, 0, 0);
        report.dry_run = false;
        for phase in self.phases(found) {
            let sent = self.send(&phase, false, &progress, |batch, result| match result {
                Ok(done) => {
                    report.imported += done.imported;
                    report.existing += done.existing;
                    report.consumers_created += done.consumers_created;
                    Ok(())
                }
                Err(error) => {
                    let lines: Vec<_> = remarks(error, batch)?
                        .iter()
                        .map(|(_, remark)| format!("line {}: {}", remark.line, remark.message))
                        .collect();
                    Err(Failure::refused(lines.join("\n")))
                }
            });
            if let Err(failure) = sent {
                progress.finish_and_clear();
                screen.say(format_args!("imported before this: {}", counted(report.imported, "key")));
                screen.say("to go on, say the same again: what is in is passed over");
                return Err(failure);
            }
        }
        progress.finish_and_clear();
        Ok(())
    }

    /// What must be done before what: consumers before their keys, unless one batch holds everything.
    fn phases<'f>(&self, found: &'f Found) -> Vec<Vec<Batch<'f>>> {
        let (consumers, keys) = (found.consumers.as_slice(), found.keys.as_slice());
        let consumers = if self.create_consumers { consumers } else { &[] };
        // Every line was rejected before anybody was asked.
        if consumers.is_empty() && keys.is_empty() {
            return Vec::new();
        }
        let chunks = by_weight(consumers, self.size);
        if keys.len() <= self.size && chunks.len() <= 1 {
            return vec![vec![Batch { consumers, keys, first_consumer: 0, first_key: 0 }]];
        }
        let starts =
            chunks.iter().scan(0, |start, chunk| Some(std::mem::replace(start, *start + chunk.len())));
        let of_consumers = starts.zip(&chunks).map(|(first_consumer, consumers)| Batch {
            consumers,
            keys: &[],
            first_consumer,
            first_key: 0,
        });
        let of_keys = keys.chunks(self.size).enumerate().map(|(at, keys)| Batch {
            consumers: &[],
            keys,
            first_consumer: 0,
            first_key: at * self.size,
        });
        vec![of_consumers.collect(), of_keys.collect()]
    }

    /// Sends batches, two at a time, and hands over their results. Stops with the first failure that `each` returns.
    fn send(
        &self,
        phase: &[Batch<'_>],
        dry_run: bool,
        progress: &ProgressBar,
        mut each: impl FnMut(Batch<'_>, Result<ImportedKeys, ClientError>) -> Outcome,
    ) -> Outcome {
        let (waiting, stop) = (Mutex::new(phase.iter()), AtomicBool::new(false));
        let (results, received) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..AT_A_TIME.min(phase.len()) {
                let (waiting, stop, results) = (&waiting, &stop, results.clone());
                scope.spawn(move || {
                    while !stop.load(Ordering::SeqCst) {
                        let next = waiting.lock().expect("no holder panics").next();
                        let Some(batch) = next else { return };
                        let result =
                            self.client.create(&paths::import(self.bucket), &self.request(*batch, dry_run));
                        if results.send((*batch, result)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(results);
            let mut outcome = Ok(());
            // After a failure, what is under way is still heard of.
            for (batch, result) in received {
                progress.inc(batch.keys.len() as u64);
                let told = each(batch, result);
                if outcome.is_ok() && told.is_err() {
                    stop.store(true, Ordering::SeqCst);
                    outcome = told;
                }
            }
            outcome
        })
    }

    fn request<'b>(&self, batch: Batch<'b>, dry_run: bool) -> Request<'b> {
        Request {
            consumers: batch.consumers.iter().map(Consumer::of).collect(),
            keys: batch.keys.iter().map(Key::of).collect(),
            create_consumers: self.create_consumers,
            skip_existing: true,
            dry_run,
        }
    }
}

/// Chunks of at most so many consumers, and of no more metadata than a request may have.
fn by_weight(consumers: &[ImportedConsumer], size: usize) -> Vec<&[ImportedConsumer]> {
    let (mut chunks, mut start, mut weight) = (Vec::new(), 0, 0);
    for (at, consumer) in consumers.iter().enumerate() {
        let metadata = serde_json::to_vec(&consumer.metadata).map_or(0, |json| json.len());
        let tags: usize =
            consumer.tags.iter().map(|(tag, value)| tag.as_str().len() + value.as_str().len()).sum();
        let heavier = weight + metadata + tags;
        if at > start && (heavier > MOST_WEIGHT || at - start == size) {
            chunks.push(&consumers[start..at]);
            (start, weight) = (at, metadata + tags);
        } else {
            weight = heavier;
        }
    }
    if start < consumers.len() {
        chunks.push(&consumers[start..]);
    }
    chunks
}

/// The request of the contract ([`mintgate_admin_api::ImportKeys`]), borrowed: what is sent twice is kept once.
#[derive(Serialize)]
struct Request<'a> {
    consumers: Vec<Consumer<'a>>,
    keys: Vec<Key<'a>>,
    create_consumers: bool,
    skip_existing: bool,
    dry_run: bool,
}

#[derive(Serialize)]
struct Consumer<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    metadata: &'a serde_json::Map<String, serde_json::Value>,
    tags: &'a std::collections::BTreeMap<mintgate_types::TagName, mintgate_types::TagValue>,
    #[serde(skip_serializing_if = "mintgate_types::Managers::is_empty")]
    managers: &'a mintgate_types::Managers,
}

impl<'a> Consumer<'a> {
    fn of(consumer: &'a ImportedConsumer) -> Self {
        Self {
            name: consumer.name.as_str(),
            subject: consumer.subject.as_ref().map(mintgate_types::Subject::as_str),
            metadata: &consumer.metadata,
            tags: &consumer.tags,
            managers: &consumer.managers,
        }
    }
}

#[derive(Serialize)]
struct Key<'a> {
    consumer: &'a str,
    #[serde(rename = "key", skip_serializing_if = "Option::is_none")]
    text: Option<&'a KeyText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<&'a KeyHash>,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
    #[serde(skip_serializing_if = "mintgate_types::ScopeSet::is_empty")]
    scopes: &'a mintgate_types::ScopeSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<mintgate_types::Timestamp>,
}

impl<'a> Key<'a> {
    fn of(key: &'a ImportedKey) -> Self {
        let (text, hash) = match &key.material {
            KeyMaterial::Text(text) => (Some(text), None),
            KeyMaterial::Sha256(hash) => (None, Some(hash)),
        };
        Self {
            consumer: key.consumer.as_str(),
            text,
            sha256: hash,
            label: key.label.as_str(),
            scopes: &key.scopes,
            expires: key.expires,
        }
    }
}

/// One is read while the other is written; more would only wait.
const AT_A_TIME: usize = 2;

/// A quarter of what a request may have: the rest is for names and brackets.
const MOST_WEIGHT: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use mintgate_admin_api::ImportKeys;
    use mintgate_import::{Format, Options};
    use mintgate_types::Timestamp;

    use super::*;

    #[test]
    fn what_is_sent_is_what_the_contract_reads() {
        let lines = concat!(
            "{\"consumer\":\"a\",\"key\":\"sk_live_1\",\"label\":\"l\",\"scopes\":[\"x\"],\"expires\":\"2100-01-01T00:00:00Z\",",
            "\"subject\":\"s\",\"metadata\":{\"m\":1},\"tags\":{\"t\":\"v\"}}\n",
            "{\"consumer\":\"b\",\"key\":\"sk_live_2\"}\n",
        );
        let options = Options { now: Timestamp::UNIX_EPOCH, hashing: None };
        let found = mintgate_import::read(Format::Jsonl, lines.as_bytes(), options);
        let request = Request {
            consumers: found.consumers.iter().map(Consumer::of).collect(),
            keys: found.keys.iter().map(Key::of).collect(),
            create_consumers: true,
            skip_existing: true,
            dry_run: true,
        };
        let sent = serde_json::to_value(&request).expect("JSON");
        let read: ImportKeys = serde_json::from_value(sent).expect("the contract reads it");
        assert_eq!((read.keys.len(), read.consumers.len()), (2, 2));
        assert_eq!(read.keys[0].scopes, ["x"]);
        assert_eq!(read.consumers[0].tags["t"], "v");
    }
}
