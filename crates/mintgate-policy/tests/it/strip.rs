//! Prefixes that are cut off.

use std::borrow::Cow;

use mintgate_policy::{InvalidRoute, Route};

use crate::support::{path, settings};

fn stripping(pattern: &str, prefix: &str) -> Result<Route, InvalidRoute> {
    let mut settings = settings("r", pattern);
    settings.strip_prefix = Some(prefix.parse().expect("a prefix"));
    Route::new(settings)
}

#[test]
fn r16_the_prefix_is_cut_off_by_segments_and_the_query_stays() {
    let route = stripping("/api/v1/{*rest}", "/api").expect("a beginning of the path");
    for (target, outbound, outbound_path) in [
        ("/api/v1/x", "/v1/x", "/v1/x"),
        ("/api/v1", "/v1", "/v1"),
        ("/api/v1/", "/v1/", "/v1/"),
        ("/api/v1/a%20b?q=/api", "/v1/a%20b?q=/api", "/v1/a%20b"),
    ] {
        assert_eq!(route.outbound_target(&path(target)), outbound);
        assert_eq!(route.outbound_path(&path(target)), outbound_path);
    }
}

#[test]
fn r16_raw_and_escaped_spellings_lose_the_same_segments() {
    let route = stripping("/a:b/{*rest}", "/a:b").expect("a beginning of the path");
    for target in ["/a:b/x", "/a%3Ab/x", "/a%3ab/x"] {
        assert_eq!(route.outbound_target(&path(target)), "/x", "{target}");
    }
}

#[test]
fn r16_what_remains_always_begins_with_one_slash() {
    let route = stripping("/api/{*rest}", "/api").expect("a beginning of the path");
    for (target, outbound) in [("/api", "/"), ("/api/", "/"), ("/api?q", "/?q"), ("/api/?q", "/?q")] {
        assert_eq!(route.outbound_target(&path(target)), outbound);
        assert_eq!(route.outbound_path(&path(target)), "/");
    }
    assert!(matches!(route.outbound_target(&path("/api/x?q")), Cow::Borrowed("/x?q")));
}

#[test]
fn r16_a_prefix_that_some_matching_path_lacks_is_refused() {
    for (pattern, prefix) in
        [("/{*rest}", "/api"), ("/api/{x}", "/api/v1"), ("/api", "/api/v1"), ("/apis", "/api")]
    {
        assert_eq!(stripping(pattern, prefix).expect_err(prefix), InvalidRoute::StripPrefix);
    }
}

#[test]
fn without_a_prefix_the_target_goes_on_as_it_came() {
    let route = Route::new(settings("r", "/{*rest}")).expect("settings that fit");
    for target in ["/", "/a%C3%A9/", "/a?b=%2f", "/?"] {
        assert_eq!(route.outbound_target(&path(target)), target);
    }
}
