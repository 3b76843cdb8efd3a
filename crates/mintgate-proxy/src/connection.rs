//! One client connection, from accepted to closed.

mod chunked;
mod framing;
#[cfg(fuzzing)]
mod fuzzing;
mod state;
mod stream;

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    rc::Rc,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

#[cfg(fuzzing)]
pub use self::fuzzing::requests;
pub use self::{framing::HeadLimits, stream::ClientTimeouts};
pub(crate) use self::{framing::Violation, state::ConnectionState};
use crate::{gates::Gates, open::Entered, stack};

/// Serves requests until the client goes, misbehaves, or the worker stops and the request under way is done.
pub(crate) async fn serve(socket: TcpStream, peer: SocketAddr, gates: Rc<Gates>, entered: Entered) {
    let state = Rc::new(ConnectionState::new(peer));
    let gate = gates.current();
    let config = gate.config();
    let stream = stream::StrictStream::new(socket, config.head, config.client, Rc::clone(&state));
    let service = service_fn(|request| stack::answer(gates.current(), &state, request));
    let mut connection = pin!(
        http1::Builder::new()
            // The framing reader has the tighter limits and the better answers; these must only not be in its way.
            .max_buf_size(SMALLEST_BUFFER.max(2 * config.head.bytes))
            .max_headers(HeadLimits::MOST_LINES)
            // One flat copy and `write` cost less than `writev` with two slices for the sizes that APIs answer with.
            .writev(false)
            .serve_connection(TokioIo::new(stream), service)
    );
    drop(gate);
    let mut is_known = false;
    let mut draining = false;
    let outcome = poll_fn(|context| {
        if !is_known {
            is_known = true;
            entered.wake_when_stopping(context.waker());
        }
        if !draining && entered.is_stopping() {
            draining = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(context)
    });
    if let Err(error) = outcome.await {
        tracing::debug!(%error, client.address = %peer, "client connection ended early");
    }
}

/// hyper reads bodies in pieces of up to this size.
const SMALLEST_BUFFER: usize = 64 * 1024;
