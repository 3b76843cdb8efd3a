//! The page itself: who may read it in a minute, and every operation after that.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Map, Value};

use super::{
    operation::{Operation, operations},
    schema::{Schemas, has_a_section},
    text,
};

/// The whole page.
pub(super) fn render(document: &Value) -> String {
    let none = Map::new();
    let schemas = Schemas(document["components"]["schemas"].as_object().unwrap_or(&none));
    let groups = groups(document);
    let title = document["info"]["title"].as_str().unwrap_or("API");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href="icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="reference.css";
                script src="reference.js" {}
            }
            body {
                a.skip href="#content" { "Skip to the operations" }
                (head(title))
                div.frame {
                    (contents(&groups))
                    main #content tabindex="-1" {
                        section.intro aria-labelledby="title" {
                            h1 #title { (title) }
                            (text::paragraphs(document["info"]["description"].as_str().unwrap_or_default()))
                            (first_request())
                        }
                        @for group in &groups { (section(schemas, group)) }
                        p.nothing #nothing hidden role="status" { "No operation has all of these words." }
                        (named(schemas))
                    }
                }
            }
        }
    };
    page.into_string()
}

/// The operations under one heading.
struct Group<'a> {
    name: &'a str,
    description: &'a str,
    operations: Vec<Operation<'a>>,
}

fn groups(document: &Value) -> Vec<Group<'_>> {
    let all = operations(document);
    let tags = document["tags"].as_array().into_iter().flatten();
    let groups = tags.map(|tag| {
        let name = tag["name"].as_str().unwrap_or_default();
        let operations = all.iter().filter(|operation| operation.is_tagged(name)).copied().collect();
        Group { name, description: tag["description"].as_str().unwrap_or_default(), operations }
    });
    groups.filter(|group| !group.operations.is_empty()).collect()
}

impl Group<'_> {
    fn id(&self) -> String {
        format!("group-{}", self.name.replace(' ', "-"))
    }
}

fn head(title: &str) -> Markup {
    html! {
        header.top {
            a.brand href="/console/" { (MARK) "Mintgate" }
            span.what aria-hidden="true" { (title.trim_start_matches("Mintgate ")) }
            nav aria-label="Elsewhere" {
                a href="/console/" { "Console" }
                a href="/openapi.json" { "openapi.json" }
            }
            button #colours type="button" hidden aria-label="Change between light and dark" { "◐" }
        }
    }
}

fn contents(groups: &[Group<'_>]) -> Markup {
    html! {
        nav.contents aria-label="Operations" {
            div.filter hidden {
                label for="filter" { "Filter" }
                input #filter type="search" placeholder="Filter: revoke, PATCH, tag …" autocomplete="off" spellcheck="false" aria-keyshortcuts="/";
            }
            details.list open {
                summary { "Operations" }
                @for group in groups {
                    div.group data-group=(group.id()) {
                        a.group-name href={ "#" (group.id()) } { (group.name) }
                        ul {
                            @for operation in &group.operations {
                                li data-operation=(operation.id) {
                                    a href={ "#" (operation.id) } {
                                        (method(operation.method)) " " span { (operation.summary) }
                                    }
                                }
                            }
                        }
                    }
                }
                div.group {
                    a.group-name href="#schemas" { "schemas" }
                }
            }
        }
    }
}

fn first_request() -> Markup {
    html! {
        div.code {
            pre tabindex="0" { code {
                "curl " span.host { "http://127.0.0.1:8081" } "/v1/whoami \\\n  -H \"Authorization: Bearer $(cat data/admin.token)\""
            } }
            (copy())
        }
        p.keys hidden {
            kbd { "/" } " filters, " kbd { "Esc" } " shows everything again. Every operation has an address of its own: its heading."
        }
    }
}

fn section(schemas: Schemas<'_>, group: &Group<'_>) -> Markup {
    html! {
        section.group id=(group.id()) aria-labelledby={ (group.id()) "-name" } {
            h2 id={ (group.id()) "-name" } { (group.name) }
            p.lead { (text::inline(group.description)) }
            @for operation in &group.operations { (operation.render(schemas)) }
        }
    }
}

/// The schemas that have members, once each.
fn named(schemas: Schemas<'_>) -> Markup {
    html! {
        section #schemas aria-labelledby="schemas-name" {
            h2 #schemas-name { "Schemas" }
            p.lead { "What bodies are made of. Programs must bear members and values that are new." }
            @for (name, schema) in schemas.0.iter().filter(|(_, schema)| has_a_section(schema)) {
                article.schema id={ "schema-" (name) } {
                    h3 { a.self href={ "#schema-" (name) } { (name) } }
                    (text::paragraphs(schema["description"].as_str().unwrap_or_default()))
                    (schemas.table(schemas.fields(schema), &format!("Members of {name}")))
                }
            }
        }
    }
}

pub(super) fn method(method: &str) -> Markup {
    html! { span class={ "method " (method) } { (method.to_ascii_uppercase()) } }
}

pub(super) fn copy() -> Markup {
    html! { button.copy type="button" hidden { "Copy" } }
}

const MARK: PreEscaped<&str> = PreEscaped(super::ICON);
