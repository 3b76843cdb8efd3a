//! The product's sentence: a valid key becomes a short-lived token.

use std::{sync::Arc, time::Duration};

use mintgate_apikey::{Pepper, PresentedKey};
use mintgate_policy::Permit;
use mintgate_signing::{Issuer, TokenRequest};
use mintgate_types::{Audience, Clock, Entropy, Timestamp, TokenId};
use tokio::sync::watch;

use crate::{
    caller::Caller,
    error::{KeyRefused, MintFailed},
    mint_pool::MintPool,
    snapshot::Snapshot,
    token::{Fitness, Token},
    token_table::{Found, Place, Provenance, TokenTable, Use},
};

/// Turns presented keys into callers, and permits into tokens. Shared by all workers.
pub struct Exchange {
    // Dependencies.
    snapshot: Arc<Snapshot>,
    pepper: Pepper,
    mint: Arc<Mint>,
    pool: MintPool,
}

/// What signing a token takes; jobs hold it while they wait.
struct Mint {
    issuer: Arc<Issuer>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tokens: TokenTable<Arc<Token>, Flight>,
}

/// Brings a token to everybody who waits for it.
type Flight = watch::Receiver<Option<Result<Arc<Token>, MintFailed>>>;
type Landing = watch::Sender<Option<Result<Arc<Token>, MintFailed>>>;

/// How an exchange is set up.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeConfig {
    /// How many threads sign.
    pub mint_threads: usize,
    /// How many tokens are kept for reuse.
    pub cached_tokens: usize,
}

/// What an exchange works with.
pub struct ExchangeDeps {
    /// The keys.
    pub snapshot: Arc<Snapshot>,
    /// Turns digests into fingerprints.
    pub pepper: Pepper,
    /// The signing keys.
    pub issuer: Arc<Issuer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For token ids.
    pub entropy: Arc<dyn Entropy>,
}

impl Exchange {
    /// Starts the mint threads.
    pub fn start(config: ExchangeConfig, deps: ExchangeDeps) -> std::io::Result<Self> {
        let ExchangeDeps { snapshot, pepper, issuer, clock, entropy } = deps;
        let tokens = TokenTable::new(SHARDS, config.cached_tokens);
        let mint = Arc::new(Mint { issuer, clock, entropy, tokens });
        Ok(Self { snapshot, pepper, mint, pool: MintPool::start(config.mint_threads)? })
    }

    /// Says who a key belongs to, if it works. Never waits. What it costs does not tell an unknown key from a
    /// revoked or expired one: all are hashed and looked up alike.
    pub fn authenticate(&self, presented: &PresentedKey<'_>) -> Result<Caller, KeyRefused> {
        let fingerprint = self.pepper.fingerprint(&presented.digest());
        self.snapshot.find(&fingerprint, self.mint.clock.now())
    }

    /// The token that a permit stands for: a cached one until half of its life is over, then a new one. Many requests for
    /// the same token cost one signature. Where signatures are slow to come, an aging token is forwarded until a quarter
    /// of its life is left.
    pub async fn token_for(&self, permit: &Permit<Caller>) -> Result<Arc<Token>, MintFailed> {
        for _ in 0..ATTEMPTS {
            match self.look_up(permit.caller(), permit.audience()) {
                Sought::Found(token) => return Ok(token),
                Sought::Refused(failed) => return Err(failed),
                Sought::Aging(token, flight) => {
                    let successor = tokio::time::timeout(RENEWAL_PATIENCE, arrive(flight)).await;
                    return Ok(successor.ok().and_then(Result::ok).unwrap_or(token));
                }
                Sought::Coming(flight) => {
                    let token = arrive(flight).await?;
                    // Its signing key may have been dropped while it was being signed.
                    if self.mint.fitness(&token, permit.caller().seen) != Fitness::Unfit {
                        return Ok(token);
                    }
                }
            }
        }
        Err(MintFailed::Signing)
    }

    /// The keys that it knows.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Drops tokens that will not be used again. For a job, now and then.
    pub fn sweep(&self) {
        let now = self.mint.clock.now();
        self.mint.tokens.retain(|token| self.mint.fitness(token, now) != Fitness::Unfit);
    }

    /// Forgets every minted token; after an emergency rotation.
    pub fn forget_tokens(&self) {
        self.mint.tokens.clear();
    }

