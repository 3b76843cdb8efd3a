//! The listener of the admin API, on a runtime that no worker shares: it answers while they are saturated.

use std::{io, net::SocketAddr};

use axum::Router;
use tokio::net::TcpListener;

use crate::lifecycle::Stop;

/// Binds the listener. Its own step, so that a taken address stops the start.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers until it is told to stop, then finishes what is under way.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut stop: Stop) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let served =
        axum::serve(listener, service).with_graceful_shutdown(async move { stop.requested().await }).await;
    if let Err(error) = served {
        tracing::error!(%error, "the admin API ended");
    }
}
