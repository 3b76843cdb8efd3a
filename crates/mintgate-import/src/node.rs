//! A tree of what JSON or YAML holds, with the lines where things stood. Texts are wiped after use: any may be a key.

use serde_json::{Map, Number, Value};
use zeroize::Zeroizing;

/// One value.
pub(crate) struct Node {
    pub(crate) line: u64,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Scalar {
        text: Zeroizing<String>,
        /// Written without quotes, so that it may be a number, `true`, or nothing at all.
        plain: bool,
    },
    /// A number of JSON that is not kept as it was written, so that it is no text.
    Rounded(f64),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// A member, if this is a map that has it and it is not null.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Kind::Map(members) = &self.kind else { return None };
        members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }

    /// The first of several members that is there.
    pub(crate) fn get_any(&self, names: &[&str]) -> Option<&Self> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Its text, if it has one: of a number or a truth value as it was written.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// The text of a member that has some.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Self::text).filter(|text| !text.is_empty())
    }

    /// What a list holds; nothing if this is none.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a member that is a list.
    pub(crate) fn items_of(&self, name: &str) -> &[Self] {
        self.get(name).map_or(&[], Self::items)
    }

    /// What a map holds; nothing if this is none.
    pub(crate) fn members(&self) -> &[(String, Self)] {
        match &self.kind {
            Kind::Map(members) => members,
            _ => &[],
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    /// Whether there is something of this name that holds something.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|node| match &node.kind {
            Kind::Scalar { text, .. } => !text.is_empty(),
            Kind::Rounded(_) => true,
            Kind::List(items) => !items.is_empty(),
            Kind::Map(members) => !members.is_empty(),
        })
    }

    /// Whether it says `true`.
    pub(crate) fn says(&self, name: &str, truth: bool) -> bool {
        self.get(name).and_then(Self::text) == Some(if truth { "true" } else { "false" })
    }

    /// A whole number.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        let node = self.get(name)?;
        if let Kind::Rounded(number) = node.kind {
            return number.to_string().parse().ok();
        }
        let text = node.text()?;
        text.parse().ok().or_else(|| text.strip_suffix(".0")?.parse().ok())
    }

    /// As JSON.
    pub(crate) fn json(&self) -> Value {
        match &self.kind {
            Kind::Scalar { text, plain: false } => Value::String(text.to_string()),
            Kind::Scalar { text, plain: true } => match text.as_str() {
                _ if self.is_null() => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                other => serde_json::from_str::<Number>(other)
                    .map_or_else(|_| Value::String(other.to_owned()), Value::Number),
            },
            Kind::Rounded(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            Kind::List(items) => Value::Array(items.iter().map(Self::json).collect()),
            Kind::Map(_) => Value::Object(self.object()),
        }
    }

    /// The members as a JSON object.
    pub(crate) fn object(&self) -> Map<String, Value> {
        self.members().iter().map(|(name, value)| (name.clone(), value.json())).collect()
    }

    fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if ["", "~", "null", "Null", "NULL"].contains(&text.as_str()))
    }
}
