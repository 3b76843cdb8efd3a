//! For whom a request is forwarded: said anew by the gate, which believes only the proxies that it was told to.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use ipnet::IpNet;

/// What is known of a request's way here.
pub(crate) struct Forwarded {
    r#for: HeaderValue,
    proto: HeaderValue,
    host: Option<HeaderValue>,
    request_id: Option<HeaderValue>,
}

impl Forwarded {
    /// Reads the way before the headers that tell it are removed. Nothing of what an untrusted peer says is used.
    pub(crate) fn read(
        headers: &HeaderMap,
        (peer, value): (IpAddr, &HeaderValue),
        trusted: &[IpNet],
    ) -> Self {
        let host = headers.get(header::HOST).cloned();
        if !trusted.iter().any(|network| network.contains(&peer)) {
            return Self { r#for: value.clone(), proto: HTTP, host, request_id: None };
        }
        Self {
            r#for: appended(headers, value),
            proto: single(headers, &X_FORWARDED_PROTO)
                .filter(|proto| *proto == "http" || *proto == "https")
                .cloned()
                .unwrap_or(HTTP),
            host: single(headers, &X_FORWARDED_HOST).cloned().or(host),
            request_id: single(headers, &X_REQUEST_ID).filter(|id| is_request_id(id.as_bytes())).cloned(),
        }
    }

    /// The id that a trusted proxy gave the request.
    pub(crate) fn request_id(&self) -> Option<&HeaderValue> {
        self.request_id.as_ref()
    }

    /// Tells the origin.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.insert(X_FORWARDED_FOR, self.r#for);
        headers.insert(X_FORWARDED_PROTO, self.proto);
        if let Some(host) = self.host {
            headers.insert(X_FORWARDED_HOST, host);
        }
    }
}

fn appended(headers: &HeaderMap, peer: &HeaderValue) -> HeaderValue {
    let mut way: Vec<u8> = Vec::new();
    for value in headers.get_all(&X_FORWARDED_FOR) {
        way.extend_from_slice(value.as_bytes());
        way.extend_from_slice(b", ");
    }
    way.extend_from_slice(peer.as_bytes());
    HeaderValue::from_bytes(&way).expect("header values joined by a comma")
}

/// A header that stands there once, with one value. Two are one too many to believe either.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    (values.next().is_none() && !value.as_bytes().contains(&b',')).then_some(value)
}

fn is_request_id(id: &[u8]) -> bool {
    (1..=128).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

const HTTP: HeaderValue = HeaderValue::from_static("http");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// How a request is named in replies, in logs and towards the origin.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuilt(trusted: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (X_FORWARDED_FOR, "203.0.113.9"),
            (X_FORWARDED_PROTO, "https"),
            (X_FORWARDED_HOST, "evil.example"),
            (header::HOST, "api.example.com"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().expect("a network")).collect();
        let peer = "192.0.2.1".parse().expect("an address");
        let value = HeaderValue::from_static("192.0.2.1");
        let forwarded = Forwarded::read(&headers, (peer, &value), &trusted);
        let mut out = HeaderMap::new();
        forwarded.write(&mut out);
        out
    }

    #[test]
    fn r08_what_an_untrusted_peer_says_of_the_way_is_replaced() {
        let out = rebuilt(&["198.51.100.0/24"]);
        assert_eq!(out[X_FORWARDED_FOR], "192.0.2.1");
        assert_eq!(out[X_FORWARDED_PROTO], "http");
        assert_eq!(out[X_FORWARDED_HOST], "api.example.com");
    }

    #[test]
    fn r09_with_no_trusted_proxies_nobody_is_trusted() {
        assert_eq!(rebuilt(&[])[X_FORWARDED_FOR], "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_added_to_the_way() {
        let out = rebuilt(&["192.0.2.0/24"]);
        assert_eq!(out[X_FORWARDED_FOR], "203.0.113.9, 192.0.2.1");
        assert_eq!(out[X_FORWARDED_PROTO], "https");
        assert_eq!(out[X_FORWARDED_HOST], "evil.example");
    }
}
