//! A client of the admin API.

use std::{sync::Arc, time::Duration};

use http::{HeaderValue, Method, StatusCode, header};
use mintgate_admin_api::{Problem, ProblemCode};
use mintgate_server::config::{BaseUrl, Scheme};
use mintgate_types::Revision;
use mintgate_types::{Entropy as _, OsEntropy};
use rustls::crypto::aws_lc_rs;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use ureq::{
    Agent, Body, Proxy,
    tls::{RootCerts, TlsConfig, TlsProvider},
};
use zeroize::Zeroizing;

/// Speaks to one admin API as one admin.
pub(crate) struct Client {
    agent: Agent,
    base: BaseUrl,
    token: SecretString,
}

/// Why the admin API did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// It answered so.
    #[error("{}", in_words(.0))]
    Problem(Box<Problem>),
    /// It did not answer.
    #[error("no answer from the admin API at {url} (is `mintgate serve` running?)")]
    Unreachable { url: String, source: Box<ureq::Error> },
    /// Something answered that is no admin API of ours.
    #[error("{url} does not answer like an admin API: {what}")]
    Strange { url: String, what: String },
}

impl ClientError {
    /// The problem, if it is of this kind.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }
}

impl ClientError {
    /// Whether the connection was there and broke off: then nobody knows what came of the request.
    fn is_broken_off(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => match &**source {
                ureq::Error::Io(error) => error.kind() != std::io::ErrorKind::ConnectionRefused,
                ureq::Error::Protocol(_) => true,
                _ => false,
            },
            _ => false,
        }
    }
}

type Reply<T> = Result<T, ClientError>;

impl Client {
    pub(crate) fn new(base: BaseUrl, token: SecretString) -> Self {
        let agent = agent(&base);
        Self { agent, base, token }
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Reply<T> {
        let body = self.send(&Question::new(Method::GET, path))?;
        self.read(&body)
    }

    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, request: &impl Serialize) -> Reply<T> {
        let body = written(request);
        let reply = self.send(&Question { body: Some(&body), ..Question::new(Method::POST, path) })?;
        self.read(&reply)
    }

    /// Makes something. When the connection breaks before the reply is there, it is asked for once more: under one
    /// idempotency key, so that nothing is made twice.
    pub(crate) fn create<T: DeserializeOwned>(&self, path: &str, request: &impl Serialize) -> Reply<T> {
        self.create_text(path, &written(request))
    }

    /// The same of JSON as somebody else wrote it, to the letter: it is the admin API's to judge.
    pub(crate) fn create_text<T: DeserializeOwned>(&self, path: &str, body: &[u8]) -> Reply<T> {
        let key = new_idempotency_key();
        let question = Question { body: Some(body), once: Some(&key), ..Question::new(Method::POST, path) };
        let ask = || self.send(&question);
        let mut reply = ask();
        if matches!(&reply, Err(error) if error.is_broken_off()) {
            reply = ask();
            for _ in 0..LOOKS_AGAIN {
                // The first attempt goes on there, though nobody hears it.
                let Err(ClientError::Problem(problem)) = &reply else { break };
                if problem.code != ProblemCode::IdempotencyKeyInUse {
                    break;
                }
                std::thread::sleep(BETWEEN_LOOKS);
                reply = ask();
            }
        }
        self.read(&reply?)
    }

