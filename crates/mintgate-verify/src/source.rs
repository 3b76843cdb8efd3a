//! Where an issuer's keys come from.

use std::{fmt, path::Path};

use mintgate_jwt::{InvalidJwks, Jwks};
use url::{Host, Url};

/// Where keys come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// An issuer whose discovery document says where its keys are (`OpenID` Connect Discovery, RFC 8414).
    Issuer {
        /// The issuer's name, as its discovery document must state it, byte for byte.
        name: Box<str>,
        /// The name as an address.
        address: SourceUrl,
    },
    /// A JWK set at an address.
    Url(SourceUrl),
    /// A JWK set that is at hand and never changes. For tests, tools and air-gapped origins.
    Fixed(Jwks),
}

/// Whether keys may be fetched without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainHttp {
    /// From this machine only.
    LoopbackOnly,
    /// From anywhere: whoever is on the way can then issue tokens. For networks that encrypt by other means.
    AllowedAnywhere,
}

/// An address that keys may be fetched from.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceUrl {
    url: Url,
    plain_http: PlainHttp,
}

/// Why something is no source of keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSource {
    /// Not an absolute URL with a host.
    #[error("not an absolute http or https URL")]
    NotAUrl,
    /// Credentials or a fragment, neither of which belongs there.
    #[error("the URL of an issuer's keys has no credentials and no fragment")]
    Superfluous,
    /// `http` to another machine.
    #[error("keys are fetched over https, unless the issuer is on this machine or plain http is allowed")]
    PlainHttp,
    /// A file that cannot be read.
    #[error("reading the key set")]
    File(#[source] std::io::Error),
    /// A file that is no JWK set.
    #[error("the file is no JWK set")]
    Jwks(#[source] InvalidJwks),
}

impl KeySource {
    /// The issuer of this name, found by discovery.
    pub fn issuer(name: &str, plain_http: PlainHttp) -> Result<Self, InvalidSource> {
        Ok(Self::Issuer { name: name.into(), address: SourceUrl::parse(name, plain_http)? })
    }

    /// The JWK set at this address.
    pub fn url(address: &str, plain_http: PlainHttp) -> Result<Self, InvalidSource> {
        SourceUrl::parse(address, plain_http).map(Self::Url)
    }

    /// The JWK set in this text.
    pub fn json(text: &[u8]) -> Result<Self, InvalidSource> {
        Jwks::parse(text).map(Self::Fixed).map_err(InvalidSource::Jwks)
    }

    /// The JWK set in this file, read once.
    pub fn file(path: &Path) -> Result<Self, InvalidSource> {
        let text = std::fs::read(path).map_err(InvalidSource::File)?;
        Self::json(&text)
    }

    /// A set's address if it begins like one, else a file's path.
    pub fn url_or_file(place: &str) -> Result<Self, InvalidSource> {
        let begins = |scheme: &str| {
            place.split_at_checked(scheme.len()).is_some_and(|(start, _)| start.eq_ignore_ascii_case(scheme))
        };
        if begins("http://") || begins("https://") {
            Self::url(place, PlainHttp::LoopbackOnly)
        } else {
            Self::file(Path::new(place))
        }
    }
}

impl SourceUrl {
    /// An address: https, or http as far as `plain_http` allows it.
    pub fn parse(text: &str, plain_http: PlainHttp) -> Result<Self, InvalidSource> {
        let url = Url::parse(text).map_err(|_| InvalidSource::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(InvalidSource::NotAUrl);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(InvalidSource::Superfluous);
        }
        let is_private =
            url.scheme() == "https" || is_loopback(&url) || plain_http == PlainHttp::AllowedAnywhere;
        if is_private { Ok(Self { url, plain_http }) } else { Err(InvalidSource::PlainHttp) }
    }

    /// Another address under the same rule about plain http.
    pub(crate) fn sibling(&self, text: &str) -> Result<Self, InvalidSource> {
        Self::parse(text, self.plain_http)
    }

    /// The discovery documents of an issuer of this address: the one of `OpenID` Connect, a suffix, then the one
    /// of RFC 8414, which goes between host and path.
    pub(crate) fn discovery(&self) -> [Self; 2] {
        let path = self.url.path().trim_end_matches('/');
        [
            format!("{path}/.well-known/openid-configuration"),
            format!("/.well-known/oauth-authorization-server{path}"),
        ]
        .map(|path| {
            let mut url = self.url.clone();
            url.set_path(&path);
            Self { url, plain_http: self.plain_http }
        })
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }
}

impl fmt::Debug for SourceUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SourceUrl({})", self.url)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        for good in
            ["https://a.example/x", "http://localhost:8080/", "http://127.1.2.3/", "http://[::1]:9/jwks"]
        {
            assert!(SourceUrl::parse(good, PlainHttp::LoopbackOnly).is_ok(), "{good}");
        }
        for bad in
            ["http://a.example/", "http://localhost.evil.example/", "http://10.0.0.1/", "http://0.0.0.0/"]
        {
            let error = SourceUrl::parse(bad, PlainHttp::LoopbackOnly).expect_err(bad);
            assert!(matches!(error, InvalidSource::PlainHttp), "{bad}");
            assert!(SourceUrl::parse(bad, PlainHttp::AllowedAnywhere).is_ok(), "{bad}");
        }
        for bad in ["ftp://a/", "file:///etc/passwd", "a.example", "/jwks", "", "https://"] {
            assert!(SourceUrl::parse(bad, PlainHttp::AllowedAnywhere).is_err(), "{bad}");
        }
        assert!(SourceUrl::parse("https://user:secret@a.example/", PlainHttp::LoopbackOnly).is_err());
    }

    #[test]
    fn discovery_goes_after_the_path_and_then_before_it() {
        let issuer = SourceUrl::parse("https://a.example/x/y", PlainHttp::LoopbackOnly).expect("an address");
        let [first, second] = issuer.discovery();
        assert_eq!(first.as_str(), "https://a.example/x/y/.well-known/openid-configuration");
        assert_eq!(second.as_str(), "https://a.example/.well-known/oauth-authorization-server/x/y");
        let root = SourceUrl::parse("https://a.example/", PlainHttp::LoopbackOnly).expect("an address");
        assert_eq!(root.discovery()[0].as_str(), "https://a.example/.well-known/openid-configuration");
        assert_eq!(root.discovery()[1].as_str(), "https://a.example/.well-known/oauth-authorization-server");
    }

    #[test]
    fn a_place_is_an_address_or_a_file() {
        assert!(matches!(KeySource::url_or_file("https://a.example/jwks"), Ok(KeySource::Url(_))));
        assert!(matches!(KeySource::url_or_file("HTTP://a.example/jwks"), Err(InvalidSource::PlainHttp)));
        assert!(matches!(KeySource::url_or_file("no/such/file"), Err(InvalidSource::File(_))));
        assert!(matches!(KeySource::json(b"{}"), Err(InvalidSource::Jwks(_))));
        assert!(matches!(KeySource::json(b"{\"keys\":[]}"), Ok(KeySource::Fixed(_))));
    }
}
