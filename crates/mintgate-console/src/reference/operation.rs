//! One operation of the document.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::{
    example::Detail,
    page::{copy, method},
    schema::{Field, Schemas, limits},
    text,
};

/// An operation, and where it is.
#[derive(Clone, Copy)]
pub(super) struct Operation<'a> {
    pub(super) id: &'a str,
    pub(super) method: &'a str,
    pub(super) summary: &'a str,
    path: &'a str,
    said: &'a Value,
}

/// All of them, in the order of their paths.
pub(super) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            let said = item.get(method)?;
            let word = |name: &str| said[name].as_str().unwrap_or_default();
            Some(Operation { id: word("operationId"), method, summary: word("summary"), path, said })
        })
    });
    each.collect()
}

impl<'a> Operation<'a> {
    pub(super) fn is_tagged(&self, tag: &str) -> bool {
        self.said["tags"].as_array().is_some_and(|tags| tags.iter().any(|other| other == tag))
    }

    pub(super) fn render(self, schemas: Schemas<'a>) -> Markup {
        html! {
            article.operation id=(self.id) aria-labelledby={ (self.id) "-name" } {
                div.columns {
                    div.words {
                        h3 id={ (self.id) "-name" } { a.self href={ "#" (self.id) } { (self.summary) } }
                        p.line { (method(self.method)) " " code.path { (self.path_with_places()) } }
                        (text::paragraphs(self.said["description"].as_str().unwrap_or_default()))
                        (self.roles())
                        (self.parameters(schemas))
                        (self.body(schemas))
                        (self.replies(schemas))
                    }
                    div.examples { (self.examples(schemas)) }
                }
            }
        }
    }

    fn path_with_places(self) -> Markup {
        html! {
            @for (position, part) in self.path.split(['{', '}']).enumerate() {
                @if position % 2 == 1 { var { "{" (part) "}" } } @else { (part) }
            }
        }
    }

    fn is_open(self) -> bool {
        self.said["security"].as_array().is_some_and(Vec::is_empty)
    }

