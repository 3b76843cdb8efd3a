//! The data plane as a whole: its workers, started and stopped together.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use mintgate_exchange::Exchange;
use mintgate_signing::Issuer;
use tokio::sync::{mpsc as channel, watch};

use crate::{
    config::{ProxyConfig, Settings},
    listen,
    usage::Counted,
    worker::{self, Announced, Blueprint},
};

/// A running data plane.
pub struct Proxy {
    addresses: Vec<SocketAddr>,
    settings: watch::Sender<Announced>,
    stopping: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
    /// One message from each worker that has ended.
    ended: mpsc::Receiver<()>,
}

/// What a data plane works with.
pub struct ProxyDeps {
    /// Turns keys into tokens.
    pub exchange: Arc<Exchange>,
    /// The signing keys, to be published.
    pub issuer: Arc<Issuer>,
    /// Takes what workers counted. One that is full makes them keep it, and count only keys that they know.
    pub collector: channel::Sender<Counted>,
}

/// Why a data plane did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// An address that cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The system gives no thread.
    #[error("cannot start a worker")]
    Worker(#[source] io::Error),
}

/// How a data plane came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Every request under way was answered.
    Drained,
    /// Some were cut off: the grace was over.
    CutOff,
}

impl Proxy {
    /// Binds all listeners, then starts the workers. Nothing runs if this fails.
    pub fn start(config: ProxyConfig, deps: &ProxyDeps) -> Result<Self, StartError> {
        let workers = config.workers.max(1);
        let sets = listen::bind(&config.listen, workers)
            .map_err(|(address, source)| StartError::Listen { address, source })?;
        let addresses =
            sets.iter().take(1).flatten().filter_map(|listener| listener.local_addr().ok()).collect();
        let settings = watch::Sender::new(announce(config.settings).0);
        let stopping = watch::Sender::new(false);
        let (end, ended) = mpsc::channel();
        let mut proxy = Self { addresses, settings, stopping, workers: Vec::new(), ended };
        for (number, listeners) in sets.into_iter().enumerate() {
            let blueprint = Blueprint {
                listeners,
                most_connections: config.connections_per_worker,
                exchange: Arc::clone(&deps.exchange),
                issuer: Arc::clone(&deps.issuer),
                collector: deps.collector.clone(),
                count_interval: config.count_interval,
                settings: proxy.settings.subscribe(),
                stopping: proxy.stopping.subscribe(),
            };
            let end = end.clone();
            let worker = thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
                if let Err(error) = worker::run(blueprint) {
                    tracing::error!(%error, "a worker ended");
                }
                // Nobody listens once the grace is over.
                let _ = end.send(());
            });
            proxy.workers.push(worker.map_err(StartError::Worker)?);
        }
        Ok(proxy)
    }

    /// Where it listens; with port 0 in the configuration, the port that it got.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Puts new settings in force: every request that begins after this returns is treated by them. Requests under way
    /// and connections to origins that stay as they are go on undisturbed.
    pub async fn change(&self, settings: Settings) {
        let (announced, mut taken_up) = announce(settings);
        self.settings.send_replace(announced);
        for _ in &self.workers {
            // A worker that has ended serves nobody.
            let _ = tokio::time::timeout(TAKE_UP_TIME, taken_up.recv()).await;
        }
    }

    /// Stops accepting, lets requests under way finish for as long as `grace`, then cuts off the rest. Blocks.
    #[must_use]
    pub fn stop(self, grace: Duration) -> Stopped {
        self.stopping.send_replace(true);
        let until = Instant::now() + grace;
        for _ in &self.workers {
            if self.ended.recv_timeout(until.saturating_duration_since(Instant::now())).is_err() {
                return Stopped::CutOff;
            }
        }
        Stopped::Drained
    }
}

fn announce(settings: Settings) -> (Announced, channel::UnboundedReceiver<()>) {
    let (taken_up, heard) = channel::unbounded_channel();
    (Announced { settings: Arc::new(settings), taken_up }, heard)
}

/// A worker takes up settings between two requests; one that does not in this time is stuck, and logs will say why.
const TAKE_UP_TIME: Duration = Duration::from_secs(5);
