//! One data-plane thread: its own runtime, listeners, routes and origin connections.

use std::{
    cell::Cell,
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use mintgate_exchange::Exchange;
use mintgate_policy::Routes;
use mintgate_signing::Issuer;
use mintgate_types::{BufferedEntropy, OsEntropy};
use tokio::{
    runtime::{Builder, LocalOptions},
    sync::{Notify, watch},
    task::spawn_local,
};

use crate::{
    config::{GateConfig, OriginConfig},
    connection,
    documents::Documents,
    origin::Origin,
    request::{Gate, GateDeps},
    ticks::Ticks,
};

/// What a worker is made from; all of it can be sent to its thread.
pub(crate) struct Blueprint {
    pub(crate) listeners: Vec<TcpListener>,
    pub(crate) routes: Routes,
    pub(crate) origins: Vec<OriginConfig>,
    pub(crate) gate: GateConfig,
    pub(crate) most_connections: usize,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Serves until `stopping` turns true and every request under way is done. The thread that calls this is the worker.
pub(crate) fn run(blueprint: Blueprint) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    runtime.block_on(serve(blueprint))
}

async fn serve(blueprint: Blueprint) -> io::Result<()> {
    let Blueprint { listeners, routes, origins, gate, most_connections, exchange, issuer, stopping } =
        blueprint;
    let documents = Documents::new(issuer, &gate.issuer_path);
    let ticks = Ticks::new();
    let origin = |config| Origin::new(config, Rc::clone(&ticks));
    let origins: Vec<Rc<Origin>> = origins.into_iter().map(origin).collect();
    let deps = GateDeps {
        exchange,
        documents,
        origins: origins.clone(),
        ids: BufferedEntropy::new(Arc::new(OsEntropy)),
    };
    let gate = Rc::new(Gate::new(gate, routes, deps));
    let open =
        Rc::new(OpenConnections { count: Cell::new(0), most: most_connections, changed: Notify::new() });
    spawn_local(async move { ticks.count().await });
    spawn_local(prune(origins));
    let mut accepting = Vec::new();
    for listener in listeners {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        accepting.push(spawn_local(accept(listener, Rc::clone(&gate), Rc::clone(&open), stopping.clone())));
    }
    for task in accepting {
        task.await.map_err(io::Error::other)?;
    }
    open.wait_until_none().await;
    Ok(())
}

async fn accept(
    listener: tokio::net::TcpListener,
    gate: Rc<Gate>,
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
            Ok((socket, peer)) => begin(socket, peer, &gate, &open, &stopping),
            Err(error) => {
                // Out of descriptors, mostly. The connection stays in the queue; going on at once would spin.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn begin(
    socket: tokio::net::TcpStream,
    peer: SocketAddr,
    gate: &Rc<Gate>,
    open: &Rc<OpenConnections>,
    stopping: &watch::Receiver<bool>,
) {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before it was served");
        return;
    }
    let (gate, stopping, guard) = (Rc::clone(gate), stopping.clone(), open.enter());
    spawn_local(async move {
        connection::serve(socket, peer, gate, stopping).await;
        drop(guard);
    });
}

/// Closes origin connections that nobody uses.
async fn prune(origins: Vec<Rc<Origin>>) {
    let mut ticks = tokio::time::interval(PRUNE_EVERY);
    loop {
        ticks.tick().await;
        for origin in &origins {
            origin.prune();
        }
    }
}

/// How many client connections a worker has.
struct OpenConnections {
    count: Cell<usize>,
    most: usize,
    changed: Notify,
}

struct Entered(Rc<OpenConnections>);

impl OpenConnections {
    fn has_room(&self) -> bool {
        self.count.get() < self.most
    }

    /// Pending while there is room: it is for those who found none.
    async fn wait_for_room(&self) {
        if self.has_room() {
            std::future::pending::<()>().await;
        }
        while !self.has_room() {
            self.changed.notified().await;
        }
    }

    async fn wait_until_none(&self) {
        while self.count.get() > 0 {
            self.changed.notified().await;
        }
    }

    fn enter(self: &Rc<Self>) -> Entered {
        self.count.set(self.count.get() + 1);
        Entered(Rc::clone(self))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.count.set(self.0.count.get() - 1);
        self.0.changed.notify_one();
    }
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const PRUNE_EVERY: Duration = Duration::from_secs(1);
