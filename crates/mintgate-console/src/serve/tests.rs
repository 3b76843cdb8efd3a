//! These hold with and without a built console.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;

/// The same byte for ever.
struct Constant(u8);

impl Entropy for Constant {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

async fn ask(path: &str) -> (http::response::Parts, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = router(Arc::new(Constant(0xab))).oneshot(request).await.expect("it always answers");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body in memory").to_bytes();
    (parts, String::from_utf8_lossy(&body).into_owned())
}

fn header<'a>(parts: &'a http::response::Parts, name: &str) -> &'a str {
    parts.headers.get(name).expect(name).to_str().expect("text")
}

#[tokio::test]
async fn the_root_leads_to_the_console() {
    for path in ["/", "/console"] {
        let (parts, _) = ask(path).await;
        assert_eq!((parts.status, header(&parts, "location")), (StatusCode::SEE_OTHER, "/console/"));
    }
}

#[tokio::test]
async fn every_path_but_that_of_a_missing_file_is_the_page() {
    for path in ["/console/", "/console/consumers/production/alice", "/console/index.html"] {
        let (parts, body) = ask(path).await;
        assert_eq!((parts.status, header(&parts, "cache-control")), (StatusCode::OK, "no-store"));
        assert!(body.contains("<title>Mintgate</title>"), "{body}");
        assert!(!body.contains("STYLE_NONCE"), "{body}");
    }
    assert_eq!(ask("/console/assets/gone-1234.js").await.0.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_policy_of_a_page_allows_nothing_unsafe_and_no_other_host() {
    let (parts, _) = ask("/console/").await;
    let policy = header(&parts, "content-security-policy");
    for expected in [
        "default-src 'none'",
        "script-src 'self';",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "style-src 'self' 'nonce-abababababababababababababababab'",
    ] {
        assert!(policy.contains(expected), "{expected}: {policy}");
    }
    for refused in ["unsafe", "http:", "https:", "data:", "*"] {
        assert!(!policy.contains(refused), "{refused}: {policy}");
    }
}

#[tokio::test]
async fn every_reply_is_kept_from_frames_sniffing_and_referrers() {
    for path in ["/", "/console/", "/console/assets/gone.js"] {
        let (parts, _) = ask(path).await;
        assert_eq!(header(&parts, "x-content-type-options"), "nosniff");
        assert_eq!(header(&parts, "referrer-policy"), "no-referrer");
        assert_eq!(header(&parts, "cross-origin-opener-policy"), "same-origin");
        assert!(header(&parts, "content-security-policy").contains("frame-ancestors 'none'"));
    }
}
