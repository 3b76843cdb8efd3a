//! Which headers pass the gate, in both directions.
//!
//! Three kinds never pass from a client: those of one connection only (RFC 9110 §7.6.1), those by which origins tell
//! who somebody is or which request they got, and everything that an origin could take for one of these after
//! folding case, `-`, `_` and `.` together. What the gate itself says is written after all of that is gone.

mod copies;
mod forwarded;
mod managed;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use smallvec::SmallVec;

pub(crate) use self::{
    forwarded::{Forwarded, X_REQUEST_ID},
    managed::Managed,
};

/// Takes out what concerns only the client's connection. Whatever `Connection` says, `Host` stays: it is what the
/// request is for. So does `Authorization`, which is replaced later, and until then tells what to look for.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    // Looking each name up would cost a hash apiece; one pass over those that are there costs a comparison.
    let mut doomed: Doomed = headers.keys().filter(|name| is_hop_by_hop(name.as_str())).cloned().collect();
    if doomed.is_empty() {
        return;
    }
    for value in headers.get_all(header::CONNECTION) {
        let tokens = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        let named = tokens.filter_map(|token| HeaderName::from_bytes(token).ok());
        doomed.extend(named.filter(|name| !matches!(*name, header::HOST | header::AUTHORIZATION)));
    }
    for name in doomed {
        headers.remove(name);
    }
}

/// The same for trailers, which moreover may not change how the message is read or who sent it (RFC 9110 §6.5.1).
pub(crate) fn strip_trailers(trailers: &mut HeaderMap) {
    let doomed: Doomed =
        trailers.keys().filter(|name| !managed::may_be_trailer(name.as_str())).cloned().collect();
    for name in doomed {
        trailers.remove(name);
    }
}

/// What of a client's headers asks the gate for something. One pass, before [`strip_hop_by_hop`].
#[derive(Default)]
pub(crate) struct Asked {
    /// `Expect`, whatever it expects.
    pub(crate) expects: bool,
    /// `TE: trailers`.
    pub(crate) takes_trailers: bool,
}

impl Asked {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut asked = Self::default();
        for (name, value) in headers {
            asked.expects |= *name == header::EXPECT;
            asked.takes_trailers |=
                *name == header::TE && value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"trailers");
        }
        asked
    }
}

/// Asks the origin for trailers.
pub(crate) fn ask_for_trailers(headers: &mut HeaderMap) {
    headers.insert(header::TE, HeaderValue::from_static("trailers"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("te"));
}

fn is_hop_by_hop(name: &str) -> bool {
    // Most names begin with another letter: one comparison for those.
    matches!(name.as_bytes().first(), Some(b'c' | b'h' | b'k' | b'p' | b't' | b'u'))
        && matches!(
            name,
            "connection"
                | "http2-settings"
                | "keep-alive"
                | "proxy-authenticate"
                | "proxy-authentication-info"
                | "proxy-authorization"
                | "proxy-connection"
                | "te"
                | "transfer-encoding"
                | "upgrade"
        )
}

/// Headers about to be removed; seldom more than a few.
type Doomed = SmallVec<[HeaderName; 4]>;

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                (name.parse::<HeaderName>().expect("a name"), value.parse::<HeaderValue>().expect("a value"))
            })
            .collect()
    }

    #[test]
    fn what_connection_names_is_removed_but_for_what_the_gate_still_needs() {
        let kept = [("host", "a"), ("authorization", "Bearer x"), ("accept", "*/*")];
        let mut map = headers(&kept);
        map.extend(headers(&[("connection", "close, X-Hop , host, Authorization"), ("x-hop", "1")]));
        strip_hop_by_hop(&mut map);
        assert_eq!(map, headers(&kept));
    }

    #[test]
    fn trailers_may_not_bring_in_what_headers_may_not() {
        let mut map = headers(&[("authorization", "Bearer x"), ("content_length", "3"), ("x-checksum", "1")]);
        strip_trailers(&mut map);
        assert_eq!(map, headers(&[("x-checksum", "1")]));
    }
}
