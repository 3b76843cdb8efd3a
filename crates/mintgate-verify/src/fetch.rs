//! One fetch of an issuer's keys: with a deadline over everything, a size limit, and no redirects.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use mintgate_jwt::{InvalidJwks, Jwks, cache::Fetched};
use rustls::crypto::aws_lc_rs;
use serde_json::Value;
use ureq::{
    Agent,
    http::{HeaderMap, header},
    tls::{RootCerts, TlsConfig, TlsProvider},
};

use crate::{
    measure::Fetches,
    source::{InvalidSource, SourceUrl},
};

/// Why a fetch brought no keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The issuer could not be reached, or not in time.
    #[error("{url}: {source}")]
    Transport {
        /// What was asked for.
        url: Box<str>,
        /// What happened.
        #[source]
        source: Box<ureq::Error>,
    },
    /// An answer other than 200. A redirect is one: keys are where the configuration says, or nowhere.
    #[error("{url}: status {status}")]
    Status {
        /// What was asked for.
        url: Box<str>,
        /// What came.
        status: u16,
    },
    /// An answer that is no JWK set.
    #[error("{url}: {source}")]
    NotJwks {
        /// What was asked for.
        url: Box<str>,
        /// What is wrong with it.
        #[source]
        source: InvalidJwks,
    },
    /// A discovery document that is none, or is another issuer's.
    #[error("{url}: {problem}")]
    Discovery {
        /// What was asked for.
        url: Box<str>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A discovery document that points to where keys may not come from.
    #[error("{url}: its jwks_uri is refused: {source}")]
    KeysElsewhere {
        /// What was asked for.
        url: Box<str>,
        /// Why.
        #[source]
        source: InvalidSource,
    },
}

impl FetchError {
    /// The error as one word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Transport { .. } => "transport",
            Self::Status { .. } => "status",
            Self::NotJwks { .. } => "not_jwks",
            Self::Discovery { .. } => "discovery",
            Self::KeysElsewhere { .. } => "keys_elsewhere",
        }
    }
}

/// Fetches from one place.
pub(crate) struct Fetcher {
    agent: Agent,
    place: Place,
    /// For one fetch in all, discovery included.
    timeout: Duration,
    fetches: Fetches,
}

enum Place {
    Url(SourceUrl),
    Issuer {
        /// Compared with the document's `issuer`, byte for byte.
        issuer: Box<str>,
        address: SourceUrl,
        /// Where the keys were last time. Forgotten when a fetch fails, because issuers move.
        found: Mutex<Option<SourceUrl>>,
    },
}

impl Fetcher {
    /// Fetches the set at `url`.
    pub(crate) fn of_url(url: SourceUrl, timeout: Duration) -> Self {
        let fetches = Fetches::of(url.as_str());
        Self { agent: agent(), place: Place::Url(url), timeout, fetches }
    }

    /// Fetches the set of `issuer`, whose name is its address.
    pub(crate) fn of_issuer(issuer: &str, address: SourceUrl, timeout: Duration) -> Self {
        let place = Place::Issuer { issuer: issuer.into(), address, found: Mutex::default() };
        Self { agent: agent(), place, timeout, fetches: Fetches::of(issuer) }
    }

    /// Fetches once.
    pub(crate) fn fetch(&self) -> Result<Fetched, FetchError> {
        let start = Instant::now();
        let result = self.fetch_until(start + self.timeout);
        self.fetches.count(&result, start.elapsed());
        result
    }

    fn fetch_until(&self, deadline: Instant) -> Result<Fetched, FetchError> {
        match &self.place {
            Place::Url(url) => self.keys(url, deadline),
            Place::Issuer { issuer, address, found } => {
                let known = found.lock().unwrap_or_else(PoisonError::into_inner).take();
                let url = match known {
                    Some(url) => url,
                    None => self.discover(issuer, address, deadline)?,
                };
                let keys = self.keys(&url, deadline)?;
                *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(url);
                Ok(keys)
            }
        }
    }

    fn keys(&self, url: &SourceUrl, deadline: Instant) -> Result<Fetched, FetchError> {
        let (body, headers) = self.get(url, deadline)?;
        let set =
            Jwks::parse(&body).map_err(|source| FetchError::NotJwks { url: url.as_str().into(), source })?;
        Ok(Fetched { set, max_age: max_age(&headers) })
    }

