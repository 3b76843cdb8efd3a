//! JSON as other programs write it out: one document or many behind each other, whose items stand in lists that stand in
//! members of pages. Each item comes with the line where it begins.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::{
    collect::Collector,
    node::{Kind, Node},
};

/// Visits every item: what lies in lists, within members of these names, however deep.
pub(crate) fn items(
    text: &str,
    containers: &[&str],
    collector: &mut Collector,
    each: &mut dyn FnMut(&Node, &mut Collector),
) {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let mut lines = Lines { text, line: 1, counted: 0 };
    loop {
        match documents.next() {
            None => return,
            Some(Ok(document)) => {
                let walk = Walk { containers, lines: &mut lines };
                walk.into_items(document, 0, collector, each);
            }
            Some(Err(error)) => {
                let what = if error.is_eof() { "the file was cut off here" } else { "is not JSON" };
                let line = u64::try_from(error.line()).unwrap_or(1);
                return collector.reject(line, format!("{what}, at column {}", error.column()));
            }
        }
    }
}

struct Walk<'a, 't> {
    containers: &'a [&'a str],
    lines: &'a mut Lines<'t>,
}

impl<'t> Walk<'_, 't> {
    fn into_items(
        self,
        raw: &'t RawValue,
        depth: usize,
        collector: &mut Collector,
        each: &mut dyn FnMut(&Node, &mut Collector),
    ) {
        let line = self.lines.of(raw);
        if depth > DEEPEST {
            return collector.reject(line, "lists within lists are no export");
        }
        if raw.get().starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(raw.get()).expect("it was read as JSON before");
            for item in items {
                let deeper = Walk { containers: self.containers, lines: &mut *self.lines };
                deeper.into_items(item, depth + 1, collector, each);
            }
            return;
        }
        let Members(members) = match serde_json::from_str(raw.get()) {
            Ok(members) => members,
            Err(error) => return collector.reject(line, wrong(&error, "is not a JSON object")),
        };
        let container = members
            .iter()
            .find(|(name, value)| self.containers.contains(&&**name) && value.get().starts_with(['[', '{']));
        if let Some((_, inner)) = container {
            // Lua writes an empty list as an empty object.
            if inner.get()[1..].trim_start().starts_with('}') {
                return;
            }
            return self.into_items(inner, depth + 1, collector, each);
        }
        match serde_json::from_str::<Node>(raw.get()) {
            Ok(mut node) => {
                node.line = line;
                each(&node, collector);
            }
            // What is deeper than serde goes.
            Err(error) => collector.reject(line, wrong(&error, "the object is too deep")),
        }
    }
}

fn wrong(error: &serde_json::Error, otherwise: &'static str) -> &'static str {
    if error.to_string().starts_with(TWICE) { TWICE } else { otherwise }
}

/// The members of an object, unread.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> de::Visitor<'de> for Visitor<'a> {
            type Value = Members<'a>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
                let (mut members, mut names) = (Vec::new(), HashSet::new());
                while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    if !names.insert(name.0.clone()) {
                        return Err(de::Error::custom(TWICE));
                    }
                    members.push((name.0, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

fn scalar(text: impl Into<String>, plain: bool) -> Node {
    Node { line: 0, kind: Kind::Scalar { text: Zeroizing::new(text.into()), plain } }
}

impl<'de> de::Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(scalar(value.to_string(), true))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(scalar(value.to_string(), true))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(scalar(value.to_string(), true))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node { line: 0, kind: Kind::Rounded(value) })
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(scalar(value, false))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(scalar("null", true))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node { line: 0, kind: Kind::List(items) })
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let (mut members, mut names) = (Vec::new(), HashSet::new());
        while let Some((name, value)) = map.next_entry::<String, Node>()? {
            if !names.insert(name.clone()) {
                return Err(de::Error::custom(TWICE));
            }
            members.push((name, value));
        }
        Ok(Node { line: 0, kind: Kind::Map(members) })
    }
}

/// Counts lines up to values that are asked for in their order.
struct Lines<'t> {
    text: &'t str,
    line: u64,
    counted: usize,
}

impl Lines<'_> {
    fn of(&mut self, raw: &RawValue) -> u64 {
        let at = raw.get().as_ptr().addr() - self.text.as_ptr().addr();
        if let Some(passed) = self.text.as_bytes().get(self.counted..at) {
            self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            self.counted = at;
        }
        self.line
    }
}

/// Programs differ in which of the two they take.
const TWICE: &str = "has a name twice in one object";

/// Pages of lists of wrapped items are four.
const DEEPEST: usize = 8;
