//! The service: its settings, what it depends on, and its routes.

use std::{sync::Arc, time::Duration};

use axum::{Router, middleware};
use mintgate_apikey::Pepper;
use mintgate_store::{Store, StoreError};
use mintgate_types::{Clock, Entropy, Revision, Timestamp};
use tokio_util::task::TaskTracker;

use crate::{
    AdminToken, KeyJudge, Replica, RunningSettings, SigningControl, account,
    admins::Known,
    consumers::Turns,
    document, layers,
    once::{ReceiptSeal, Running},
    refusals::Refusals,
    reply::{self, Refusal},
    self_service::ManagerPaces,
    session::{SignInConfig, Throttle},
    usage::Rankings,
};

/// How the admin API is set up.
#[derive(Debug)]
pub struct Config {
    /// Who may manage. With none, nobody may.
    pub tokens: Vec<AdminToken>,
    /// What this node is called.
    pub node_name: String,
    /// Which backend keeps everything, such as `sqlite`.
    pub store_kind: String,
    /// The version of this program.
    pub version: String,
    /// Since when this node runs.
    pub started: Timestamp,
    /// How people sign in with a browser.
    pub sign_in: SignInConfig,
    /// How long a request may take. A change that is under way then goes on.
    pub request_timeout: Duration,
}

/// What the admin API works with.
pub struct Dependencies {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Turns keys into what is stored of them.
    pub pepper: Arc<Pepper>,
    /// Seals what is kept of replies.
    pub receipts: Arc<ReceiptSeal>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for keys and ids.
    pub entropy: Arc<dyn Entropy>,
    /// This node's view of the store.
    pub replica: Arc<dyn Replica>,
    /// The data plane's judgement of keys.
    pub judge: Arc<dyn KeyJudge>,
    /// Decides about signing keys.
    pub signing: Arc<dyn SigningControl>,
    /// Knows the configuration in force.
    pub settings: Arc<dyn RunningSettings>,
}

/// The admin API. Cheap to clone.
#[derive(Clone)]
pub struct AdminService {
    shared: Arc<Shared>,
}

struct Shared {
    // Dependencies.
    dependencies: Dependencies,
    // Settings.
    config: Config,
    // Who may manage, as the store says.
    admin_tokens: Known,
    // Who failed to sign in.
    sign_in_attempts: Throttle,
    // What managers did.
    manager_paces: ManagerPaces,
    // What was refused lately.
    refusals: Refusals,
    // Rankings that took long to count.
    rankings: Rankings,
    // Idempotency keys of requests under way.
    running_keys: Running,
    // Who patches which consumer.
    turns: Turns,
    // Requests under way.
    running: TaskTracker,
}

impl AdminService {
    /// The service over its dependencies.
    #[must_use]
    pub fn new(config: Config, dependencies: Dependencies) -> Self {
        Self {
            shared: Arc::new(Shared {
                dependencies,
                config,
                admin_tokens: Known::default(),
                sign_in_attempts: Throttle::default(),
                manager_paces: ManagerPaces::default(),
                refusals: Refusals::default(),
                rankings: Rankings::default(),
                running_keys: Running::default(),
                turns: Turns::default(),
                running: TaskTracker::new(),
            }),
        }
    }

    /// All routes, behind all layers. Requests may carry an `axum::extract::ConnectInfo<SocketAddr>` as an extension;
    /// then changes are logged with the address that they came from.
    pub fn router(&self) -> Router {
        let (routes, _) = document::routes().split_for_parts();
        // From the outside in: every reply has an id and is rendered; nobody waits for ever; only admins get further;
        // what has begun is carried through; what is refused is noted.
        routes
            .fallback(reply::no_such_path)
            .method_not_allowed_fallback(reply::no_such_method)
            .layer(middleware::from_fn_with_state(self.clone(), account::account))
            .layer(middleware::from_fn_with_state(self.clone(), layers::carry_through))
            .layer(middleware::from_fn_with_state(self.clone(), layers::authenticate))
            .layer(middleware::from_fn_with_state(self.clone(), layers::limit_time))
            .layer(middleware::from_fn_with_state(self.clone(), layers::render))
            .with_state(self.clone())
    }

    /// Returns once no request is under way. Call it after the listener was closed.
    pub async fn finish(&self) {
        self.shared.running.close();
        self.shared.running.wait().await;
        self.note_last_refusals().await;
    }

    /// Brings this node up to `revision`: after a change, before its reply.
    pub(crate) async fn put_in_force(&self, revision: Revision) -> Result<(), Refusal> {
        Ok(self.replica().catch_up(revision).await?)
    }

    /// Brings this node up to the store's last change, for changes that do not say their revision.
    pub(crate) async fn put_all_in_force(&self) -> Result<(), Refusal> {
        let revision = self.store().revision().await.map_err(|source: StoreError| Refusal::Store(source))?;
        self.put_in_force(revision).await
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.shared.dependencies.store
    }

    pub(crate) fn pepper(&self) -> &Pepper {
        &self.shared.dependencies.pepper
    }

    pub(crate) fn receipts(&self) -> &ReceiptSeal {
        &self.shared.dependencies.receipts
    }

    pub(crate) fn running_keys(&self) -> &Running {
        &self.shared.running_keys
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.dependencies.clock.now()
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.shared.dependencies.entropy
    }

    pub(crate) fn replica(&self) -> &dyn Replica {
        &*self.shared.dependencies.replica
    }

    pub(crate) fn judge(&self) -> &dyn KeyJudge {
        &*self.shared.dependencies.judge
    }

    pub(crate) fn signing(&self) -> &dyn SigningControl {
        &*self.shared.dependencies.signing
    }

    pub(crate) fn settings(&self) -> &dyn RunningSettings {
        &*self.shared.dependencies.settings
    }

    pub(crate) fn config(&self) -> &Config {
        &self.shared.config
    }

    pub(crate) fn admin_tokens(&self) -> &Known {
        &self.shared.admin_tokens
    }

    pub(crate) fn sign_in(&self) -> &SignInConfig {
        &self.shared.config.sign_in
    }

    pub(crate) fn sign_in_attempts(&self) -> &Throttle {
        &self.shared.sign_in_attempts
    }

    pub(crate) fn refusals(&self) -> &Refusals {
        &self.shared.refusals
    }

    pub(crate) fn manager_paces(&self) -> &ManagerPaces {
        &self.shared.manager_paces
    }

    pub(crate) fn rankings(&self) -> &Rankings {
        &self.shared.rankings
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.shared.turns
    }

    pub(crate) fn running(&self) -> &TaskTracker {
        &self.shared.running
    }
}
