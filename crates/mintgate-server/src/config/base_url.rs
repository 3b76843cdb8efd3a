//! URLs of which only scheme, host and port count.

use std::{fmt, net::IpAddr, str::FromStr};

use http::Uri;
use mintgate_policy::HostName;
use serde_json::{Value as Json, json};

use super::setting::TextSetting;

/// `http` or `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

/// An http or https URL without user, path, query and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: Scheme,
    host: HostName,
    port: u16,
}

/// Text that is no such URL. It never repeats the text, in which a password could stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBaseUrl {
    /// Another scheme, or none.
    #[error("a URL must begin with `http://` or `https://`")]
    Scheme,
    /// Not a host, perhaps with a port.
    #[error("the URL's host or port is none")]
    Host,
    /// A user or password.
    #[error("a URL may not hold a user or a password")]
    User,
    /// A path, query or fragment.
    #[error("the URL must end after host and port")]
    Path,
}

impl BaseUrl {
    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host; IPv6 addresses in brackets.
    #[must_use]
    pub fn host(&self) -> &HostName {
        &self.host
    }

    /// The port, that of the scheme if none was written.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as a `Host` header says them: without the port that the scheme implies.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == self.scheme.port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Whether it leads to this machine and nowhere else.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host.as_str();
        host == "localhost"
            || host.ends_with(".localhost")
            || self.address().is_some_and(|address| address.is_loopback())
    }

    /// The host, if it is an address.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.host.as_str().trim_matches(['[', ']']).parse().ok()
    }
}

impl Scheme {
    /// As a URL begins.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that it implies.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let (scheme, rest) = match text.split_once("://") {
            Some(("http", rest)) => (Scheme::Http, rest),
            Some(("https", rest)) => (Scheme::Https, rest),
            _ => return Err(InvalidBaseUrl::Scheme),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(InvalidBaseUrl::Path);
        }
        if authority.contains('@') {
            return Err(InvalidBaseUrl::User);
        }
        let uri: Uri = authority.parse().map_err(|_| InvalidBaseUrl::Host)?;
        let authority = uri.authority().ok_or(InvalidBaseUrl::Host)?;
        let host = authority.host().parse().map_err(|_| InvalidBaseUrl::Host)?;
        let has_port = authority.as_str().len() > authority.host().len();
        let port = match (authority.port_u16(), has_port) {
            (Some(port), _) if port > 0 => port,
            (None, false) => scheme.port(),
            _ => return Err(InvalidBaseUrl::Host),
        };
        Ok(Self { scheme, host, port })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

impl TextSetting for BaseUrl {
    fn from_text(text: &str) -> Result<Self, (String, Option<String>)> {
        text.parse().map_err(|error: InvalidBaseUrl| {
            let hint = "write scheme, host and port only, such as `http://127.0.0.1:8000`".to_owned();
            (error.to_string(), Some(hint))
        })
    }

    fn shape() -> Json {
        json!({ "pattern": "^https?://[^/?#@]+/?$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_has_scheme_host_and_port_only() {
        for (text, shown) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("https://API.example.com/", "https://api.example.com"),
            ("https://a:443", "https://a"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(text.parse::<BaseUrl>().expect(text).to_string(), shown);
        }
        for (text, error) in [
            ("127.0.0.1:8000", InvalidBaseUrl::Scheme),
            ("ftp://a", InvalidBaseUrl::Scheme),
            ("http://", InvalidBaseUrl::Host),
            ("http://a:0", InvalidBaseUrl::Host),
            ("http://a:99999", InvalidBaseUrl::Host),
            ("http://a:", InvalidBaseUrl::Host),
            ("http://a b", InvalidBaseUrl::Host),
            ("http://a/b", InvalidBaseUrl::Path),
            ("http://a?b", InvalidBaseUrl::Path),
            ("http://a#b", InvalidBaseUrl::Path),
            ("http://me:secret@a", InvalidBaseUrl::User),
        ] {
            assert_eq!(text.parse::<BaseUrl>().expect_err(text), error, "{text}");
        }
    }

    #[test]
    fn loopback_is_told_from_the_network() {
        for (text, expected) in [
            ("http://localhost:8080", true),
            ("http://127.3.2.1", true),
            ("http://[::1]", true),
            ("http://api.example.com", false),
            ("http://0.0.0.0", false),
        ] {
            assert_eq!(text.parse::<BaseUrl>().expect(text).is_loopback(), expected, "{text}");
        }
    }
}
