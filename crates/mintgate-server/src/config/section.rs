//! Reads tables of the configuration.
//!
//! The code that reads a section is also its only description: each key is asked for once, with its shape, default
//! and meaning. Keys that were never asked for are unknown, and a JSON Schema falls out of reading nothing.

use std::{
    cell::RefCell,
    fmt::Display,
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use serde_json::{Map, Value as Json, json};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    problem::{ConfigReport, Finding, Problem, Source, Warning},
    setting::{At, Setting, did_you_mean, kind},
};

/// Collects what is found while a configuration is read.
pub(crate) struct Ledger {
    source: Arc<Source>,
    reading: Reading,
    found: RefCell<(Vec<Problem>, Vec<Warning>)>,
}

/// What the sections are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A whole file.
    Whole,
    /// What could be made of a file with broken syntax: what is missing may only be lost.
    Broken,
    /// Nothing: sections only describe themselves.
    Nothing,
}

impl Ledger {
    pub(crate) fn new(source: Arc<Source>, reading: Reading) -> Self {
        Self { source, reading, found: RefCell::default() }
    }

    pub(crate) fn problem(&self, finding: Finding) {
        self.found.borrow_mut().0.push(finding.into_problem(&self.source));
    }

    pub(crate) fn has_problems(&self) -> bool {
        !self.found.borrow().0.is_empty()
    }

    pub(crate) fn warning(&self, finding: Finding) {
        self.found.borrow_mut().1.push(finding.into_warning(&self.source));
    }

    /// Everything found, if that keeps the configuration from being used; else the warnings alone.
    pub(crate) fn close(self) -> Result<Vec<Warning>, ConfigReport> {
        let (problems, warnings) = self.found.into_inner();
        if problems.is_empty() { Ok(warnings) } else { Err(ConfigReport::new(problems, warnings)) }
    }
}

/// A default, as the file would write it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Default {
    Text(&'static str),
    Number(u32),
    Flag(bool),
    EmptyList,
}

/// A table of the configuration.
pub(crate) struct Section<'d> {
    ledger: &'d Ledger,
    /// `server.limits`; empty for the whole file.
    name: String,
    table: Option<&'d DeTable<'d>>,
    /// Its heading, to which missing keys are pinned.
    heading: Option<Range<usize>>,
    properties: Map<String, Json>,
    required: Vec<&'static str>,
    /// Whether what is missing goes unmentioned.
    silent: bool,
}

impl<'d> Section<'d> {
    /// The whole file.
    pub(crate) fn root(ledger: &'d Ledger, table: &'d DeTable<'d>) -> Self {
        Self::new(ledger, String::new(), Some(table), None)
    }

