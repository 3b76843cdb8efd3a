//! The API under test: a store in a temporary folder, a clock that stands still, and a node that can be told to fail.

use std::{
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{Router, body::Body};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use mintgate_admin::{
    AdminService, AdminToken, CatchUpError, Config, Dependencies, JudgeError, Judgement, KeepRotation,
    KeyJudge, MintedToken, Question, ReceiptSeal, Replica, RunningSettings, SignInConfig, SigningControl,
    SigningControlError, document,
};
use mintgate_admin_api::{KeyRefusal, RotationOutcome, RunningConfig, SigningKeyRotation};
use mintgate_apikey::Pepper;
use mintgate_store::{Author, MasterKey, NewBucket, Purpose, Receipt, Store, SystemPart};
use mintgate_store_sqlite::SqliteStore;
use mintgate_types::{Clock as _, Kid, ManualClock, OriginName, OsEntropy, Revision, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tower::ServiceExt as _;

pub(crate) const TOKEN: &str = "test-admin-token-0123456789abcdefghijklmn";

pub(crate) struct Api {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sqlite: Arc<SqliteStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) node: Arc<FakeNode>,
    pub(crate) judge: Arc<FakeJudge>,
    pub(crate) signing: Arc<FakeSigning>,
    pub(crate) pepper: Arc<Pepper>,
    pub(crate) service: AdminService,
    router: Router,
    // Removed with everything in it when the test ends.
    folder: tempfile::TempDir,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("a JSON reply")
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).expect("the header").to_str().expect("text")
    }

    /// Asserts status and code of a problem, and gives it back.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], self.header("x-request-id".parse().expect("a name")));
        problem
    }

    #[track_caller]
    pub(crate) fn done(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with_patience(Duration::from_secs(30)).await
    }

    pub(crate) async fn with_patience(request_timeout: Duration) -> Self {
        let sign_in =
            SignInConfig { over_tls: false, lifetime: Duration::from_hours(12), single_sign_on: None };
        Self::with(request_timeout, sign_in).await
    }

    pub(crate) async fn with(request_timeout: Duration, sign_in: SignInConfig) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let master_key = MasterKey::from_bytes([7; 32]);
        let store =
            SqliteStore::open(&folder.path().join("mintgate.db"), &master_key).await.expect("a store");
        let sqlite = Arc::new(store);
        let store: Arc<dyn Store> = sqlite.clone();
        let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().expect("a time")));
        store
            .create_bucket(
                NewBucket {
                    name: "production".parse().expect("a name"),
                    prefix: "mgk".parse().expect("a prefix"),
                    created: clock.now(),
                },
                by(),
            )
            .await
            .expect("a bucket");
        let node = Arc::new(FakeNode::default());
        let judge = Arc::new(FakeJudge::default());
        let signing = Arc::new(FakeSigning::default());
        let pepper = Arc::new(Pepper::new(*master_key.derive(Purpose::KeyPepper)));
        let dependencies = Dependencies {
            store: Arc::clone(&store),
            pepper: Arc::clone(&pepper),
            receipts: Arc::new(ReceiptSeal::new(&master_key)),
            clock: clock.clone(),
            entropy: Arc::new(OsEntropy),
            replica: node.clone(),
            judge: judge.clone(),
            signing: signing.clone(),
            settings: Arc::new(FixedSettings),
        };
        let service = AdminService::new(config(clock.now(), request_timeout, sign_in), dependencies);
        let router = service.router();
        Self { store, sqlite, clock, node, judge, signing, pepper, service, router, folder }
    }

    /// Where the store is.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(admin(Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(admin(Method::DELETE, path).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(with_json(admin(Method::POST, path), &body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(with_json(admin(Method::PATCH, path), &body)).await
    }

    pub(crate) async fn patch_if(&self, path: &str, tag: &str, body: Value) -> Reply {
        self.send(with_json(admin(Method::PATCH, path).header(header::IF_MATCH, tag), &body)).await
    }

    /// Sends a request, and checks that the document has its answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let reply = Reply { status: parts.status, headers: parts.headers, text };
        assert_documented(&method, &path, &reply);
        reply
    }

    /// A consumer, made for a test that is about something else.
    pub(crate) async fn consumer(&self, name: &str) {
        self.post("/v1/buckets/production/consumers", json!({"name": name})).await.done(201);
    }

    /// A key of a consumer: its text and its id.
    pub(crate) async fn key(&self, consumer: &str, request: Value) -> (String, String) {
        let path = format!("/v1/buckets/production/consumers/{consumer}/keys");
        let issued = self.post(&path, request).await.done(201);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (text(&issued["secret"]), text(&issued["key"]["id"]))
    }
}

pub(crate) fn admin(method: Method, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
}

/// A value whose ids and revisions are the same in every run.
pub(crate) fn steady(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let steady = |(name, value): (&String, &Value)| match name.as_str() {
                "id" | "revision" => (name.clone(), json!(format!("[{name}]"))),
                _ => (name.clone(), steady(value)),
            };
            members.iter().map(steady).collect()
        }
        Value::Array(items) => items.iter().map(steady).collect(),
        value => value.clone(),
    }
}

pub(crate) fn with_json(request: http::request::Builder, body: &Value) -> Request<Body> {
    request
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request")
}

fn config(started: Timestamp, request_timeout: Duration, sign_in: SignInConfig) -> Config {
    let token =
        AdminToken::owner("admin".parse().expect("a name"), &SecretString::from(TOKEN)).expect("strong");
    Config {
        tokens: vec![token],
        node_name: "node-1".into(),
        store_kind: "sqlite".into(),
        version: "0.0.0-test".into(),
        started,
        sign_in,
        request_timeout,
    }
}