    /// Asks at the address of `OpenID` Connect first, and at the one of RFC 8414 if there is nothing.
    fn discover(
        &self,
        issuer: &str,
        address: &SourceUrl,
        deadline: Instant,
    ) -> Result<SourceUrl, FetchError> {
        let [first, second] = address.discovery();
        match self.discovered(issuer, &first, deadline) {
            Err(FetchError::Status { status: 400..=499, .. }) => self.discovered(issuer, &second, deadline),
            other => other,
        }
    }

    fn discovered(&self, issuer: &str, url: &SourceUrl, deadline: Instant) -> Result<SourceUrl, FetchError> {
        let wrong = |problem| FetchError::Discovery { url: url.as_str().into(), problem };
        let (body, _) = self.get(url, deadline)?;
        let document: Value =
            serde_json::from_slice(&body).map_err(|_| wrong("the discovery document is not JSON"))?;
        // A document of another issuer would let one tenant of a host speak for another (RFC 8414 §3.3).
        if document.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(wrong("the discovery document is of another issuer"));
        }
        let keys = document.get("jwks_uri").and_then(Value::as_str);
        let keys = keys.ok_or_else(|| wrong("the discovery document names no jwks_uri"))?;
        url.sibling(keys).map_err(|source| FetchError::KeysElsewhere { url: url.as_str().into(), source })
    }

    fn get(&self, url: &SourceUrl, deadline: Instant) -> Result<(Vec<u8>, HeaderMap), FetchError> {
        let failed = |source| FetchError::Transport { url: url.as_str().into(), source: Box::new(source) };
        let left = deadline.saturating_duration_since(Instant::now()).max(SHORTEST_TIMEOUT);
        let request = self.agent.get(url.as_str()).config().timeout_global(Some(left)).build();
        let mut response = request.call().map_err(failed)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(FetchError::Status { url: url.as_str().into(), status });
        }
        let limit = Jwks::LONGEST as u64;
        let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(failed)?;
        Ok((body, response.headers().clone()))
    }
}

fn agent() -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        // A proxy from the environment would see, and could replace, what decides who may call.
        .proxy(None)
        // Minutes pass between two fetches: a kept connection would be dead more often than not.
        .max_idle_connections(0)
        .max_response_header_size(LONGEST_HEADERS)
        .user_agent(concat!("mintgate-verify/", env!("CARGO_PKG_VERSION")))
        .accept("application/jwk-set+json, application/json")
        .build()
        .new_agent()
}

/// For how long the answer may be kept (RFC 9111 §5.2.2), less the time that it spent in caches on the way.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut age = None;
    for line in headers.get_all(header::CACHE_CONTROL) {
        for directive in line.to_str().ok()?.split(',') {
            let directive = directive.trim().to_ascii_lowercase();
            if directive == "no-store" || directive == "no-cache" {
                return Some(Duration::ZERO);
            }
            if let Some(seconds) = directive.strip_prefix("max-age=") {
                let seconds = seconds.trim_matches('"');
                let is_number = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
                // Too many digits are too many seconds; the cache caps them.
                age = is_number.then(|| Duration::from_secs(seconds.parse().unwrap_or(u64::MAX)));
            }
        }
    }
    let spent = headers.get(header::AGE).and_then(|age| age.to_str().ok()).and_then(|age| age.parse().ok());
    age.map(|age| age.saturating_sub(Duration::from_secs(spent.unwrap_or(0))))
}

/// So that a request begun at the last moment fails by its own time-out and says so.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(10);
const LONGEST_HEADERS: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn age(lines: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a header value"));
        }
        max_age(&headers).map(|age| age.as_secs())
    }

    #[test]
    fn cache_control_says_how_long_keys_are_kept() {
        assert_eq!(age(&[]), None);
        assert_eq!(age(&[("cache-control", "public, max-age=300")]), Some(300));
        assert_eq!(age(&[("cache-control", "MAX-AGE=\"60\"")]), Some(60));
        assert_eq!(age(&[("cache-control", "max-age=300"), ("age", "120")]), Some(180));
        assert_eq!(age(&[("cache-control", "max-age=10"), ("age", "120")]), Some(0));
        assert_eq!(age(&[("cache-control", "max-age=300"), ("cache-control", "no-store")]), Some(0));
        assert_eq!(age(&[("cache-control", "no-cache, max-age=300")]), Some(0));
        assert_eq!(age(&[("cache-control", "max-age=-1")]), None);
        assert_eq!(age(&[("cache-control", "max-age=")]), None);
        assert_eq!(age(&[("cache-control", "max-age=99999999999999999999999")]), Some(u64::MAX));
    }
}
