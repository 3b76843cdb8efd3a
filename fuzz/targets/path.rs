//! A pattern and a request target, a line each: matching must agree with a plain reading of both.
//!
//! The reading here decodes everything first and compares whole segments, as an origin would. Where it finds another
//! answer than the routes do, a request could take one route here and another one there.
#![no_main]

use std::borrow::Cow;

use http::Method;
use libfuzzer_sys::fuzz_target;
use mintgate_policy::{
    CredentialSources, MethodSet, NoRoute, OriginIndex, PathPattern, RequestPath, Requirement, Route,
    RouteSettings, Routes,
};
use mintgate_types::ScopeSet;

fuzz_target!(|data: &[u8]| {
    let Some((pattern, target)) = std::str::from_utf8(data).ok().and_then(|text| text.split_once('\n'))
    else {
        return;
    };
    let Ok(path) = RequestPath::parse(target) else { return };
    assert_eq!(path.target(), target, "what is forwarded is what was read");
    let segments = read_as_an_origin_would(&path);
    let Ok(pattern) = pattern.parse::<PathPattern>() else { return };
    let wanted = matches(pattern.as_str(), &segments);
    let routes = Routes::new(vec![route(pattern.clone())]).expect("one route has no rival");
    match routes.find("example.com", &path, &Method::GET) {
        Ok(found) => {
            assert!(wanted, "{} took {target}", pattern.as_str());
            assert_eq!(found.outbound_target(&path), target, "nothing is cut off");
        }
        Err(NoRoute::AmbiguousPath) => assert!(segments.iter().any(|segment| segment.contains(';'))),
        Err(refusal) => assert!(!wanted, "{} refused {target}: {refusal}", pattern.as_str()),
    }
});

/// The decoded segments. Whatever decoding could have changed about the shape of the path was refused before.
fn read_as_an_origin_would(path: &RequestPath<'_>) -> Vec<String> {
    let text = path.as_str();
    assert!(text.starts_with('/') && text.is_ascii() && !text.contains(['?', '#', '\\', ' ']));
    assert!(path.query().is_none_or(|query| path.target().len() == text.len() + 1 + query.len()));
    let whole = decode(text.as_bytes());
    assert_eq!(whole.matches('/').count(), text.matches('/').count(), "decoding added a slash");
    assert!(!whole.contains('\\') && !whole.chars().any(|c| c.is_ascii_control()));
    assert_eq!(decode(whole.as_bytes()), whole, "a second decoding changes something");
    let inner = &text[1..];
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let segments: Vec<String> = if inner.is_empty() {
        Vec::new()
    } else {
        inner.split('/').map(|raw| decode(raw.as_bytes())).collect()
    };
    for segment in &segments {
        let bare = segment.split(';').next().unwrap_or_default();
        assert!(!matches!(bare, "" | "." | ".."), "an origin could walk with {segment}");
    }
    segments
}

fn matches(pattern: &str, segments: &[String]) -> bool {
    let inner = &pattern[1..];
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let mut rest = segments.iter();
    for part in inner.split('/').filter(|_| !inner.is_empty()) {
        if part.starts_with("{*") {
            return true;
        }
        match rest.next() {
            Some(_) if part.starts_with('{') => {}
            Some(segment) if *segment == decode(part.as_bytes()) => {}
            _ => return false,
        }
    }
    rest.next().is_none()
}

fn decode(raw: &[u8]) -> String {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let digits = raw.get(at + 1..at + 3).and_then(|it| std::str::from_utf8(it).ok());
        let digits = digits.filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (raw[at], digits.and_then(|it| u8::from_str_radix(it, 16).ok())) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    match String::from_utf8_lossy(&decoded) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(_) => panic!("what was read does not decode to UTF-8"),
    }
}

fn route(pattern: PathPattern) -> Route {
    Route::new(RouteSettings {
        name: "only".parse().expect("a name"),
        hosts: Vec::new(),
        pattern,
        methods: MethodSet::new([Method::GET]).expect("a method"),
        origin: "origin".parse().expect("a name"),
        origin_index: OriginIndex(0),
        audience: "origin".parse().expect("an audience"),
        requirement: Requirement::ApiKey,
        scopes: ScopeSet::none(),
        credentials: CredentialSources::default(),
        strip_prefix: None,
        response_timeout: None,
    })
    .expect("these settings fit together")
}
