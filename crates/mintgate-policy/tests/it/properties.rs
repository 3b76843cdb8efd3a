//! What holds for every target and every set of routes.

use std::collections::HashMap;

use http::Method;
use mintgate_policy::{PathPattern, RequestPath, Routes};
use proptest::prelude::*;

use crate::support::{route, taken};

/// Pieces of which attacks on paths are made, so that random targets are interesting ones.
const PIECES: [&str; 38] = [
    "/",
    "/",
    "/",
    ".",
    "..",
    "%2e",
    "%2E",
    "%2f",
    "%2F",
    "%5c",
    "\\",
    "//",
    ";",
    "%3b",
    ";x",
    "%25",
    "%252e",
    "%00",
    "%",
    "%2",
    "a",
    "b",
    "admin",
    "%61",
    "%20",
    "%C3%A9",
    "%c3",
    "%A9",
    "%ff",
    "%F0%9F%98%80",
    "?",
    "#",
    " ",
    "\t",
    "é",
    "25",
    "2e",
    "~",
];

fn target() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12).prop_map(|parts| parts.concat()),
        prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12)
            .prop_map(|parts| format!("/{}", parts.concat())),
    ]
}

/// Decodes as a lenient origin would: whatever looks like an escape.
fn lenient_decode(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let escaped = pair
            .filter(|pair| bytes[at] == b'%' && pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        decoded.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded
}

/// What an origin may see as the segments of a path: split at any slash, path parameters cut off.
fn lenient_segments(path: &[u8]) -> Vec<Vec<u8>> {
    let segments = path[1..].split(|byte| *byte == b'/' || *byte == b'\\');
    segments.map(|segment| segment.split(|byte| *byte == b';').next().unwrap_or_default().to_vec()).collect()
}

fn pattern() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec!["a", "b", "a:b", "{}"]);
    let open = prop::bool::ANY;
    (prop::collection::vec(segment, 0..4), open).prop_map(|(segments, open)| {
        let mut text = String::new();
        for (position, segment) in segments.into_iter().enumerate() {
            text.push('/');
            let named = format!("{{p{position}}}");
            text.push_str(if segment == "{}" { &named } else { segment });
        }
        if open || text.is_empty() {
            text.push_str("/{*rest}");
        }
        text
    })
}

/// The shape of a pattern: what is left when names do not count.
fn shape(pattern: &str) -> Vec<String> {
    let segments = pattern.split('/').filter(|segment| !segment.is_empty());
    segments
        .map(|segment| match segment.strip_prefix('{') {
            Some(inner) if inner.starts_with('*') => "*".to_owned(),
            Some(_) => "?".to_owned(),
            None => segment.to_owned(),
        })
        .collect()
}

/// The choice of a route as its documentation says it, without a tree: among the patterns that match, the first
/// segment in which two differ decides, a literal before `{name}` before `{*name}`.
fn reference(patterns: &[String], segments: &[&str]) -> Option<String> {
    let matches = |shape: &[String]| {
        let mut at = 0;
        for part in shape {
            match (part.as_str(), segments.get(at)) {
                ("*", _) => return true,
                ("?", Some(_)) => {}
                (literal, Some(segment)) if literal == segment.replace("%3A", ":") => {}
                _ => return false,
            }
            at += 1;
        }
        at == segments.len()
    };
    let rank = |shape: &[String]| -> Vec<u8> {
        // An end is more specific than an empty rest.
        let ranks = shape.iter().map(|part| match part.as_str() {
            "*" => 3,
            "?" => 2,
            _ => 1,
        });
        ranks.chain([0]).collect()
    };
    let matching = patterns.iter().filter(|pattern| matches(&shape(pattern)));
    matching.min_by_key(|pattern| rank(&shape(pattern))).cloned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r15_what_parses_has_no_traversal_under_any_decoding(target in target()) {
        let Ok(path) = RequestPath::parse(&target) else { return Ok(()) };
        prop_assert_eq!(path.target(), &target);
        let mut bytes = path.as_str().as_bytes().to_vec();
        let segment_count = lenient_segments(&bytes).len();
        for round in 0..4 {
            let segments = lenient_segments(&bytes);
            prop_assert_eq!(segments.len(), segment_count, "a separator appeared in round {}", round);
            let last = segments.len() - 1;
            for (position, segment) in segments.iter().enumerate() {
                prop_assert!(segment != b"." && segment != b"..", "a dot segment in round {}", round);
                prop_assert!(position == last || !segment.is_empty(), "an empty segment in round {}", round);
            }
            prop_assert!(!bytes.iter().any(|byte| *byte < 0x20 || *byte == 0x7f || *byte == b'\\'));
            prop_assert!(std::str::from_utf8(&bytes).is_ok());
            bytes = lenient_decode(&bytes);
        }
    }

    #[test]
    fn r15_decoding_twice_gives_what_decoding_once_gave(target in target()) {
        let Ok(path) = RequestPath::parse(&target) else { return Ok(()) };
        let once = lenient_decode(path.as_str().as_bytes());
        prop_assert_eq!(lenient_decode(&once), once);
    }

    #[test]
    fn patterns_and_paths_of_any_text_never_panic(text in ".{0,30}", target in target()) {
        let pattern = format!("/{text}").parse::<PathPattern>();
        if let (Ok(_), Ok(path)) = (pattern, RequestPath::parse(&target)) {
            let routes = Routes::new(vec![route("r", &format!("/{text}"))]).expect("one route");
            let found = routes.find(&text, &path, &Method::GET);
            if let Ok(route) = found {
                prop_assert!(route.outbound_target(&path).starts_with('/'));
            }
        }
    }

    #[test]
    fn the_choice_is_the_documented_one_in_any_order(
        patterns in prop::collection::vec(pattern(), 1..7).prop_shuffle(),
        segments in prop::collection::vec(prop::sample::select(vec!["a", "b", "a:b", "a%3Ab", "c"]), 0..5),
        slash in prop::bool::ANY,
    ) {
        let mut of_shape = HashMap::new();
        for pattern in patterns {
            of_shape.entry(shape(&pattern)).or_insert(pattern);
        }
        let patterns: Vec<_> = of_shape.into_values().collect();
        let list = patterns.iter().enumerate();
        let routes = Routes::new(list.map(|(at, pattern)| route(&format!("r{at}"), pattern)).collect());
        let routes = routes.expect("one route for each shape");
        let target = format!("/{}{}", segments.join("/"), if slash && !segments.is_empty() { "/" } else { "" });
        let expected = match reference(&patterns, &segments) {
            Some(pattern) => format!("r{}", patterns.iter().position(|other| *other == pattern).expect("its own")),
            None => "no route is for this path".to_owned(),
        };
        prop_assert_eq!(taken(&routes, &target), expected.clone());
        prop_assert_eq!(taken(&routes.for_worker(), &target), expected);
    }
}
