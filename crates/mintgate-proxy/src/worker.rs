//! One data-plane thread: its own runtime, listeners, routes and origin connections.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use mintgate_exchange::Exchange;
use mintgate_signing::Issuer;
use mintgate_types::{BufferedEntropy, OsEntropy};
use tokio::{
    runtime::{Builder, LocalOptions},
    sync::{mpsc, watch},
    task::spawn_local,
};

use crate::{
    config::Settings,
    connection,
    documents::Documents,
    gates::Gates,
    open::OpenConnections,
    origin::Origins,
    request::{Gate, GateDeps},
    ticks::Ticks,
    usage::{self, Counted, Counters},
};

/// What a worker is made from; all of it can be sent to its thread.
pub(crate) struct Blueprint {
    pub(crate) listeners: Vec<TcpListener>,
    pub(crate) most_connections: usize,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) issuer: Arc<Issuer>,
    /// Takes what was counted, every `count_interval`.
    pub(crate) collector: mpsc::Sender<Counted>,
    pub(crate) count_interval: Duration,
    /// Changes while the worker runs.
    pub(crate) settings: watch::Receiver<Announced>,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Settings, and where to say that they are in force.
#[derive(Clone)]
pub(crate) struct Announced {
    pub(crate) settings: Arc<Settings>,
    pub(crate) taken_up: mpsc::UnboundedSender<()>,
}

/// Serves until `stopping` turns true and every request under way is done. The thread that calls this is the worker.
pub(crate) fn run(blueprint: Blueprint) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    runtime.block_on(serve(blueprint))
}

async fn serve(blueprint: Blueprint) -> io::Result<()> {
    let Blueprint { listeners, most_connections, exchange, issuer, settings, stopping, .. } = blueprint;
    let counters = Counters::new(blueprint.collector, exchange.now());
    let ticks = Ticks::new();
    let origins = Origins::new(Rc::clone(&ticks));
    let foundry = Foundry { exchange, issuer, origins, counters: Rc::clone(&counters) };
    let gates = Gates::new(foundry.cast(&settings.borrow().settings));
    let open = OpenConnections::new(most_connections);
    spawn_local(async move { ticks.count().await });
    spawn_local(prune(foundry.origins.clone()));
    spawn_local(usage::hand_over(Rc::clone(&counters), blueprint.count_interval, stopping.clone()));
    spawn_local(follow(settings, foundry, Rc::clone(&gates)));
    let mut accepting = Vec::new();
    for listener in listeners {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        accepting.push(spawn_local(accept(listener, Rc::clone(&gates), Rc::clone(&open), stopping.clone())));
    }
    for task in accepting {
        task.await.map_err(io::Error::other)?;
    }
    open.stop();
    open.wait_until_none().await;
    counters.hand_over();
    Ok(())
}

/// Makes gates from settings.
struct Foundry {
    exchange: Arc<Exchange>,
    issuer: Arc<Issuer>,
    origins: Origins,
    counters: Rc<Counters>,
}

impl Foundry {
    fn cast(&self, settings: &Settings) -> Gate {
        let deps = GateDeps {
            exchange: Arc::clone(&self.exchange),
            documents: Documents::new(Arc::clone(&self.issuer), &settings.gate.issuer_path),
            origins: self.origins.take_up(&settings.origins),
            ids: BufferedEntropy::new(Arc::new(OsEntropy)),
            counters: Rc::clone(&self.counters),
        };
        Gate::new(settings.gate.clone(), settings.routes.for_worker(), deps)
    }
}

/// Puts every new setting in force for the requests that start afterwards.
async fn follow(mut settings: watch::Receiver<Announced>, foundry: Foundry, gates: Rc<Gates>) {
    while settings.changed().await.is_ok() {
        let announced = settings.borrow_and_update().clone();
        gates.replace(foundry.cast(&announced.settings));
        // Whoever announced them may have stopped waiting.
        let _ = announced.taken_up.send(());
    }
}

async fn accept(
    listener: tokio::net::TcpListener,
    gates: Rc<Gates>,
    open: Rc<OpenConnections>,
    mut stopping: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = open.wait_for_room() => continue,
            accepted = listener.accept(), if open.has_room() => accepted,
        };
        match accepted {
            Ok((socket, peer)) => begin(socket, peer, &gates, &open),
            Err(error) => {
                // Out of descriptors, mostly. The connection stays in the queue; going on at once would spin.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn begin(socket: tokio::net::TcpStream, peer: SocketAddr, gates: &Rc<Gates>, open: &Rc<OpenConnections>) {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before it was served");
        return;
    }
    spawn_local(connection::serve(socket, peer, Rc::clone(gates), open.enter()));
}

/// Closes origin connections that nobody uses.
async fn prune(origins: Origins) {
    let mut pauses = tokio::time::interval(PRUNE_EVERY);
    loop {
        pauses.tick().await;
        origins.prune();
    }
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const PRUNE_EVERY: Duration = Duration::from_secs(1);
