//! The two cookies: one of a session, one of an attempt to sign in elsewhere.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Of a session. `Strict`: no other site can make the browser send it.
    Session,
    /// Of an attempt. `Lax`: the browser comes back from the provider's site by following a link.
    Attempt,
}

impl Cookie {
    /// With TLS the name begins with `__Host-`, so that browsers take it from nobody but this host and over TLS
    /// (RFC 6265bis §4.1.3.2).
    pub(crate) fn name(self, is_secure: bool) -> &'static str {
        match (self, is_secure) {
            (Self::Session, true) => "__Host-mintgate-session",
            (Self::Session, false) => "mintgate-session",
            (Self::Attempt, true) => "__Host-mintgate-sign-in",
            (Self::Attempt, false) => "mintgate-sign-in",
        }
    }

    /// The line that sets it.
    pub(crate) fn set(self, value: &str, is_secure: bool, lifetime: Duration) -> HeaderValue {
        let same_site = match self {
            Self::Session => "Strict",
            Self::Attempt => "Lax",
        };
        let secure = if is_secure { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite={same_site}{secure}",
            self.name(is_secure),
            lifetime.as_secs()
        );
        let mut line = HeaderValue::from_str(&text).expect("values are base64url and dots");
        line.set_sensitive(true);
        line
    }

    /// The line that removes it.
    pub(crate) fn clear(self, is_secure: bool) -> HeaderValue {
        self.set("", is_secure, Duration::ZERO)
    }

    /// Its value in a request. Of two with the name, neither: one of them was planted.
    pub(crate) fn find(self, headers: &HeaderMap, is_secure: bool) -> Option<&str> {
        let name = self.name(is_secure);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(given, _)| *given == name)
            .map(|(_, value)| value);
        match (found.next(), found.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = headers(&["a=b; mintgate-session=one ; c=d", "e=f"]);
        assert_eq!(Cookie::Session.find(&headers, false), Some("one"));
        assert_eq!(Cookie::Session.find(&headers, true), None);
        assert_eq!(Cookie::Attempt.find(&headers, false), None);
    }

    #[test]
    fn of_two_cookies_with_one_name_neither_is_believed() {
        let headers = headers(&["mintgate-session=one; mintgate-session=two"]);
        assert_eq!(Cookie::Session.find(&headers, false), None);
    }

    #[test]
    fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
        let line = Cookie::Session.set("abc", true, Duration::from_mins(1));
        assert!(line.is_sensitive());
        assert_eq!(
            line.to_str().expect("text"),
            "__Host-mintgate-session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        let line = Cookie::Attempt.clear(false);
        assert_eq!(
            line.to_str().expect("text"),
            "mintgate-sign-in=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }
}
