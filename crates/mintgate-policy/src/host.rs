//! Hosts: which of them a route is for, and how a request's is compared.
//!
//! Case, a trailing dot and the port play no part. The port is ignored whatever it is: whoever sends the request
//! chooses what stands there, so it must not decide between a strict route and a lax one.

use std::{fmt, io::Write as _, net::Ipv6Addr, str::FromStr};

/// A host that a route is for: a name, an IPv4 address or an IPv6 address in brackets, in small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Box<str>);

/// Text that is not a host of a route.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHost {
    /// A `*`, which has no meaning here.
    #[error("a host may not have wildcards: list each host, or leave out `hosts` for any")]
    Wildcard,
    /// A port behind it.
    #[error("a host of a route has no port: ports play no part in matching")]
    Port,
    /// Anything else.
    #[error("a host must be a name or an address, without scheme or path")]
    Malformed,
}

impl HostName {
    /// The host in its one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        if text.contains('*') {
            return Err(InvalidHost::Wildcard);
        }
        let mut buffer = HostBuffer::new();
        let canonical = buffer.canonical(text).ok_or(InvalidHost::Malformed)?;
        let has_port = if text.starts_with('[') { !text.ends_with(']') } else { text.contains(':') };
        if has_port { Err(InvalidHost::Port) } else { Ok(Self(canonical.into())) }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Room on the stack for the one spelling of a host, so that comparing allocates nothing.
pub(crate) struct HostBuffer([u8; LONGEST]);

impl HostBuffer {
    pub(crate) fn new() -> Self {
        Self([0; LONGEST])
    }

    /// The one spelling of `host`, a `Host` header's value; `None` for what is none.
    pub(crate) fn canonical(&mut self, host: &str) -> Option<&str> {
        if host.starts_with('[') { self.address(host) } else { self.name(host) }
    }

    fn name(&mut self, host: &str) -> Option<&str> {
        let (name, port) = host.split_once(':').unwrap_or((host, ""));
        let name = name.strip_suffix('.').unwrap_or(name);
        let target = self.0.get_mut(..name.len())?;
        let mut previous = b'.';
        for (slot, byte) in target.iter_mut().zip(name.bytes()) {
            *slot = HOST_BYTES[usize::from(byte)];
            if *slot == 0 || (byte == b'.' && previous == b'.') {
                return None;
            }
            previous = byte;
        }
        let whole = !name.is_empty() && previous != b'.' && is_port(port);
        whole.then(|| std::str::from_utf8(target).expect("the table holds ASCII only"))
    }

    fn address(&mut self, host: &str) -> Option<&str> {
        let (address, port) = host.strip_prefix('[')?.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        let port = if port.is_empty() { port } else { port.strip_prefix(':')? };
        let mut room = &mut self.0[..];
        write!(room, "[{address}]").ok()?;
        let length = LONGEST - room.len();
        is_port(port).then(|| std::str::from_utf8(&self.0[..length]).expect("addresses are ASCII"))
    }
}

fn is_port(text: &str) -> bool {
    text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Names end at 253 bytes (RFC 1035 §2.3.4); nothing longer can be looked up anyway.
const LONGEST: usize = 253;

/// Each byte of a host name as a small letter; zero for what cannot stand in one.
const HOST_BYTES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'.' {
            bytes[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    bytes
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r17_a_host_has_one_spelling() {
        let mut buffer = HostBuffer::new();
        for spelling in ["api.example.com", "API.Example.COM", "api.example.com.", "Api.example.com.:443"] {
            assert_eq!(buffer.canonical(spelling), Some("api.example.com"), "{spelling}");
        }
        for spelling in ["[::1]", "[0:0::1]:8080", "[0:0:0:0:0:0:0:1]:"] {
            assert_eq!(buffer.canonical(spelling), Some("[::1]"), "{spelling}");
        }
    }

    #[test]
    fn r17_what_is_no_host_has_no_spelling() {
        let mut buffer = HostBuffer::new();
        let long = "a".repeat(254);
        for text in [
            "",
            ".",
            "a..b",
            ".a",
            "a..",
            "a b",
            "a/b",
            "user@a",
            "a:b",
            "a:1:2",
            "a:123456",
            "a:+1",
            "é.example",
            "::1",
            "[::1",
            "[::1]x",
            "[fe80::1%25eth0]",
            "[a]",
            "%61",
            "a,b",
            "a\\b",
            &long,
        ] {
            assert_eq!(buffer.canonical(text), None, "{text}");
        }
    }

    #[test]
    fn a_route_host_with_a_port_or_a_wildcard_says_what_to_do() {
        assert_eq!("a.example:8443".parse::<HostName>(), Err(InvalidHost::Port));
        assert_eq!("[::1]:80".parse::<HostName>(), Err(InvalidHost::Port));
        assert_eq!("*.example".parse::<HostName>(), Err(InvalidHost::Wildcard));
        assert_eq!("https://a.example".parse::<HostName>(), Err(InvalidHost::Malformed));
        assert_eq!("A.Example.".parse::<HostName>().expect("a name").as_str(), "a.example");
    }
}
