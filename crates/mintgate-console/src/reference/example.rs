//! Values that fit a schema, made of the examples that the document has.

use serde_json::{Map, Value, json};

use super::schema::{Schemas, Shape, kind_of};

/// Which members of objects are to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// All of them, as in a reply.
    Everything,
    /// What a request must say, or else the first thing that it may.
    Least,
}

impl<'a> Schemas<'a> {
    /// A value of this shape.
    pub(super) fn example(self, shape: Shape<'a>, detail: Detail) -> Value {
        self.value(shape, detail, 0)
    }

    fn value(self, shape: Shape<'a>, detail: Detail, depth: usize) -> Value {
        let schema = shape.schema;
        if schema["example"] != Value::Null {
            return schema["example"].clone();
        }
        if let Some(first) = schema["enum"].as_array().and_then(|choices| choices.first()) {
            return first.clone();
        }
        let fields = self.fields(schema);
        if !fields.is_empty() {
            if depth > DEEPEST {
                return json!({});
            }
            let least = fields.iter().take_while(|field| field.required).count().max(1);
            let is_wanted = |position: usize, name: &str| match detail {
                // What can be tried is tried first by whoever copies an example.
                Detail::Least => position < least || name == "dry_run",
                Detail::Everything => !UNUSUAL.contains(&name),
            };
            let members = fields.into_iter().enumerate();
            let members =
                members.filter(|(position, field)| is_wanted(*position, field.name)).map(|(_, field)| field);
            let member = |field: super::schema::Field<'a>| {
                (field.name.to_owned(), self.named(field.name, field.shape, detail, depth + 1))
            };
            return Value::Object(members.map(member).collect());
        }
        match kind_of(schema) {
            "array" => json!([self.value(self.shape(&schema["items"]), detail, depth)]),
            "object" => self.map(schema, detail, depth),
            "integer" | "number" => schema["minimum"].as_u64().filter(|least| *least > 0).unwrap_or(3).into(),
            "boolean" => true.into(),
            _ if schema["format"] == "date-time" => MOMENT.into(),
            _ => "…".into(),
        }
    }

    /// What a member's name gives away, where the document has no example.
    fn named(self, name: &str, shape: Shape<'a>, detail: Detail, depth: usize) -> Value {
        if name == "filter" {
            // Not the first thing that may be said, which is a whole bucket.
            return json!({ "label": "billing job" });
        }
        let value = self.value(shape, detail, depth);
        if value != "…" && value != json!({}) {
            return value;
        }
        match name {
            "metadata" => json!({ "plan": "gold" }),
            "secret" | "key" => "mgk_8fJ2kQ0bZx5R_…".into(),
            "token" => "mga_b7Qm1LtZ0xVd_…".into(),
            "kid" | "successor_kid" | "dropped" => "Zb3n0x…".into(),
            "hash" | "previous" => "9f86d081884c7d65…".into(),
            "address" => "192.0.2.7".into(),
            "request_id" => "rSiRudR69jZuWy0KurUvHh".into(),
            _ => value,
        }
    }

    fn map(self, schema: &'a Value, detail: Detail, depth: usize) -> Value {
        let of = &schema["additionalProperties"];
        if !of.is_object() {
            return json!({});
        }
        let mut map = Map::new();
        map.insert("plan".to_owned(), self.value(self.shape(of), detail, depth + 1));
        Value::Object(map)
    }
}

/// What is told of things that have ended, or are not as they should be; nothing is all of that at once.
const UNUSUAL: [&str; 7] =
    ["revoked", "revoked_at", "rolled", "disabled_since", "first_bad_seq", "problem", "reason"];
const MOMENT: &str = "2030-01-31T00:00:00Z";
/// Deeper than anything in the document.
const DEEPEST: usize = 6;
