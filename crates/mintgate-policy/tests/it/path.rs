//! The reader of request targets.

use mintgate_policy::{PathRefusal, RequestPath};

fn refusal(target: &str) -> PathRefusal {
    RequestPath::parse(target).expect_err(target)
}

fn all_are(expected: PathRefusal, targets: &[&str]) {
    for target in targets {
        assert_eq!(refusal(target), expected, "{target:?}");
    }
}

#[test]
fn r15_dot_segments_are_refused() {
    all_are(
        PathRefusal::DotSegment,
        &[
            "/..",
            "/.",
            "/public/../admin",
            "/public/./admin",
            "/public/..",
            "/public/.",
            "/a/../",
            "/../a",
            "/a/..?x",
            "/a/.?x",
        ],
    );
}

#[test]
fn r15_dot_segments_behind_path_parameters_are_refused() {
    all_are(
        PathRefusal::DotSegment,
        &["/.;x/", "/..;/", "/a/..;", "/a/.;", "/a/..;x=y/admin", "/a/..%3b/b", "/a/.%3Bx"],
    );
    all_are(PathRefusal::EmptySegment, &["/;x/admin", "/;", "/a/;/b", "/%3bx/admin"]);
}

#[test]
fn r15_escaped_dots_are_refused_in_any_mix() {
    for target in ["/a/%2e%2e/b", "/a/%2E./b", "/a/.%2e", "/%2e/a", "/%2E%2e;x/a", "/a%2eb", "/.%2E?x"] {
        assert_eq!(refusal(target), PathRefusal::EscapedUnreserved, "{target}");
    }
}

#[test]
fn r15_escaped_and_raw_separators_are_refused() {
    all_are(PathRefusal::EscapedSeparator, &["/a%2fb", "/a%2Fb", "/..%2fadmin", "/a%5cb", "/a%5Cb", "/a%2f"]);
    all_are(PathRefusal::Backslash, &["/a\\b", "/..\\admin", "/\\"]);
    all_are(PathRefusal::EmptySegment, &["//", "/a//b", "//evil.example/a", "/a//", "///", "//?x"]);
}

#[test]
fn r15_an_escaped_letter_cannot_slip_past_a_route() {
    all_are(
        PathRefusal::EscapedUnreserved,
        &["/%61dmin", "/adm%69n", "/%41DMIN", "/v%31", "/a%2db", "/%7eme", "/%5F"],
    );
}

#[test]
fn r15_an_escape_of_an_escape_is_refused() {
    all_are(
        PathRefusal::EscapedTwice,
        &["/%252e%252e/admin", "/a%252fb", "/%2561dmin", "/%25252e", "/a%25ffb"],
    );
    assert_eq!(refusal("/%25%32%65"), PathRefusal::EscapedUnreserved);
    assert!(RequestPath::parse("/100%25/of%25x%25").is_ok());
}

#[test]
fn r15_control_bytes_raw_or_escaped_are_refused() {
    all_are(PathRefusal::EscapedControl, &["/a%00", "/%00", "/a%0d%0aX:y", "/%1f", "/%7f", "/a%09"]);
    all_are(PathRefusal::Control, &["/a\0b", "/a\r\n", "/a b", "/\u{7f}", "/a\tb"]);
}

#[test]
fn r15_broken_escapes_and_broken_utf8_are_refused() {
    all_are(
        PathRefusal::BrokenEscape,
        &["/%", "/a%2", "/a%zz", "/%u002e", "/%+1", "/%%20", "/% 1", "/a%2?x"],
    );
    all_are(
        PathRefusal::NotUtf8,
        &[
            "/%ff",
            "/%C3",
            "/%C3x",
            "/%C3%28",
            "/%c0%ae%c0%ae/",
            "/%E0%80%AF",
            "/%ED%A0%80",
            "/%F5%80%80%80",
            "/%80",
            "/%F0%9F%98",
            "/%C3/%A9",
        ],
    );
    all_are(PathRefusal::NotAscii, &["/é", "/a\u{2215}b"]);
}

#[test]
fn r18_targets_that_are_not_in_origin_form_are_refused() {
    all_are(
        PathRefusal::NotOriginForm,
        &[
            "",
            "*",
            "admin",
            "http://a.example/admin",
            "a.example:443",
            "?x",
            "%2Fadmin",
            ".",
            "service.Name/Method",
        ],
    );
}

#[test]
fn r15_a_fragment_is_refused_wherever_it_stands() {
    all_are(PathRefusal::Fragment, &["/a#b", "/a?b#c", "/#"]);
}

#[test]
fn r15_ordinary_paths_pass_as_they_are() {
    for target in [
        "/",
        "/a",
        "/a/",
        "/a/b.c",
        "/.well-known/x",
        "/...",
        "/a/..b",
        "/a/b..",
        "/.a",
        "/a%20b",
        "/caf%C3%A9",
        "/caf%c3%a9",
        "/%F0%9F%98%80",
        "/alice%40example.com",
        "/a:b,c=d;e!$&'()*+@",
        "/x;v=1/y",
        "/~me/a-b_c",
        "/a|b[c]",
        "/urn%3Aisbn%3A1",
    ] {
        let path = RequestPath::parse(target).expect(target);
        assert_eq!(path.as_str(), target);
        assert_eq!(path.target(), target);
        assert_eq!(path.query(), None);
    }
}

#[test]
fn r19_the_query_is_not_read_and_arrives_intact() {
    let target = "/a?x=../..&y=%2f%2e%ZZ&path=//admin;z\\?%00?é";
    let path = RequestPath::parse(target).expect("a path with a wild query");
    assert_eq!(path.as_str(), "/a");
    assert_eq!(path.query(), Some("x=../..&y=%2f%2e%ZZ&path=//admin;z\\?%00?é"));
    assert_eq!(path.target(), target);
    assert_eq!(RequestPath::parse("/?").expect("an empty query").query(), Some(""));
}

#[test]
fn r38_debug_leaves_out_the_query() {
    let path = RequestPath::parse("/a?api_key=secret").expect("a path");
    assert_eq!(format!("{path:?}"), r#"RequestPath("/a")"#);
}
