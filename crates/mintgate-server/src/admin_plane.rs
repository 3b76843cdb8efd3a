//! The listener of the admin API, on a runtime that no worker shares: it answers while they are saturated.
//!
//! Promises: who connects and says nothing, or says it without end, is cut off, before any credential was asked for; there
//! are never more connections than [`MOST_CONNECTIONS`], so that no peer of this listener takes the data plane's; and what
//! was told to stop has stopped after the grace.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tower_service::Service as _;

use crate::lifecycle::Stop;

/// Binds the listener. Its own step, so that a taken address stops the start.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers until it is told to stop, then finishes what is under way, for as long as `grace`.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut stop: Stop, grace: Duration) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = stop.requested() => break,
        };
        // Those that have ended meanwhile.
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok(accepted) => {
                connections.spawn(answer(accepted, router.clone(), stop.clone()));
            }
            // Most often no file is left to open; the next connection may have more luck.
            Err(error) => {
                tracing::warn!(%error, "a management connection could not be taken");
                if stop.requested_within(AFTER_A_FAILURE).await {
                    break;
                }
            }
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, ended).await.is_err() {
        tracing::warn!("management requests were cut off");
    }
}

type Accepted = (TcpStream, SocketAddr, OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> io::Result<Accepted> {
    let permit = Arc::clone(room).acquire_owned().await.expect("nobody closes it");
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

async fn answer((stream, peer, permit): Accepted, router: Router, mut stop: Stop) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        // A router is always ready.
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.requested() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, client.address = %peer.ip(), "a management connection broke");
    }
    drop(permit);
}

/// How long the head of a request may take, counted from the end of the one before.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// People and programs that manage are few.
const MOST_CONNECTIONS: usize = 512;
const AFTER_A_FAILURE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::lifecycle::Lifecycle;

    async fn started() -> (Lifecycle, SocketAddr) {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
        let router = Router::new().route("/", get(peer)).route("/body", post(|_: String| async { "read" }));
        let lifecycle = Lifecycle::new();
        lifecycle.spawn(serve(listener, router, lifecycle.stop(), Duration::from_secs(1)));
        (lifecycle, address)
    }

    async fn sent(address: SocketAddr, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        stream.write_all(text.as_bytes()).await.expect("sends");
        stream
    }

    async fn heard(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("is closed in order");
        text
    }

    #[tokio::test]
    async fn a_request_is_answered_and_knows_its_peer() {
        let (lifecycle, address) = started().await;
        let stream = sent(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        let reply = heard(stream).await;
        assert!(reply.starts_with("HTTP/1.1 200 OK") && reply.ends_with("127.0.0.1"), "{reply}");
        assert!(lifecycle.end(Duration::from_secs(10)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_or_does_not_finish_a_head_is_cut_off() {
        let (_lifecycle, address) = started().await;
        for text in ["", "GET / HTTP/1.1\r\nX: "] {
            let stream = sent(address, text).await;
            let waited = tokio::time::timeout(2 * HEAD_PATIENCE, heard(stream)).await;
            assert_eq!(waited.as_deref(), Ok(""), "{text:?}");
        }
    }

    #[tokio::test]
    async fn who_never_finishes_a_request_does_not_keep_the_process() {
        let (lifecycle, address) = started().await;
        let half = ["GET / HTTP/1.1\r\nX: ", "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"];
        let mut held = Vec::new();
        for text in half {
            held.push(sent(address, text).await);
        }
        // Taken after those two.
        heard(sent(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await).await;
        assert!(lifecycle.end(Duration::from_secs(20)).await);
    }
}
