//! What the two ends of one connection's handling tell each other: the stream that frames bytes, and the service
//! that answers requests. One thread, so plain cells.

use std::{
    cell::Cell,
    net::{IpAddr, SocketAddr},
};

use http::HeaderValue;
use tokio::time::Instant;

use super::framing::Violation;

/// The state of one client connection.
pub(crate) struct ConnectionState {
    peer: IpAddr,
    /// The same, as a header's value: for most requests all of `X-Forwarded-For`.
    peer_value: HeaderValue,
    /// Heads that the stream passed on.
    heads: Cell<u64>,
    /// Requests that the service was called with.
    calls: Cell<u64>,
    /// The number of the head that was replaced, and why.
    refused_head: Cell<Option<(u64, Violation)>>,
    refused_body: Cell<Option<Violation>>,
    /// Since when no request is under way.
    idle_since: Cell<Option<Instant>>,
}

impl ConnectionState {
    pub(crate) fn new(peer: SocketAddr) -> Self {
        let peer = peer.ip().to_canonical();
        Self {
            peer,
            peer_value: HeaderValue::try_from(peer.to_string()).expect("an address is ASCII"),
            heads: Cell::new(0),
            calls: Cell::new(0),
            refused_head: Cell::new(None),
            refused_body: Cell::new(None),
            idle_since: Cell::new(Some(Instant::now())),
        }
    }

    /// Whom the connection is with.
    pub(crate) fn peer(&self) -> IpAddr {
        self.peer
    }

    /// The same, as a header's value.
    pub(crate) fn peer_value(&self) -> &HeaderValue {
        &self.peer_value
    }

    pub(super) fn count_heads(&self, heads: u64) {
        self.heads.set(self.heads.get() + heads);
    }

    pub(super) fn refuse_next_head(&self, violation: Violation) {
        self.refused_head.set(Some((self.heads.get() + 1, violation)));
    }

    pub(super) fn refuse_body(&self, violation: Violation) {
        self.refused_body.set(Some(violation));
    }

    /// Notes the beginning of a request; says why it was refused, if the stream refused it. Heads before a refused
    /// one may still wait to be answered, hence the counting.
    pub(crate) fn begin_request(&self) -> Option<Violation> {
        let call = self.calls.get() + 1;
        self.calls.set(call);
        self.idle_since.set(None);
        self.refused_head.get().filter(|(head, _)| *head == call).map(|(_, violation)| violation)
    }

    /// Why the body of the request under way was refused, if it was.
    pub(crate) fn body_violation(&self) -> Option<Violation> {
        self.refused_body.get()
    }

    pub(crate) fn end_request(&self) {
        self.idle_since.set(Some(Instant::now()));
    }

    pub(super) fn idle_since(&self) -> Option<Instant> {
        self.idle_since.get()
    }
}
