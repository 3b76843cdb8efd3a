//! Of a document made here; the served one is tested where it is served.

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use super::*;

fn document() -> Value {
    json!({
        "info": { "title": "Some API", "description": "For `you`.\n\nNot for <script>alert(1)</script>." },
        "tags": [{ "name": "big things", "description": "Things" }, { "name": "unused" }],
        "components": { "schemas": {
            "Name": { "type": "string", "example": "it's", "maxLength": 9, "minLength": 1 },
            "Thing": { "type": "object", "description": "A thing.", "required": ["name"], "properties": {
                "name": { "$ref": "#/components/schemas/Name", "description": "What it is called." },
                "ends": { "oneOf": [{ "type": "string", "format": "date-time", "description": "When." }, { "type": "null" }] },
                "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Thing" } }
            } }
        } },
        "paths": { "/v1/things/{name}": {
            "post": {
                "operationId": "make_thing", "summary": "Make a <b>thing</b>", "tags": ["big things"],
                "x-for": { "roles": ["owner"], "limited_to_buckets": false },
                "parameters": [
                    { "name": "name", "in": "path", "required": true, "schema": { "$ref": "#/components/schemas/Name" } }
                ],
                "requestBody": { "required": true, "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Thing" }
                } } },
                "responses": {
                    "201": { "description": "It", "content": { "application/json": {
                        "schema": { "$ref": "#/components/schemas/Thing" } } } },
                    "409": { "description": "It is there" }
                }
            },
            "get": {
                "operationId": "show_thing", "summary": "One thing", "tags": ["big things"], "security": [],
                "responses": { "204": { "description": "Nothing" } }
            }
        } }
    })
}

async fn ask(path: &str) -> (http::response::Parts, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = reference(&document()).oneshot(request).await.expect("it always answers");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body in memory").to_bytes();
    (parts, String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn an_operation_is_there_with_all_that_is_said_of_it() {
    let (parts, page) = ask("/docs/").await;
    assert_eq!(parts.status, StatusCode::OK);
    assert_eq!(parts.headers["content-type"], "text/html; charset=utf-8");
    for part in [
        "<article class=\"operation\" id=\"make_thing\"",
        "<a href=\"#make_thing\">",
        "<span class=\"role\">owner</span>",
        "Not for admins of some buckets only.",
        "1 to 9 characters",
        "<a href=\"#schema-Thing\">Thing</a>",
        "list of <a href=\"#schema-Thing\">Thing</a>",
        "time or <code>null</code>",
        "<span class=\"status good\">201</span>",
        "<span class=\"status bad\">409</span>",
        "<article class=\"schema\" id=\"schema-Thing\">",
        // What must be said is said, in words that a shell passes on.
        "-d '{&quot;name&quot;:&quot;it'\\''s&quot;}'",
        "<span class=\"role everybody\">everybody</span>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("unused"), "a group without operations");
}

#[tokio::test]
async fn what_the_document_says_is_text() {
    let (_, page) = ask("/docs/").await;
    assert!(
        page.contains("Make a &lt;b&gt;thing&lt;/b&gt;") && page.contains("&lt;script&gt;alert(1)"),
        "{page}"
    );
    assert!(page.contains("For <code>you</code>."), "{page}");
}

#[tokio::test]
async fn it_runs_and_loads_nothing_but_its_own_files() {
    for path in ["/docs/", "/docs/reference.css", "/docs/reference.js", "/docs/icon.svg", "/docs"] {
        let (parts, body) = ask(path).await;
        let policy = parts.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(parts.headers["x-content-type-options"], "nosniff", "{path}");
        for elsewhere in ["https://", "//cdn", "@import", "innerHTML", "eval("] {
            assert!(!body.contains(elsewhere), "{path} has {elsewhere}");
        }
    }
    let (_, page) = ask("/docs/").await;
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains(" style=") && !page.contains("<style") && !page.contains(" onclick"), "{page}");
}
