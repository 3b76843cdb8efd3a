//! The names that only the gate may say to an origin.

use http::{HeaderMap, HeaderName, header};
use mintgate_policy::Routes;

use super::{Doomed, copies};

/// Removes managed names from what clients send, in any spelling that an origin could fold into one of them.
pub(crate) struct Managed {
    /// Headers that some route takes keys from, folded: on every route, lest a key goes to an origin.
    key_headers: Vec<Box<str>>,
}

impl Managed {
    pub(crate) fn new(routes: &Routes) -> Self {
        let names = routes.iter().filter_map(|route| route.credentials().header.as_ref());
        let mut key_headers: Vec<Box<str>> = names.map(|header| fold_owned(header.name().as_str())).collect();
        key_headers.sort_unstable();
        key_headers.dedup();
        Self { key_headers }
    }

    /// Takes them out, and with them whatever repeats the key: clients that send it in two places do not send it to
    /// the origin. The `Authorization` header itself is left to be overwritten or removed by the caller.
    pub(crate) fn strip(&self, headers: &mut HeaderMap) {
        let mut doomed: Doomed = headers.keys().filter(|name| self.dooms(name)).cloned().collect();
        if let Some(key) = self.carried(headers) {
            doomed.extend(copies::holders_of(key, headers).cloned());
        }
        for name in doomed {
            headers.remove(name);
        }
    }

    /// The text of the key, or what stands in its place on a route that asks for none.
    fn carried<'h>(&self, headers: &'h HeaderMap) -> Option<&'h [u8]> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            return copies::credential(value);
        }
        let mut keys = self.key_headers.iter().filter_map(|name| headers.get(&**name));
        keys.next().and_then(copies::credential)
    }

    fn dooms(&self, name: &HeaderName) -> bool {
        let name = name.as_str();
        let bytes = name.as_bytes();
        if memchr::memchr2(b'_', b'.', bytes).is_some() {
            let mut buffer = [0; LONGEST];
            // A name too long for the buffer is longer than every managed one but those known by their beginning.
            let folded = fold(name, &mut buffer);
            return is_managed(folded) || is_plain_field(folded) || self.is_key_header(folded);
        }
        if !self.key_headers.is_empty() && self.is_key_header(name) {
            return true;
        }
        is_managed(name)
    }

    fn is_key_header(&self, folded: &str) -> bool {
        self.key_headers.iter().any(|name| **name == *folded)
    }
}

/// Whether a folded name is one that only the gate may say. Written as lists, not configured: what is missing here
/// is a hole, so nobody should be able to make one by accident.
fn is_managed(name: &str) -> bool {
    match name.as_bytes().first() {
        Some(b'x') => name.strip_prefix("x-").is_some_and(is_managed_extension),
        Some(b'c') => {
            name.starts_with("cgi-")
                || name.starts_with("cf-access-")
                || matches!(name, "cf-connecting-ip" | "client-ip")
        }
        Some(b'f') => matches!(name, "forwarded" | "front-end-https" | "fastly-client-ip"),
        // `Proxy` becomes `HTTP_PROXY` where headers become environment variables.
        Some(b'p') => name == "proxy" || name.starts_with("proxy-"),
        Some(b'r') => {
            matches!(name, "remote-user" | "remote-addr" | "remote-name" | "remote-groups" | "remote-email")
        }
        Some(b's') => matches!(name, "ssl-client-cert" | "ssl-client-verify" | "ssl-client-s-dn"),
        Some(b't') => {
            matches!(name, "true-client-ip" | "transfer-encoding") || name.starts_with("tailscale-user-")
        }
        _ => false,
    }
}

/// The part of a name behind `x-`.
fn is_managed_extension(name: &str) -> bool {
    const PREFIXES: [&str; 20] = [
        "forwarded-",
        "auth-",
        "authenticated-",
        "consumer-",
        "credential-",
        "envoy-",
        "mintgate-",
        "original-",
        "remote-",
        "amzn-oidc-",
        "goog-authenticated-",
        "goog-iap-",
        "apigateway-",
        "endpoint-api-",
        "jwt-",
        "ms-client-principal",
        "ms-token-",
        "pomerium-",
        "ssl-client-",
        "webauth-",
    ];
    const NAMES: [&str; 27] = [
        "access-token",
        "anonymous-consumer",
        "api-user",
        "authorization",
        "client-cert",
        "client-ip",
        "client-id",
        "cluster-client-ip",
        "email",
        "forwarded",
        "groups",
        "http-method",
        "http-method-override",
        "id-token",
        "key-id",
        "method-override",
        "proxyuser-ip",
        "real-ip",
        "request-id",
        "rewrite-url",
        "roles",
        "scope",
        "scopes",
        "subject",
        "user",
        "user-email",
        "userinfo",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name) || is_user_name(name)
}