    pub(crate) fn ledger(&self) -> &'d Ledger {
        self.ledger
    }

    pub(crate) fn heading(&self) -> Option<Range<usize>> {
        self.heading.clone()
    }

    /// A setting that may be left out.
    pub(crate) fn optional<T: Setting>(&mut self, key: &'static str, meaning: &str) -> Option<At<T>> {
        self.describe(key, T::schema(), meaning);
        let value = self.table?.get(key)?;
        let complaints = match T::read(value) {
            Ok(read) => return Some(At { value: read, span: Some(value.span()) }),
            Err(complaints) => complaints,
        };
        for complaint in complaints {
            let message = format!("`{}`: {}", self.full(key), complaint.message);
            self.ledger.problem(Finding::new(complaint.span, message).hint(complaint.hint));
        }
        None
    }

    /// A setting that must be there. `None` means that a problem was noted.
    pub(crate) fn required<T: Setting>(&mut self, key: &'static str, meaning: &str) -> Option<At<T>> {
        self.required.push(key);
        let read = self.optional(key, meaning);
        if !self.has(key) {
            self.missing(key, meaning);
        }
        read
    }

    /// A setting with a default.
    pub(crate) fn defaulted<T: Setting>(
        &mut self,
        key: &'static str,
        default: Default,
        meaning: &str,
    ) -> At<T> {
        let read = self.optional(key, meaning);
        self.properties[key]["default"] = default.to_json();
        read.unwrap_or_else(|| At { value: default.read(), span: None })
    }

    /// A setting with a default that has to lie within `range`.
    pub(crate) fn within<T: Setting + PartialOrd + Display>(
        &mut self,
        key: &'static str,
        default: Default,
        range: RangeInclusive<T>,
        meaning: &str,
    ) -> At<T> {
        let meaning = format!("{meaning} From {} to {}.", range.start(), range.end());
        let read = self.defaulted(key, default, &meaning);
        if !range.contains(&read.value) {
            let message = format!("`{}` must be {} to {}", self.full(key), range.start(), range.end());
            self.ledger.problem(Finding::new(read.span.clone(), message));
        }
        read
    }

    /// A table inside of this one. It is read even if it is left out, so that its defaults hold.
    pub(crate) fn section<R>(
        &mut self,
        key: &'static str,
        meaning: &str,
        read: impl FnOnce(&mut Section<'d>) -> R,
    ) -> R {
        let (heading, table) = match self.entry(key) {
            None => (self.heading.clone(), None),
            Some((heading, value)) => match value.get_ref() {
                DeValue::Table(table) => (Some(heading), Some(table)),
                other => {
                    self.misplaced(key, value.span(), other, &format!("write `[{}]` once", self.full(key)));
                    (Some(heading), None)
                }
            },
        };
        let is_lost = table.is_none() && self.has(key);
        let mut inner = Section::new(self.ledger, self.full(key), table, heading);
        // A value of the wrong kind was noted; that its keys are missing says nothing more.
        inner.silent = is_lost;
        let read = read(&mut inner);
        self.describe(key, inner.finish(), meaning);
        read
    }

    /// A list of tables, `[[key]]`.
    pub(crate) fn sections<R>(
        &mut self,
        key: &'static str,
        meaning: &str,
        mut read: impl FnMut(&mut Section<'d>) -> R,
    ) -> Vec<R> {
        let mut description = Section::new(self.ledger, self.full(key), None, None);
        description.silent = true;
        read(&mut description);
        self.describe(key, json!({ "type": "array", "items": description.finish() }), meaning);
        let Some((heading, value)) = self.entry(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.misplaced(key, value.span(), value.get_ref(), &format!("write `[[{}]]`", self.full(key)));
            return Vec::new();
        };
        let mut all = Vec::new();
        for item in items {
            let DeValue::Table(table) = item.get_ref() else {
                self.misplaced(key, item.span(), item.get_ref(), &format!("write `[[{}]]`", self.full(key)));
                continue;
            };
            let span = if item.span().is_empty() { heading.clone() } else { item.span() };
            let mut inner = Section::new(self.ledger, self.full(key), Some(table), Some(span));
            all.push(read(&mut inner));
            inner.finish();
        }
        all
    }

    /// A table whose keys are chosen by its writer.
    pub(crate) fn entries<T: Setting>(
        &mut self,
        key: &'static str,
        meaning: &str,
    ) -> Vec<(At<String>, At<T>)> {
        let schema = json!({ "type": "object", "additionalProperties": T::schema() });
        self.describe(key, schema, meaning);
        let Some((_, value)) = self.entry(key) else { return Vec::new() };
        let DeValue::Table(table) = value.get_ref() else {
            self.misplaced(key, value.span(), value.get_ref(), &format!("write `[{}]`", self.full(key)));
            return Vec::new();
        };
        let mut all = Vec::new();
        for (name, value) in table {
            let at = At { value: name.get_ref().to_string(), span: Some(name.span()) };
            match T::read(value) {
                Ok(read) => all.push((at, At { value: read, span: Some(value.span()) })),
                Err(complaints) => complaints.into_iter().for_each(|complaint| {
                    let message = format!("`{}.{}`: {}", self.full(key), at.value, complaint.message);
                    self.ledger.problem(Finding::new(complaint.span, message).hint(complaint.hint));
                }),
            }
        }
        all
    }

    /// Whether the key is there, whatever its value.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// Notes that something is missing.
    pub(crate) fn missing(&self, key: &str, meaning: &str) {
        if self.ledger.reading == Reading::Whole && !self.silent {
            let message = format!("`{}` is missing", self.full(key));
            self.ledger.problem(Finding::new(self.heading.clone(), message).advice(meaning));
        }
    }

    /// The key with the section's name before it.
    pub(crate) fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Notes unknown keys and gives the section's JSON Schema.
    pub(crate) fn finish(self) -> Json {
        for (key, value) in self.table.into_iter().flatten() {
            if !self.properties.contains_key(key.get_ref().as_ref()) {
                self.unknown(key.get_ref(), key.span(), value.get_ref());
            }
        }
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": self.properties,
            "required": self.required,
        })
    }

    fn new(
        ledger: &'d Ledger,
        name: String,
        table: Option<&'d DeTable<'d>>,
        heading: Option<Range<usize>>,
    ) -> Self {
        Self { ledger, name, table, heading, properties: Map::new(), required: Vec::new(), silent: false }
    }

    fn entry(&self, key: &str) -> Option<(Range<usize>, &'d Spanned<DeValue<'d>>)> {
        let (name, value) = self.table?.get_key_value(key)?;
        Some((name.span(), value))
    }

    fn describe(&mut self, key: &'static str, mut schema: Json, meaning: &str) {
        schema["description"] = json!(meaning);
        self.properties.insert(key.to_owned(), schema);
    }

    fn unknown(&self, key: &str, span: Range<usize>, value: &DeValue<'_>) {
        let place = if self.name.is_empty() { "here".to_owned() } else { format!("in `{}`", self.name) };
        let kept_elsewhere = [format!("{key}_file"), format!("{key}_env")]
            .iter()
            .any(|name| self.properties.contains_key(name.as_str()));
        let hint = if kept_elsewhere && matches!(value, DeValue::String(_)) {
            Some(format!(
                "secrets never stand in this file: name a file with `{key}_file` or a variable with `{key}_env`"
            ))
        } else {
            did_you_mean(key, self.properties.keys().map(String::as_str))
                .or_else(|| Some(format!("known keys: {}", self.known_keys())))
        };
        self.ledger.problem(Finding::new(span, format!("unknown key `{key}` {place}")).hint(hint));
    }

    fn known_keys(&self) -> String {
        self.properties.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
    }

    fn misplaced(&self, key: &str, span: Range<usize>, value: &DeValue<'_>, hint: &str) {
        let message = format!("`{}`: a table is needed, not {}", self.full(key), kind(value));
        self.ledger.problem(Finding::new(span, message).advice(hint));
    }
}

impl Default {
    fn to_json(self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Flag(flag) => json!(flag),
            Self::EmptyList => json!([]),
        }
    }

    fn read<T: Setting>(self) -> T {
        let json = self.to_json().to_string();
        // A JSON string, number, boolean or empty list is also one of TOML.
        let document = format!("default = {json}");
        let table = DeTable::parse(&document).expect("a default is TOML");
        T::read(table.get_ref().get("default").expect("it was just written"))
            .expect("a default has its own shape")
    }
}
