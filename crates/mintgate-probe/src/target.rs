//! Whom the requests go to. Looked up once and kept: a name that changes its mind leads nowhere else.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};

use url::Url;

/// An origin that may be attacked.
#[derive(Debug, Clone)]
pub struct Target {
    url: Url,
    address: SocketAddr,
}

/// Whether an origin outside of loopback and private networks may be attacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Loopback and private addresses only.
    PrivateOnly,
    /// Any address: whoever asks says that they may.
    Anywhere,
}

/// Why there is nobody to attack.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTarget {
    /// It is not an address of HTTP.
    #[error("expected http://HOST[:PORT]/PATH or https://…, without user, query and fragment")]
    NotHttp,
    /// The name leads nowhere.
    #[error("no address is known for {host}")]
    Unknown {
        /// What was looked up.
        host: String,
    },
    /// It belongs to everybody's network.
    #[error("{address} is not a loopback or private address: attack it only if it is yours")]
    Public {
        /// Where the name leads.
        address: IpAddr,
    },
}

impl Target {
    /// Looks an origin up. Refuses public addresses unless told otherwise.
    pub fn resolve(text: &str, reach: Reach) -> Result<Self, InvalidTarget> {
        let url: Url = text.parse().map_err(|_| InvalidTarget::NotHttp)?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        let ends = url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_plain || !ends {
            return Err(InvalidTarget::NotHttp);
        }
        let host = url.host_str().ok_or(InvalidTarget::NotHttp)?.to_owned();
        let port = url.port_or_known_default().ok_or(InvalidTarget::NotHttp)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = (bare, port).to_socket_addrs().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        // Servers of developers listen on IPv4 more often than not.
        let address = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
        let address = *address.ok_or(InvalidTarget::Unknown { host })?;
        if reach == Reach::PrivateOnly && !is_private(address.ip()) {
            return Err(InvalidTarget::Public { address: address.ip() });
        }
        Ok(Self { url, address })
    }

    /// The same origin, another resource.
    #[must_use]
    pub fn with_path(mut self, path: &str) -> Self {
        self.url.set_path(path);
        self
    }

    /// Where connections go.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether TLS is spoken.
    pub(crate) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The name in certificates.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// The value of `Host`.
    pub(crate) fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The path that was named.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }
}

/// Link-local addresses are not: clouds hand out credentials at 169.254.169.254, and at one in `fd00:ec2::/32`.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() && v6.segments()[..2] != [0xfd00, 0xec2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> InvalidTarget {
        Target::resolve(text, Reach::PrivateOnly).expect_err(text)
    }

    #[test]
    fn loopback_and_private_networks_may_be_attacked_and_others_only_on_purpose() {
        for text in ["http://127.0.0.1:1/x", "http://10.1.2.3/", "https://[fd00::1]/", "http://[::1]:8000/x"]
        {
            assert!(Target::resolve(text, Reach::PrivateOnly).is_ok(), "{text}");
        }
        for text in
            ["http://192.0.2.1/", "http://[2001:db8::1]/", "http://[::ffff:192.0.2.1]/", "http://0.0.0.0/"]
        {
            assert!(matches!(refusal(text), InvalidTarget::Public { .. }), "{text}");
            assert!(Target::resolve(text, Reach::Anywhere).is_ok(), "{text}");
        }
    }

    #[test]
    fn where_clouds_hand_out_credentials_is_no_private_network() {
        for text in [
            "http://169.254.169.254/",
            "http://[::ffff:a9fe:a9fe]/",
            "http://[fd00:ec2::254]/",
            "http://[fe80::1]/",
        ] {
            assert!(matches!(refusal(text), InvalidTarget::Public { .. }), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_of_http_is_refused() {
        for text in
            ["", "127.0.0.1", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "http://127.0.0.1/?x", "http://"]
        {
            assert!(matches!(refusal(text), InvalidTarget::NotHttp), "{text}");
        }
    }

    #[test]
    fn the_host_line_has_the_port_only_where_it_is_unusual() {
        let authority = |text| Target::resolve(text, Reach::Anywhere).unwrap().authority();
        assert_eq!(authority("http://127.0.0.1:8000/x"), "127.0.0.1:8000");
        assert_eq!(authority("http://127.0.0.1/"), "127.0.0.1");
        assert_eq!(authority("https://[::1]/"), "[::1]");
    }
}