fn is_user_name(name: &str) -> bool {
    matches!(
        name,
        "user-id" | "user-name" | "user-roles" | "user-groups" | "username" | "user-scopes" | "tenant-id"
    )
}

/// Fields with a meaning of their own, which may come in their own spelling and in no other: `Content_Length` is
/// `Content-Length` to a server that makes CGI variables of both.
fn is_plain_field(folded: &str) -> bool {
    matches!(
        folded,
        "authorization"
            | "connection"
            | "content-encoding"
            | "content-length"
            | "content-type"
            | "cookie"
            | "expect"
            | "host"
            | "keep-alive"
            | "te"
            | "trailer"
            | "upgrade"
            | "http2-settings"
            | "origin"
            | "referer"
            | "user-agent"
            | "x-api-key"
            | "range"
            | "date"
            | "via"
    ) || folded.starts_with("if-")
        || folded.starts_with("sec-")
        || folded.starts_with("accept")
        || folded.starts_with("access-control-")
}

/// Whether a trailer may go on.
pub(super) fn may_be_trailer(name: &str) -> bool {
    let mut buffer = [0; LONGEST];
    let folded = fold(name, &mut buffer);
    let is_refused = is_managed(folded)
        || is_plain_field(folded)
        || matches!(
            folded,
            "cache-control" | "max-forwards" | "set-cookie" | "content-range" | "authentication-info"
        )
        || folded.starts_with("www-");
    !is_refused
}

/// `-` for `_` and `.`; header names are in lower case already. What does not fit is cut: see [`LONGEST`].
fn fold<'b>(name: &str, buffer: &'b mut [u8; LONGEST]) -> &'b str {
    let length = name.len().min(LONGEST);
    for (to, from) in buffer.iter_mut().zip(name.bytes()) {
        *to = if matches!(from, b'_' | b'.') { b'-' } else { from };
    }
    std::str::from_utf8(&buffer[..length]).unwrap_or_default()
}

fn fold_owned(name: &str) -> Box<str> {
    name.replace(['_', '.'], "-").into()
}

/// Longer than any managed name that is known whole.
const LONGEST: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(name: &str) -> bool {
        let managed = Managed { key_headers: vec!["x-secret-key".into()] };
        !managed.dooms(&name.parse().expect("a header name"))
    }

    #[test]
    fn r03_underscore_aliases_of_managed_names_are_removed() {
        for name in ["X_Auth_User", "x_forwarded_proto", "X_Forwarded-For", "AUTHORIZATION_", "x_real_ip"] {
            assert_eq!(passes(name), name == "AUTHORIZATION_", "{name}");
        }
    }

    #[test]
    fn r04_dots_and_mixed_spellings_are_removed_too() {
        for name in
            ["x.auth.user", "X.Forwarded_For", "cgi.authorization", "proxy_authorization", "x.request-id"]
        {
            assert!(!passes(name), "{name}");
        }
    }

    #[test]
    fn r06_identity_headers_are_removed_whoever_would_set_them() {
        for name in
            ["Remote-User", "X-Auth-Request-Email", "X-User", "X-Consumer-Username", "X-Forwarded-User"]
                .into_iter()
                .chain(["X-Goog-IAP-JWT-Assertion", "X-Pomerium-Jwt-Assertion", "X-MS-CLIENT-PRINCIPAL"])
                .chain([
                    "Cf-Access-Jwt-Assertion",
                    "Tailscale-User-Login",
                    "X-WebAuth-User",
                    "X-Endpoint-API-UserInfo",
                ])
        {
            assert!(!passes(name), "{name}");
        }
    }

    #[test]
    fn r07_other_names_of_authorization_and_length_are_removed() {
        for name in [
            "Cgi-Authorization",
            "Proxy-Authorization",
            "X-Original-Authorization",
            "Content_Length",
            "Content.Length",
        ] {
            assert!(!passes(name), "{name}");
        }
    }

    #[test]
    fn r10_headers_that_rewrite_the_request_are_removed() {
        for name in [
            "X-HTTP-Method-Override",
            "X-Rewrite-URL",
            "X-Original-URL",
            "x-envoy-original-path",
            "X_Method_Override",
        ] {
            assert!(!passes(name), "{name}");
        }
    }

    #[test]
    fn headers_that_carry_keys_are_removed_in_every_spelling() {
        for name in ["X-Secret-Key", "x_secret_key", "x.secret.key"] {
            assert!(!passes(name), "{name}");
        }
    }

    #[test]
    fn other_headers_pass_as_they_are() {
        for name in [
            "Accept",
            "Content-Length",
            "Cookie",
            "X-Custom",
            "x_custom_name",
            "Traceparent",
            "Idempotency-Key",
        ] {
            assert!(passes(name), "{name}");
        }
    }
}
