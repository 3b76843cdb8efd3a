//! One client connection, from accepted to closed.

mod chunked;
mod framing;
mod state;
mod stream;

use std::{net::SocketAddr, pin::pin, rc::Rc};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::watch};

pub use self::{framing::HeadLimits, stream::ClientTimeouts};
pub(crate) use self::{framing::Violation, state::ConnectionState};
use crate::{request::Gate, stack};

/// Serves requests until the client goes, misbehaves, or `stopping` turns true and the request under way is done.
pub(crate) async fn serve(
    socket: TcpStream,
    peer: SocketAddr,
    gate: Rc<Gate>,
    mut stopping: watch::Receiver<bool>,
) {
    let state = Rc::new(ConnectionState::new(peer));
    let config = gate.config();
    let stream = stream::StrictStream::new(socket, config.head, config.client, Rc::clone(&state));
    let service = service_fn(|request| stack::answer(&gate, &state, request));
    let mut connection = pin!(
        http1::Builder::new()
            // The framing reader has the tighter limits and the better answers; these must only not be in its way.
            .max_buf_size(SMALLEST_BUFFER.max(2 * config.head.bytes))
            .max_headers(HeadLimits::MOST_LINES)
            // One flat copy and `write` cost less than `writev` with two slices for the sizes that APIs answer with.
            .writev(false)
            .serve_connection(TokioIo::new(stream), service)
    );
    let mut draining = false;
    loop {
        tokio::select! {
            biased;
            outcome = connection.as_mut() => {
                if let Err(error) = outcome {
                    tracing::debug!(%error, client.address = %peer, "client connection ended early");
                }
                break;
            }
            _ = stopping.wait_for(|stopping| *stopping), if !draining => {
                draining = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// hyper reads bodies in pieces of up to this size.
const SMALLEST_BUFFER: usize = 64 * 1024;
