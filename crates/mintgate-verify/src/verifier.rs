//! The verifier: what an origin asks about each request.

use std::{sync::Arc, time::Duration};

use mintgate_jwt::{
    Claims, Jwks, Refusal, TokenPolicy, UnverifiedHeader, Verified,
    cache::{CacheSettings, Wanted},
};
use mintgate_types::Timestamp;

use crate::{
    KeySource, SystemClocks, VerifyError,
    clock::Clocks,
    fetch::Fetcher,
    keys::{Keys, NoKeys},
    tokens::VerifiedTokens,
};

/// Verifies the tokens of one issuer (or of several that share their keys). Make one and share it.
pub struct Verifier {
    policy: TokenPolicy,
    source: Source,
    tokens: VerifiedTokens,
    clocks: Arc<dyn Clocks>,
}

/// What remains of a [`KeySource`].
enum Source {
    Kept(Keys),
    Fixed(Arc<Jwks>),
}

/// A verifier in the making; everything but the policy and the source has a usual value.
pub struct VerifierBuilder {
    policy: TokenPolicy,
    source: KeySource,
    cache: CacheSettings,
    timeout: Duration,
    most_tokens: usize,
    in_background: bool,
    clocks: Arc<dyn Clocks>,
}

impl Verifier {
    /// A verifier of what `policy` demands with the keys of `source`.
    #[must_use]
    pub fn builder(policy: TokenPolicy, source: KeySource) -> VerifierBuilder {
        VerifierBuilder {
            policy,
            source,
            cache: CacheSettings::usual(),
            timeout: USUAL_TIMEOUT,
            most_tokens: USUAL_TOKENS,
            in_background: true,
            clocks: Arc::new(SystemClocks::start()),
        }
    }

    /// Verifies a token. Blocks for as long as a fetch may take when the keys are not at hand, so asynchronous
    /// programs call [`Verifier::try_verify`] first.
    pub fn verify(&self, token: &str) -> Result<Arc<Verified<Claims>>, VerifyError> {
        let now = self.clocks.now();
        if let Some(result) = self.seen_before(token, now) {
            return result;
        }
        let header = UnverifiedHeader::read(token, &self.policy)?;
        let set = self.find_keys(&header)?;
        self.judge(token, &header, &set, now)
    }

    /// Verifies a token if that needs no fetch; `None` if it does: call [`Verifier::verify`] where blocking is
    /// allowed. Takes microseconds.
    pub fn try_verify(&self, token: &str) -> Option<Result<Arc<Verified<Claims>>, VerifyError>> {
        let now = self.clocks.now();
        if let Some(result) = self.seen_before(token, now) {
            return Some(result);
        }
        let header = match UnverifiedHeader::read(token, &self.policy) {
            Ok(header) => header,
            Err(refusal) => return Some(Err(refusal.into())),
        };
        let set = self.keys_at_hand(wanted(&header))?;
        Some(self.judge(token, &header, &set, now))
    }

    /// Verifies a token as of another time. For tools and tests: nothing is remembered.
    pub fn verify_at(&self, token: &str, now: Timestamp) -> Result<Verified<Claims>, VerifyError> {
        let header = UnverifiedHeader::read(token, &self.policy)?;
        let set = self.find_keys(&header)?;
        Ok(header.verify_with_set(&set, now)?)
    }

    /// Fetches the keys if they are not at hand, so that the first request need not wait.
    pub fn warm_up(&self) -> Result<(), VerifyError> {
        match &self.source {
            Source::Fixed(_) => Ok(()),
            Source::Kept(keys) => match keys.find(Wanted::Any) {
                Err(NoKeys::Unavailable(error)) => Err(error),
                Ok(_) | Err(NoKeys::Absent) => Ok(()),
            },
        }
    }

    /// A token that was verified before, if its key is still among fresh ones.
    fn seen_before(&self, token: &str, now: Timestamp) -> Option<Result<Arc<Verified<Claims>>, VerifyError>> {
        let set = self.keys_at_hand(Wanted::Any)?;
        let found = self.tokens.find(token)?;
        if !found.is_backed_by(&set) {
            self.tokens.forget(token);
            return None;
        }
        Some(match found.check_time(&self.policy, now) {
            Ok(()) => Ok(found),
            Err(refusal) => {
                self.tokens.forget(token);
                Err(refusal.into())
            }
        })
    }

    fn judge(
        &self,
        token: &str,
        header: &UnverifiedHeader<'_>,
        set: &Jwks,
        now: Timestamp,
    ) -> Result<Arc<Verified<Claims>>, VerifyError> {
        let verified = Arc::new(header.verify_with_set(set, now)?);
        self.tokens.insert(token, Arc::clone(&verified));
        Ok(verified)
    }

    fn keys_at_hand(&self, wanted: Wanted<'_>) -> Option<Arc<Jwks>> {
        match &self.source {
            Source::Fixed(set) => Some(Arc::clone(set)),
            Source::Kept(keys) => keys.at_hand(wanted),
        }
    }

    fn find_keys(&self, header: &UnverifiedHeader<'_>) -> Result<Arc<Jwks>, VerifyError> {
        match &self.source {
            Source::Fixed(set) => Ok(Arc::clone(set)),
            Source::Kept(keys) => keys.find(wanted(header)).map_err(|missing| match missing {
                NoKeys::Absent => Refusal::UnknownKey.into(),
                NoKeys::Unavailable(error) => error,
            }),
        }
    }
}

fn wanted<'header>(header: &'header UnverifiedHeader<'_>) -> Wanted<'header> {
    header.kid().map_or(Wanted::Any, Wanted::Kid)
}

impl VerifierBuilder {
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
        let Self { policy, source, cache, timeout, most_tokens, in_background, clocks } = self;
        let fetcher = match source {
            KeySource::Fixed(set) => {
                let source = Source::Fixed(Arc::new(set));
                return Verifier { policy, source, tokens: VerifiedTokens::new(most_tokens), clocks };
            }
            KeySource::Url(url) => Fetcher::of_url(url, timeout),
            KeySource::Issuer { name, address } => Fetcher::of_issuer(&name, address, timeout),
        };
        let refresher_grace = if in_background { REFRESHER_GRACE } else { Duration::ZERO };
        let cache = CacheSettings { refresher_grace, ..cache };
        let keys = Keys::new(fetcher, cache, timeout, Arc::clone(&clocks));
        if in_background {
            keys.refresh_in_background();
        }
        let tokens = VerifiedTokens::new(most_tokens);
        Verifier { policy, source: Source::Kept(keys), tokens, clocks }
    }
}

/// Long enough for a slow issuer, short enough for the threads that wait.
const USUAL_TIMEOUT: Duration = Duration::from_millis(2500);
/// A thread that is this late is not coming.
const REFRESHER_GRACE: Duration = Duration::from_secs(5);
/// At 600 bytes a token and its claims, some ten megabytes when full.
const USUAL_TOKENS: usize = 4096;