    /// What time it is for the judgement of requests.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.mint.clock.now()
    }

    /// How many tokens are kept.
    #[must_use]
    pub fn cached_tokens(&self) -> usize {
        self.mint.tokens.len()
    }

    fn look_up(&self, caller: &Caller, audience: &Audience) -> Sought {
        let provenance = Provenance { key: caller.key_revision, consumer: caller.consumer.revision };
        let place = Place { key: caller.key, audience, provenance };
        let mut landing = None;
        let judge = |token: &Arc<Token>| match self.mint.fitness(token, caller.seen) {
            Fitness::Fresh => Use::Fresh,
            Fitness::Aging => Use::Aging,
            Fitness::Unfit => Use::Never,
        };
        let found = self.mint.tokens.find(place, judge, || {
            let (sender, flight) = watch::channel(None);
            landing = Some(sender);
            flight
        });
        let launched = landing.map_or(Ok(()), |landing| self.launch(place, caller, landing));
        match (found, launched) {
            // Should the launch have failed, the token at hand is still good.
            (Found::Token(token), _) | (Found::Aging(token, _), Err(_)) => Sought::Found(token),
            (Found::Aging(token, flight), Ok(())) => Sought::Aging(token, flight),
            (_, Err(failed)) => Sought::Refused(failed),
            (Found::Wait(flight) | Found::Lead(flight), Ok(())) => Sought::Coming(flight),
        }
    }

    fn launch(&self, place: Place<'_>, caller: &Caller, landing: Landing) -> Result<(), MintFailed> {
        let departed = Departed {
            mint: Arc::clone(&self.mint),
            caller: caller.clone(),
            audience: place.audience.clone(),
            provenance: place.provenance,
            landing,
            landed: false,
        };
        // A job that is not taken is dropped, and a dropped flight has failed: see `Departed`.
        self.pool.submit(Box::new(move || departed.fly()))
    }
}

enum Sought {
    Found(Arc<Token>),
    /// Past half of its life, with its successor on the way.
    Aging(Arc<Token>, Flight),
    Coming(Flight),
    Refused(MintFailed),
}

/// A flight under way. However it ends, the slot is freed and those who wait are told.
struct Departed {
    mint: Arc<Mint>,
    caller: Caller,
    audience: Audience,
    provenance: Provenance,
    landing: Landing,
    landed: bool,
}

impl Departed {
    fn fly(mut self) {
        let outcome = self.mint.sign(&self.caller, &self.audience);
        self.land(outcome);
    }

    fn land(&mut self, outcome: Result<Arc<Token>, MintFailed>) {
        let place = Place { key: self.caller.key, audience: &self.audience, provenance: self.provenance };
        self.mint.tokens.land(place, outcome.as_ref().ok().cloned());
        self.landing.send_replace(Some(outcome));
        self.landed = true;
    }
}

impl Drop for Departed {
    fn drop(&mut self) {
        if !self.landed {
            self.land(Err(MintFailed::Overloaded));
        }
    }
}

impl Mint {
    fn sign(&self, caller: &Caller, audience: &Audience) -> Result<Arc<Token>, MintFailed> {
        let request = TokenRequest {
            subject: &caller.consumer.subject,
            audience,
            client_id: &caller.consumer.name,
            key_id: caller.key,
            scopes: &caller.scopes,
            extra: &caller.consumer.claims,
        };
        let minted = self
            .issuer
            .active()
            .mint(&request, self.clock.now(), TokenId::generate(&*self.entropy))
            .inspect_err(|error| tracing::error!(%error, "a token could not be signed"))
            .map_err(|_| MintFailed::Signing)?;
        Ok(Token::new(&minted))
    }

    fn fitness(&self, token: &Token, now: Timestamp) -> Fitness {
        let keys = self.issuer.current();
        token.fitness(now, keys.active_kid(), |kid| keys.contains(kid))
    }
}

async fn arrive(mut flight: Flight) -> Result<Arc<Token>, MintFailed> {
    let outcome = flight.wait_for(Option::is_some).await.map_err(|_| MintFailed::Signing)?;
    outcome.clone().expect("waited until it is there")
}

/// How long the request that renews an aging token waits for the successor. A signature takes a fraction of it; when a
/// burst of other keys is before it in the queue, the token at hand is good for a while yet.
const RENEWAL_PATIENCE: Duration = Duration::from_millis(20);
/// Keys are not dropped in emergencies more often than once in the time of a signature.
const ATTEMPTS: usize = 3;
/// More than there will be workers, so that two of them seldom want the same lock.
const SHARDS: usize = 256;
