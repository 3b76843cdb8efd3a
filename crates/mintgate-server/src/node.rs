//! One running node, from its configuration to its end.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use mintgate_admin::{AdminService, AdminToken, ReceiptSeal, WeakAdminToken};
use mintgate_apikey::Pepper;
use mintgate_exchange::{Exchange, ExchangeConfig, ExchangeDeps, Replica, Snapshot};
use mintgate_proxy::{Proxy, ProxyDeps, StartError, Stopped};
use mintgate_signing::{Issuer, IssuerConfig, SigningError};
use mintgate_store::{Author, Buckets, Conflict, MasterKey, NewBucket, Purpose, StoreError, SystemPart};
use mintgate_store_sqlite::SqliteStore;
use mintgate_types::{BufferedEntropy, Clock, Entropy, OsEntropy, SystemClock};
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    admin_plane,
    config::{Config, SecretError, StoreLocation},
    data_plane, jobs,
    key_judge::ExchangeJudge,
    lifecycle::Lifecycle,
    pages, priority,
    reload::Reloader,
    replica_port::ReplicaPort,
    running_config::ShownConfig,
    sign_in::{self, SignInError},
    signing_control::IssuerControl,
    usage::{self, Recorder},
};

/// Why a node did not start, or could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// A secret that is missing, too short, or open to others.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// An admin token that could be guessed.
    #[error("the admin token is too weak")]
    AdminToken(#[from] WeakAdminToken),
    /// A store that does not open or does not read.
    #[error("the store {}", path.display())]
    Store {
        /// Its file.
        path: PathBuf,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// A console that nobody could sign in to.
    #[error("signing in")]
    SignIn(#[from] SignInError),
    /// Signing keys that cannot be had.
    #[error("the signing keys")]
    Signing(#[from] SigningError),
    /// A data listener that does not start.
    #[error(transparent)]
    DataPlane(#[from] StartError),
    /// The admin listener's address is taken or not ours.
    #[error("cannot listen on {address} for the admin API")]
    AdminListen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The system refuses threads or signals.
    #[error("the system")]
    System(#[from] io::Error),
}

/// Serves until the process is told to stop (SIGTERM, SIGINT), then finishes what is under way and returns. `path` is
/// where `config` was read from: when that file changes, or on SIGHUP, it is read again.
pub fn serve(path: PathBuf, config: Config) -> Result<(), ServeError> {
    priority::take_for_requests();
    let management = config.admin.priority;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(ADMIN_THREADS)
        .thread_name("admin")
        .on_thread_start(move || priority::take_for_management(management))
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(run(path, config));
    // What still runs has had its time.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

async fn run(path: PathBuf, config: Config) -> Result<(), ServeError> {
    // A limit on the size of files is met like a full disk: by an error where something is written, not by the end.
    let _file_too_large = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()))?;
    // Before anything is opened: a signal that comes early must find somebody who listens.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let hangup = signal(SignalKind::hangup())?;
    let node = Node::start(&path, &config).await?;
    tracing::info!(
        data.addresses = ?node.proxy.addresses(),
        admin.address = %node.admin_address,
        issuer = %config.issuer.issuer,
        "serving"
    );
    let mut reloader = Reloader::new(path, config, hangup);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            () = reloader.wanted() => reloader.reload(&node.proxy, &node.judge, &node.shown).await,
        }
    }
    tracing::info!("stopping");
    node.stop(reloader.current().server.shutdown_grace).await;
    Ok(())
}

/// What runs.
struct Node {
    proxy: Proxy,
    admin: AdminService,
    judge: Arc<ExchangeJudge>,
    shown: Arc<ShownConfig>,
    admin_address: SocketAddr,
    lifecycle: Lifecycle,
    recorder: Recorder,
    store: Arc<SqliteStore>,
}

/// What the parts of a node share.
struct Shared {
    store: Arc<SqliteStore>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    issuer: Arc<Issuer>,
    exchange: Arc<Exchange>,
    replica: Arc<Replica>,
    pepper: Arc<Pepper>,
    receipts: Arc<ReceiptSeal>,
}

impl Node {
    /// From the bottom up: nothing answers before everything below it is there.
    async fn start(file: &Path, config: &Config) -> Result<Self, ServeError> {
        let shared = Shared::open(config).await?;
        let address = config.admin.listen;
        let listener =
            admin_plane::bind(address).await.map_err(|source| ServeError::AdminListen { address, source })?;
        let admin_address = listener.local_addr()?;
        let judge = Arc::new(ExchangeJudge::new(Arc::clone(&shared.exchange), config));
        let shown = Arc::new(ShownConfig::new(file, config, Arc::clone(&shared.clock)));
        let admin = shared.admin((config, admin_address), Arc::clone(&judge), Arc::clone(&shown))?;
        let (recorder, collector) = Recorder::start(Arc::<SqliteStore>::clone(&shared.store));
        let (exchange, issuer) = (Arc::clone(&shared.exchange), Arc::clone(&shared.issuer));
        let proxy = Proxy::start(data_plane::config(config), &ProxyDeps { exchange, issuer, collector })?;
        let lifecycle = Lifecycle::new();
        let router = pages::router(Arc::clone(&shared.entropy)).merge(admin.router());
        lifecycle.spawn(admin_plane::serve(listener, router, lifecycle.stop(), ADMIN_GRACE));
        let (issuer, clock) = (Arc::clone(&shared.issuer), Arc::clone(&shared.clock));
        lifecycle.spawn(jobs::rotate_signing_keys(issuer, clock, lifecycle.stop()));
        let (store, clock) = (Arc::<SqliteStore>::clone(&shared.store), Arc::clone(&shared.clock));
        lifecycle.spawn(usage::forget_old_usage(store, clock, lifecycle.stop()));
        let (store, clock) = (Arc::<SqliteStore>::clone(&shared.store), Arc::clone(&shared.clock));
        lifecycle.spawn(jobs::forget_receipts(store, clock, lifecycle.stop()));
        lifecycle.spawn(jobs::sweep_tokens(Arc::clone(&shared.exchange), lifecycle.stop()));
        Ok(Self { proxy, admin, judge, shown, admin_address, lifecycle, recorder, store: shared.store })
    }

    /// From the top down: what callers see goes first.
    async fn stop(self, grace: Duration) {
        let Self { proxy, admin, lifecycle, recorder, store, .. } = self;
        let drained = tokio::task::spawn_blocking(move || proxy.stop(grace)).await;
        if !matches!(drained, Ok(Stopped::Drained)) {
            tracing::warn!("requests were cut off: the grace was over");
        }
        // Workers have handed over what they counted, and count no more.
        recorder.finish().await;
        if !lifecycle.end(ADMIN_GRACE + JOBS_GRACE).await {
            tracing::warn!("a background task did not stop");
        }
        // A change that has begun is carried through.
        admin.finish().await;
        // Everything in one file, which can be copied.
        store.close().await;
    }
}

impl Shared {
    async fn open(config: &Config) -> Result<Self, ServeError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(BufferedEntropy::new(Arc::new(OsEntropy)));
        let master_key = config.store.master_key.master_key()?;
        let StoreLocation::Sqlite(path) = &config.store.location;
        let in_store = |source| ServeError::Store { path: path.clone(), source };
        let snapshot = Arc::new(Snapshot::new(config.claims.clone()));
        let (file, key) = (path.clone(), config.store.master_key.master_key()?);
        let (loading, at) = (Arc::clone(&snapshot), Arc::clone(&clock));
        let runtime = tokio::runtime::Handle::current();
        // On a thread of the admin runtime: the threads of the store are to have its priority.
        let loading =
            tokio::task::spawn_blocking(move || runtime.block_on(loaded(&file, &key, loading, &*at)));
        let (store, replica) = loading.await.map_err(io::Error::other)?.map_err(in_store)?;
        let issuer_config = IssuerConfig {
            issuer: config.issuer.issuer.clone(),
            policy: config.issuer.policy,
            rsa_key_size: config.issuer.rsa_key_size,
        };
        let signing_keys = Arc::<SqliteStore>::clone(&store);
        let issuer = Issuer::open(signing_keys, &master_key, issuer_config, clock.now()).await;
        let issuer = Arc::new(issuer.map_err(|error| match error {
            SigningError::Store(source) => in_store(source),
            other => other.into(),
        })?);
        let exchange = Exchange::start(
            ExchangeConfig { mint_threads: data_plane::workers(config), cached_tokens: CACHED_TOKENS },
            ExchangeDeps {
                snapshot,
                pepper: pepper(&master_key),
                issuer: Arc::clone(&issuer),
                clock: Arc::clone(&clock),
                entropy: Arc::clone(&entropy),
            },
        )?;
        let (exchange, pepper) = (Arc::new(exchange), Arc::new(pepper(&master_key)));
        let receipts = Arc::new(ReceiptSeal::new(&master_key));
        Ok(Self { store, clock, entropy, issuer, exchange, replica, pepper, receipts })
    }

    fn admin(
        &self,
        (config, address): (&Config, SocketAddr),
        judge: Arc<ExchangeJudge>,
        shown: Arc<ShownConfig>,
    ) -> Result<AdminService, ServeError> {
        let name = "admin".parse().expect("a short word is a name");
        let token = AdminToken::owner(name, &config.admin.token.admin_token()?)?;
        let snapshot = Arc::clone(self.exchange.snapshot());
        let settings = mintgate_admin::Config {
            tokens: vec![token],
            node_name: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            store_kind: "sqlite".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: self.clock.now(),
            sign_in: sign_in::config(&config.admin, address)?,
            request_timeout: ADMIN_TIMEOUT,
        };
        let dependencies = mintgate_admin::Dependencies {
            store: Arc::<SqliteStore>::clone(&self.store),
            pepper: Arc::clone(&self.pepper),
            receipts: Arc::clone(&self.receipts),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            replica: Arc::new(ReplicaPort { replica: Arc::clone(&self.replica), snapshot }),
            judge,
            signing: Arc::new(IssuerControl {
                issuer: Arc::clone(&self.issuer),
                exchange: Arc::clone(&self.exchange),
            }),
            settings: shown,
        };
        Ok(AdminService::new(settings, dependencies))
    }
}

/// The store, and every key of it in the snapshot.
async fn loaded(
    path: &Path,
    master_key: &MasterKey,
    snapshot: Arc<Snapshot>,
    clock: &dyn Clock,
) -> Result<(Arc<SqliteStore>, Arc<Replica>), StoreError> {
    let store = Arc::new(SqliteStore::open(path, master_key).await?);
    first_bucket(&store, clock).await?;
    let replica = Arc::new(Replica::new(Arc::<SqliteStore>::clone(&store), Arc::clone(&snapshot)));
    let began = clock.now();
    let revision = replica.load().await?;
    let (size, took) = (snapshot.size(), clock.now().duration_since(began));
    tracing::info!(keys = size.keys, consumers = size.consumers, %revision, took_ms = took.as_millis(), "keys loaded");
    Ok((store, replica))
}

fn pepper(master_key: &MasterKey) -> Pepper {
    Pepper::new(*master_key.derive(Purpose::KeyPepper))
}

/// A new store has one bucket, so that the first consumer needs no preparation.
async fn first_bucket(store: &SqliteStore, clock: &dyn Clock) -> Result<(), StoreError> {
    let new = NewBucket {
        name: "production".parse().expect("a short word is a name"),
        prefix: "mgk".parse().expect("a short word is a prefix"),
        created: clock.now(),
    };
    if !store.buckets().await?.is_empty() {
        return Ok(());
    }
    match store.create_bucket(new, &Author::system(SystemPart::Start, clock.now())).await {
        Ok(_) | Err(StoreError::Conflict(Conflict::BucketExists)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Management is light; two threads, so that one slow request does not stop the others.
const ADMIN_THREADS: usize = 2;
const ADMIN_TIMEOUT: Duration = Duration::from_secs(30);
const ADMIN_GRACE: Duration = Duration::from_secs(5);
/// For what stops as soon as it is told to.
const JOBS_GRACE: Duration = Duration::from_secs(1);
/// About a kilobyte each.
const CACHED_TOKENS: usize = 200_000;