/// A path that the document has must answer with nothing that it does not have.
fn assert_documented(method: &Method, path: &str, reply: &Reply) {
    let document = serde_json::to_value(document()).expect("a document");
    let paths = document["paths"].as_object().expect("paths");
    let Some((_, item)) = paths.iter().find(|(template, _)| fits(template, path)) else { return };
    // HEAD is what GET is, without the body.
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let operation = &item[method.as_str().to_ascii_lowercase()];
    if operation.is_null() {
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
        return;
    }
    let documented = &operation["responses"][reply.status.as_str()];
    assert!(!documented.is_null(), "{method} {path} answers {}, which is not documented", reply.status);
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(|(template, part)| template.starts_with('{') || *template == part)
}

/// A node that only notes how far it was asked to come.
#[derive(Default)]
pub(crate) struct FakeNode {
    pub(crate) seen: AtomicU64,
    pub(crate) fails: AtomicBool,
    /// While something is in it, nobody catches up: `.0` tells that somebody waits, `.1` lets them go on.
    pub(crate) gate: Mutex<Option<Arc<(Notify, Notify)>>>,
}

#[async_trait]
impl Replica for FakeNode {
    async fn catch_up(&self, to: Revision) -> Result<(), CatchUpError> {
        let gate = self.gate.lock().expect("the lock").clone();
        if let Some(gate) = gate {
            gate.0.notify_one();
            gate.1.notified().await;
        }
        if self.fails.load(Ordering::SeqCst) {
            return Err(CatchUpError { source: "told to fail".into() });
        }
        self.seen.fetch_max(to.0, Ordering::SeqCst);
        Ok(())
    }

    fn revision(&self) -> Revision {
        Revision(self.seen.load(Ordering::SeqCst))
    }

    fn is_ready(&self) -> bool {
        !self.fails.load(Ordering::SeqCst)
    }
}

/// A data plane that says what it is told to, and knows one origin.
#[derive(Default)]
pub(crate) struct FakeJudge {
    pub(crate) refuses: Mutex<Option<KeyRefusal>>,
    pub(crate) fails: AtomicBool,
    pub(crate) has_minted: AtomicBool,
}

#[async_trait]
impl KeyJudge for FakeJudge {
    fn knows(&self, origin: &OriginName) -> bool {
        origin.as_str() == "orders"
    }

    async fn judge(&self, question: Question<'_>) -> Result<Judgement, JudgeError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(JudgeError::NotReady);
        }
        if let Some(refusal) = *self.refuses.lock().expect("the lock") {
            return Ok(Judgement::Refused(refusal));
        }
        self.has_minted.fetch_or(question.origin.is_some(), Ordering::SeqCst);
        let token = |origin: &OriginName| MintedToken {
            audience: origin.as_str().parse().expect("an audience"),
            header: [("typ".to_owned(), json!("at+jwt"))].into_iter().collect(),
            claims: [("sub".to_owned(), json!("alice"))].into_iter().collect(),
            value: SecretString::from("eyJ0.eyJz.c2ln"),
        };
        Ok(Judgement::Valid(question.origin.map(token)))
    }
}

/// Signing keys that only note what was asked.
#[derive(Default)]
pub(crate) struct FakeSigning {
    pub(crate) asked: Mutex<Vec<String>>,
    pub(crate) kept: Mutex<Vec<Receipt>>,
}

impl FakeSigning {
    fn rotation(
        &self,
        what: &str,
        outcome: RotationOutcome,
        keep: Option<KeepRotation<'_>>,
    ) -> SigningKeyRotation {
        self.asked.lock().expect("the lock").push(what.to_owned());
        let kid: Kid = "new".parse().expect("a kid");
        let rotation =
            SigningKeyRotation { outcome, kid, signs_from: Timestamp::UNIX_EPOCH, dropped: Vec::new() };
        self.kept.lock().expect("the lock").extend(keep.map(|keep| keep(&rotation)));
        rotation
    }
}

#[async_trait]
impl SigningControl for FakeSigning {
    async fn rotate(
        &self,
        _: &Author,
        keep: Option<KeepRotation<'_>>,
    ) -> Result<SigningKeyRotation, SigningControlError> {
        Ok(self.rotation("rotate", RotationOutcome::Published, keep))
    }

    async fn rotate_emergency(
        &self,
        _: &Author,
        keep: Option<KeepRotation<'_>>,
    ) -> Result<SigningKeyRotation, SigningControlError> {
        Ok(self.rotation("rotate in emergency", RotationOutcome::Replaced, keep))
    }

    async fn retire(&self, kid: &Kid, _: &Author) -> Result<(), SigningControlError> {
        match kid.as_str() {
            "gone" => Err(SigningControlError::NotFound),
            "active" => Err(SigningControlError::Refused("it signs".into())),
            "broken" => Err(SigningControlError::Other("wires".into())),
            kid => {
                self.asked.lock().expect("the lock").push(format!("retire {kid}"));
                Ok(())
            }
        }
    }
}

/// Who does everything here.
pub(crate) fn by() -> &'static Author {
    static START: LazyLock<Author> =
        LazyLock::new(|| Author::system(SystemPart::Start, Timestamp::UNIX_EPOCH));
    &START
}

/// A configuration of one setting.
struct FixedSettings;

impl RunningSettings for FixedSettings {
    fn in_force(&self) -> RunningConfig {
        let settings = json!({ "log": { "level": "info" } });
        RunningConfig {
            file: "mintgate.toml".to_owned(),
            loaded: "2026-01-01T00:00:00Z".parse().expect("a time"),
            settings: settings.as_object().expect("an object").clone(),
        }
    }
}