    /// For whom it is.
    fn roles(self) -> Markup {
        let told = &self.said["x-for"];
        let roles = told["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
        html! {
            p.roles {
                @if self.is_open() {
                    span.role.everybody { "everybody" } " Without a credential."
                } @else {
                    @for role in roles { span.role { (role) } " " }
                    @if told["roles"] == json!(["manager"]) {
                        span.reach { "Who signed in and manages consumers: for those." }
                    } @else if told["limited_to_buckets"] == true {
                        span.reach { "Admins of some buckets: in those." }
                    } @else {
                        span.reach { "Not for admins of some buckets only." }
                    }
                }
            }
        }
    }

    fn parameters(self, schemas: Schemas<'a>) -> Markup {
        html! {
            @for (place, heading) in PLACES {
                @let fields = self.parameters_in(schemas, place);
                @if !fields.is_empty() {
                    h4 { (heading) }
                    (schemas.table(fields, heading))
                }
            }
        }
    }

    fn parameters_in(self, schemas: Schemas<'a>, place: &str) -> Vec<Field<'a>> {
        let parameters = self.said["parameters"].as_array().into_iter().flatten();
        let fields = parameters.filter(|parameter| parameter["in"] == place).map(|parameter| {
            let mut shape = schemas.shape(&parameter["schema"]);
            if let Some(said) = parameter["description"].as_str() {
                shape.description = said;
            }
            let name = parameter["name"].as_str().unwrap_or_default();
            Field { name, required: parameter["required"] == true, shape }
        });
        fields.collect()
    }

    /// Media type and schema of the request's body.
    fn asks_for(self) -> Option<(&'a str, &'a Value)> {
        let contents = self.said["requestBody"]["content"].as_object()?;
        let (media_type, content) = contents.iter().next_back()?;
        Some((media_type, &content["schema"]))
    }

    fn body(self, schemas: Schemas<'a>) -> Markup {
        let Some((_, schema)) = self.asks_for() else { return html! {} };
        let media_types = self.said["requestBody"]["content"].as_object().into_iter().flatten();
        let shape = schemas.shape(schema);
        html! {
            h4 { "Body" }
            p.media {
                (schemas.kind(shape))
                @if self.said["requestBody"]["required"] != true { ", may be left out" }
                " · "
                @for (position, (media_type, _)) in media_types.enumerate() {
                    @if position > 0 { " or " }
                    code { (media_type) }
                }
            }
            (schemas.table(schemas.fields(shape.schema), "Body"))
        }
    }

    fn replies(self, schemas: Schemas<'a>) -> Markup {
        let all: Vec<_> = self.said["responses"].as_object().into_iter().flatten().collect();
        let (done, refused): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(status, _)| status.as_str() < "400");
        html! {
            h4 { "Replies" }
            ul.replies {
                @for (status, reply) in done { li { (one_reply(schemas, status, reply)) } }
            }
            @if !refused.is_empty() {
                details.refusals {
                    summary {
                        "Refused: "
                        @for (status, _) in &refused { span.status.bad { (status) } " " }
                    }
                    ul.replies {
                        @for (status, reply) in &refused { li { (one_reply(schemas, status, reply)) } }
                    }
                }
            }
        }
    }

    fn examples(self, schemas: Schemas<'a>) -> Markup {
        let reply = self.said["responses"].as_object().into_iter().flatten().next();
        let content = reply.and_then(|(_, reply)| reply["content"].as_object()?.iter().next());
        html! {
            h4 { "Request" }
            div.code {
                pre tabindex="0" aria-label={ "curl: " (self.summary) } { code { (self.curl(schemas)) } }
                (copy())
            }
            @if let Some((media_type, content)) = content.filter(|(media_type, _)| media_type.contains("json")) {
                @let shape = schemas.shape(&content["schema"]);
                @let example = schemas.example(shape, Detail::Everything);
                @if example.is_object() || example.is_array() {
                    h4 { "Reply" }
                    div.code {
                        pre tabindex="0" aria-label={ (media_type) ": " (self.summary) } {
                            code { (serde_json::to_string_pretty(&example).expect("a value is JSON")) }
                        }
                        (copy())
                    }
                }
            }
        }
    }

    /// The request as one types it.
    fn curl(self, schemas: Schemas<'a>) -> Markup {
        let mut path = self.path.to_owned();
        for field in self.parameters_in(schemas, "path") {
            let value = schemas.example(field.shape, Detail::Least);
            path = path.replace(&format!("{{{}}}", field.name), value.as_str().unwrap_or("…"));
        }
        let body = self.asks_for().map(|(media_type, schema)| {
            let example = schemas.example(schemas.shape(schema), Detail::Least);
            let text = serde_json::to_string(&example).expect("a value is JSON").replace('\'', "'\\''");
            format!(" \\\n  -H 'Content-Type: {media_type}' \\\n  -d '{text}'")
        });
        let method = self.method.to_ascii_uppercase();
        html! {
            "curl "
            @if method != "GET" && !(method == "POST" && body.is_some()) { "-X " (method) " " }
            span.host { "http://127.0.0.1:8081" } (path)
            @if !self.is_open() { " \\\n  -H \"Authorization: Bearer $(cat data/admin.token)\"" }
            @if let Some(body) = body { (body) }
        }
    }
}

fn one_reply<'a>(schemas: Schemas<'a>, status: &str, reply: &'a Value) -> Markup {
    let content = reply["content"].as_object().and_then(|contents| contents.iter().next());
    let headers = reply["headers"].as_object().into_iter().flatten();
    html! {
        span class=(if status < "400" { "status good" } else { "status bad" }) { (status) } " "
        (text::inline(reply["description"].as_str().unwrap_or_default()))
        @if let Some((media_type, content)) = content {
            @let shape = schemas.shape(&content["schema"]);
            @if shape.name.is_some() && shape.schema["properties"] != Value::Null || shape.schema["allOf"].is_array() {
                " · " (schemas.kind(shape))
            } @else { " · " code { (media_type) } }
        }
        @for (name, header) in headers {
            " · " code { (name) } ": " (text::inline(header["description"].as_str().unwrap_or_default()))
        }
    }
}

impl<'a> Schemas<'a> {
    /// Members or parameters, a row each.
    pub(super) fn table(self, fields: Vec<Field<'a>>, of: &str) -> Markup {
        if fields.is_empty() {
            return html! {};
        }
        html! {
            table.fields {
                caption.unseen { (of) }
                thead.unseen { tr { th scope="col" { "Name" } th scope="col" { "Meaning" } } }
                tbody {
                    @for field in fields {
                        tr {
                            th scope="row" {
                                code { (field.name) }
                                @if field.required { span.required { "required" } }
                            }
                            td {
                                span.kind { (self.kind(field.shape)) } " "
                                (text::inline(field.shape.description)) " "
                                (limits(field.shape))
                            }
                        }
                    }
                }
            }
        }
    }
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const PLACES: [(&str, &str); 3] =
    [("path", "In the path"), ("query", "In the query"), ("header", "In the head")];
