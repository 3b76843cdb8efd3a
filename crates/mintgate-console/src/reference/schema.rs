//! Schemas of the document, as far as people ask about them: of what type something is, what it has, and what it may be.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde_json::{Map, Value};

/// The schemas that have names.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'a>(pub(super) &'a Map<String, Value>);

/// A schema with what stands around it settled.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    /// Its name, if it has one.
    pub(super) name: Option<&'a str>,
    /// The schema itself.
    pub(super) schema: &'a Value,
    /// What is said of it where it stands, or else of itself.
    pub(super) description: &'a str,
    /// Whether `null` may stand there as well.
    pub(super) nullable: bool,
}

/// A member of an object.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) required: bool,
    pub(super) shape: Shape<'a>,
}

impl<'a> Schemas<'a> {
    /// Follows references, and sets the choice between something and `null` aside.
    pub(super) fn shape(self, schema: &'a Value) -> Shape<'a> {
        if let Some([something, _null]) = schema["oneOf"].as_array().map(Vec::as_slice) {
            return Shape { nullable: true, ..self.shape(something) };
        }
        let said = schema["description"].as_str();
        let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        let Some((name, target)) = name.and_then(|name| self.0.get_key_value(name)) else {
            let nullable = schema["type"].as_array().is_some();
            return Shape { name: None, schema, description: said.unwrap_or_default(), nullable };
        };
        let description = said.or_else(|| target["description"].as_str()).unwrap_or_default();
        Shape { name: Some(name), schema: target, description, nullable: false }
    }

    /// The members of an object, those first without which it is none.
    pub(super) fn fields(self, schema: &'a Value) -> Vec<Field<'a>> {
        let mut fields = Vec::new();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            fields.extend(self.fields(self.shape(part).schema));
        }
        let required: BTreeSet<_> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let required = required.contains(name.as_str());
            fields.push(Field { name, required, shape: self.shape(member) });
        }
        fields.sort_by_key(|field| !field.required);
        fields
    }

    /// What people call the type, with links to what has members of its own.
    pub(super) fn kind(self, shape: Shape<'a>) -> Markup {
        html! {
            (self.bare_kind(shape))
            @if shape.nullable { " or " code { "null" } }
        }
    }

    fn bare_kind(self, shape: Shape<'a>) -> Markup {
        let schema = shape.schema;
        if let Some(name) = shape.name.filter(|_| has_a_section(schema)) {
            return html! { a href=(anchor(name)) { (name) } };
        }
        match kind_word(schema) {
            "array" => html! { "list of " (self.kind(self.shape(&schema["items"]))) },
            "string" if schema["format"] == "date-time" => html! { "time" },
            "integer" => html! { "whole number" },
            word => html! { (word) },
        }
    }
}

/// What a value must keep to, beyond its type.
pub(super) fn limits(shape: Shape<'_>) -> Markup {
    let schema = shape.schema;
    let number = |name: &str| schema[name].as_u64().map(|number| number.to_string());
    let range = |least: Option<String>, most: Option<String>, of: &str| match (least, most) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{of}")),
        (Some(least), None) if least != "0" => Some(format!("at least {least}{of}")),
        (None, Some(most)) => Some(format!("at most {most}{of}")),
        _ => None,
    };
    let ranges = [
        range(number("minLength"), number("maxLength"), " characters"),
        range(number("minItems"), number("maxItems"), " items"),
        range(number("minimum"), number("maximum"), ""),
    ];
    let choices = schema["enum"].as_array();
    // Those with escapes in them are told in words.
    let pattern = schema["pattern"].as_str().filter(|pattern| pattern.len() < 60 && !pattern.contains("\\u"));
    html! {
        @for range in ranges.into_iter().flatten() { span.limit { (range) } " " }
        @if let Some(choices) = choices {
            span.limit { "one of " @for (position, choice) in choices.iter().filter_map(Value::as_str).enumerate() {
                @if position > 0 { ", " }
                code { (choice) }
            } }
        }
        @if let Some(pattern) = pattern { span.limit { "pattern " code { (pattern) } } }
        @if shape.schema["default"] != Value::Null {
            span.limit { "if left out " code { (shape.schema["default"].to_string()) } }
        }
    }
}

/// Whether a schema of its own section is worth a link: it has members.
pub(super) fn has_a_section(schema: &Value) -> bool {
    schema["properties"].is_object() || schema["allOf"].is_array()
}

/// Where the section of a schema is.
pub(super) fn anchor(name: &str) -> String {
    format!("#schema-{name}")
}

fn kind_word(schema: &Value) -> &str {
    let first = |kinds: &'_ Vec<Value>| kinds.iter().position(|kind| kind != "null");
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => first(kinds).and_then(|at| kinds[at].as_str()).unwrap_or("value"),
        _ => "value",
    }
}

/// The type in the document's own words.
pub(super) fn kind_of(schema: &Value) -> &str {
    kind_word(schema)
}