    /// Changes something; with a revision, only if it still stands as it did then.
    pub(crate) fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        request: &impl Serialize,
        seen: Option<Revision>,
    ) -> Reply<T> {
        let body = written(request);
        let question = Question { body: Some(&body), seen, ..Question::new(Method::PATCH, path) };
        let reply = self.send(&question)?;
        self.read(&reply)
    }

    /// Deletes something; with a revision, only if it still stands as it did then.
    pub(crate) fn delete(&self, path: &str, seen: Option<Revision>) -> Reply<()> {
        self.send(&Question { seen, ..Question::new(Method::DELETE, path) }).map(drop)
    }

    /// A reply of any length, as it comes.
    pub(crate) fn download(&self, path: &str) -> Reply<impl std::io::Read> {
        let response = self.ask(&Question { patience: None, ..Question::new(Method::GET, path) })?;
        Ok(response.into_body().into_reader())
    }

    /// The reply's body, wiped after use: there may be a key in it.
    fn send(&self, question: &Question<'_>) -> Reply<Zeroizing<Vec<u8>>> {
        let mut response = self.ask(question)?;
        self.whole(&mut response)
    }

    fn ask(&self, question: &Question<'_>) -> Reply<http::Response<Body>> {
        let Question { method, path, body, seen, once, patience } = question;
        let bearer = Zeroizing::new(format!("Bearer {}", self.token.expose_secret()));
        let mut bearer = HeaderValue::from_str(&bearer).expect("a token is visible ASCII");
        bearer.set_sensitive(true);
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, bearer);
        if let Some(seen) = seen {
            request = request.header(header::IF_MATCH, format!("\"{seen}\""));
        }
        if let Some(once) = once {
            request = request.header("Idempotency-Key", *once);
        }
        let agent = &self.agent;
        let result = if let Some(body) = body {
            let request = request.header(header::CONTENT_TYPE, "application/json");
            let request = request.body(*body).expect("the parts of this request are valid");
            agent.run(agent.configure_request(request).timeout_global(*patience).build())
        } else {
            let request = request.body(()).expect("the parts of this request are valid");
            agent.run(agent.configure_request(request).timeout_global(*patience).build())
        };
        let mut response = result.map_err(|error| self.unreachable(error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let bytes = self.whole(&mut response)?;
        Err(self.refusal(response.status(), &bytes))
    }

    fn whole(&self, response: &mut http::Response<Body>) -> Reply<Zeroizing<Vec<u8>>> {
        let bytes = response.body_mut().with_config().limit(LARGEST_REPLY).read_to_vec();
        bytes.map(Zeroizing::new).map_err(|error| self.unreachable(error))
    }

    fn unreachable(&self, error: ureq::Error) -> ClientError {
        ClientError::Unreachable { url: self.base.to_string(), source: Box::new(error) }
    }

    fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Reply<T> {
        serde_json::from_slice(body)
            .map_err(|error| self.strange(format!("its reply cannot be read, {error}")))
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> ClientError {
        match serde_json::from_slice::<Problem>(body) {
            Ok(problem) if problem.kind.starts_with(Problem::KINDS) => {
                ClientError::Problem(Box::new(problem))
            }
            _ => self.strange(format!("status {status}; is that the address of `admin.listen`?")),
        }
    }

    fn strange(&self, what: String) -> ClientError {
        ClientError::Strange { url: self.base.to_string(), what }
    }
}

/// What is asked.
struct Question<'a> {
    method: Method,
    path: &'a str,
    body: Option<&'a [u8]>,
    /// The revision that whoever asks has seen, for changes to just that.
    seen: Option<Revision>,
    /// What it is called, if it is to be done once.
    once: Option<&'a HeaderValue>,
    /// How long all of the reply may take.
    patience: Option<Duration>,
}

impl<'a> Question<'a> {
    fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, body: None, seen: None, once: None, patience: Some(PATIENCE) }
    }
}

fn agent(base: &BaseUrl) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build();
    // A proxy sees clear text, so only what is encrypted may go through one.
    let proxy = if base.scheme() == Scheme::Https { Proxy::try_from_env() } else { None };
    Agent::config_builder()
        .tls_config(tls)
        .proxy(proxy)
        // Whoever is redirected to would get the token.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(10)))
        .user_agent(concat!("mintgate/", env!("CARGO_PKG_VERSION")))
        .accept("application/json, application/problem+json")
        .build()
        .new_agent()
}

/// A document that anybody may read, such as a JWKS; nothing is said about who asks.
pub(crate) fn public_document(base: &BaseUrl, path: &str) -> Option<Vec<u8>> {
    let mut response = agent(base).get(format!("{base}{path}")).call().ok()?;
    let is_there = response.status().is_success();
    is_there.then(|| response.body_mut().with_config().limit(LARGEST_DOCUMENT).read_to_vec().ok())?
}

fn written(request: &impl Serialize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(serde_json::to_vec(request).expect("requests are maps with text for keys"))
}

/// A problem as a person reads it.
fn in_words(problem: &Problem) -> String {
    let mut text = match problem.code {
        ProblemCode::MissingToken | ProblemCode::InvalidToken => {
            "the admin API does not know this admin token".to_owned()
        }
        // The detail says the same, and of what.
        ProblemCode::NotFound if problem.detail.is_some() => String::new(),
        _ if problem.detail.as_ref().is_some_and(|detail| detail.eq_ignore_ascii_case(&problem.title)) => {
            String::new()
        }
        _ => problem.title.clone(),
    };
    if let Some(detail) = &problem.detail {
        let separator = if text.is_empty() { "" } else { ": " };
        text.push_str(separator);
        text.push_str(detail);
    }
    for error in &problem.errors {
        text.push_str("\n  ");
        text.push_str(&error.field);
        text.push_str(": ");
        text.push_str(&error.message);
    }
    if problem.status >= 500 {
        text.push_str(" (request ");
        text.push_str(&problem.request_id);
        text.push(')');
    }
    text
}

/// Random, so that nobody else has it.
fn new_idempotency_key() -> HeaderValue {
    let mut bytes = [0; 16];
    OsEntropy.fill(&mut bytes);
    HeaderValue::from_str(&format!("{:032x}", u128::from_be_bytes(bytes)))
        .expect("hexadecimal digits can stand in a header")
}

/// How often it is asked what came of a request that is still under way.
const LOOKS_AGAIN: usize = 10;
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// How long a reply may take that is no download.
const PATIENCE: Duration = Duration::from_mins(2);

const LARGEST_DOCUMENT: u64 = 1 << 20;
/// A page of a thousand consumers with as much metadata as they may have.
const LARGEST_REPLY: u64 = 64 << 20;
