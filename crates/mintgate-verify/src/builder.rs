//! Making a verifier.

use std::{sync::Arc, time::Duration};

use mintgate_jwt::{InvalidPolicy, TokenPolicy, cache::CacheSettings};

use crate::{
    KeySource, SystemClocks, Verifier,
    clock::Clocks,
    fetch::Fetcher,
    keys::Keys,
    trust::{Source, Trust, are_apart},
};

/// A verifier in the making; everything but the policy and the source has a usual value. It does nothing until it is
/// built, and can be built more than once.
#[derive(Clone)]
pub struct VerifierBuilder {
    /// Never empty, and no issuer is in two of them.
    trusted: Vec<(TokenPolicy, KeySource)>,
    cache: CacheSettings,
    timeout: Duration,
    most_tokens: usize,
    in_background: bool,
    clocks: Arc<dyn Clocks>,
}

impl VerifierBuilder {
    pub(crate) fn new(policy: TokenPolicy, source: KeySource) -> Self {
        Self {
            trusted: vec![(policy, source)],
            cache: CacheSettings::usual(),
            timeout: USUAL_TIMEOUT,
            most_tokens: USUAL_TOKENS,
            in_background: true,
            clocks: Arc::new(SystemClocks::start()),
        }
    }

    /// Trusts another issuer as well, with a policy and keys of its own.
    ///
    /// What a token says in `iss` then chooses the policy and the keys that it is judged by: a key of one issuer never
    /// verifies a token of another, and an issuer that is down harms its own tokens only. Each policy has to name its
    /// issuers, and none may be named twice. Each source that is fetched from has a thread that keeps it fresh.
    pub fn and_issuer(mut self, policy: TokenPolicy, source: KeySource) -> Result<Self, InvalidPolicy> {
        are_apart(self.trusted.iter().map(|(policy, _)| policy), &policy)?;
        self.trusted.push((policy, source));
        Ok(self)
    }

    /// Keeps keys for other times than usual.
    #[must_use]
    pub fn cache(self, cache: CacheSettings) -> Self {
        Self { cache, ..self }
    }

    /// How long one fetch may take in all, discovery included.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Remembers about this many verified tokens; none if that is zero.
    #[must_use]
    pub fn remember_tokens(self, most: usize) -> Self {
        Self { most_tokens: most, ..self }
    }

    /// Starts no thread: keys are fetched by the calls that need them. For tools that verify one token.
    #[must_use]
    pub fn without_background(self) -> Self {
        Self { in_background: false, ..self }
    }

    /// Reads these clocks.
    #[must_use]
    pub fn clocks(self, clocks: Arc<dyn Clocks>) -> Self {
        Self { clocks, ..self }
    }

    /// The verifier. It starts to fetch at once, and does not wait for it.
    #[must_use]
    pub fn build(self) -> Verifier {
        let refresher_grace = if self.in_background { REFRESHER_GRACE } else { Duration::ZERO };
        let cache = CacheSettings { refresher_grace, ..self.cache };
        let trusted = self.trusted.into_iter().map(|(policy, source)| {
            let fetcher = match source {
                KeySource::Fixed(set) => return Trust { policy, source: Source::Fixed(Arc::new(set)) },
                KeySource::Url(url) => Fetcher::of_url(url, self.timeout),
                KeySource::Issuer { name, address } => Fetcher::of_issuer(&name, address, self.timeout),
            };
            let keys = Keys::new(fetcher, cache.clone(), self.timeout, Arc::clone(&self.clocks));
            if self.in_background {
                keys.refresh_in_background();
            }
            Trust { policy, source: Source::Kept(keys) }
        });
        Verifier::new(trusted.collect(), self.most_tokens, Arc::clone(&self.clocks))
    }
}

/// Long enough for a slow issuer, short enough for the threads that wait.
const USUAL_TIMEOUT: Duration = Duration::from_millis(2500);
/// A thread that is this late is not coming.
const REFRESHER_GRACE: Duration = Duration::from_secs(5);
/// At 600 bytes a token and its claims, some ten megabytes when full.
const USUAL_TOKENS: usize = 4096;
