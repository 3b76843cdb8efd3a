//! What a browser may do on the console's pages.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use mintgate_types::Entropy;

/// Lets the page of one load add style sheets of its own, and nobody else: a component library writes its theme that
/// way. Scripts have no such door.
pub(crate) struct StyleNonce(String);

impl StyleNonce {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self(bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes any text");
            text
        }))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The `Content-Security-Policy` of a page that has this nonce.
    pub(crate) fn policy(&self) -> HeaderValue {
        let style = format!("style-src 'self' 'nonce-{}'", self.0);
        HeaderValue::try_from(format!("{BASE}; {style}")).expect("hexadecimal digits can stand in a header")
    }
}

/// Headers of every reply of the console.
pub(crate) fn apply(headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING));
}

/// For pages. No `unsafe-…`, no other host, no frame around it, and no markup from text (Trusted Types).
const BASE: &str = "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default";

/// For pages that are only read: their own style sheet and script, and nothing else at all.
pub(crate) const READING: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// For everything that is no page, should somebody open it as one.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
