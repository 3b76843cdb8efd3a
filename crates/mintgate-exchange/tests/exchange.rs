//! The exchange as a whole, over an issuer with real keys and a clock that the test moves.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use mintgate_apikey::{IssuedKey, Pepper, PresentedKey};
use mintgate_exchange::{Caller, Exchange, ExchangeConfig, ExchangeDeps, KeyRefused, Snapshot, Token};
use mintgate_policy::{MethodSet, OriginIndex, Permit, Requirement, Route, RouteSettings};
use mintgate_signing::{
    ClaimMapping, Issuer, IssuerConfig, RotationPolicy, RotationSettings, RsaKeySize, SigningAlgorithm,
    TokenLifetime,
};
use mintgate_store::{
    Author, ChangeSet, Conflict, Consumer, ConsumerState, Key, KeyFormat, KeyState, Loaded, MasterKey,
    Metadata, SigningKeyRecord, SigningKeys, StoreError, SystemPart,
};
use mintgate_types::{
    Clock, ConsumerId, Entropy, Kid, ManualClock, OsEntropy, Revision, SeededEntropy, SignedDuration,
    SigningKeyState, Timestamp,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

/// Signing keys in memory.
#[derive(Default)]
struct Memory(Mutex<(Vec<SigningKeyRecord>, u64)>);

#[async_trait]
impl SigningKeys for Memory {
    async fn signing_keys(&self) -> Result<(Vec<SigningKeyRecord>, Revision), StoreError> {
        let held = self.0.lock().await;
        Ok((held.0.clone(), Revision(held.1)))
    }

    async fn change_signing_keys(
        &self,
        add: Vec<SigningKeyRecord>,
        states: Vec<(Kid, SigningKeyState)>,
        expected: Revision,
        _receipt: Option<mintgate_store::Receipt>,
        _by: &Author,
    ) -> Result<Revision, StoreError> {
        let mut held = self.0.lock().await;
        if held.1 != expected.0 {
            return Err(Conflict::Stale { expected, actual: Revision(held.1) }.into());
        }
        for (kid, state) in states {
            held.0.iter_mut().filter(|record| record.kid == kid).for_each(|record| record.state = state);
        }
        held.0.extend(add);
        held.1 += 1;
        Ok(Revision(held.1))
    }
}

/// The system's randomness, for as long as the test does not hold it back. Token ids are made of it, so signing waits.
#[derive(Default)]
struct Withheld(std::sync::Mutex<()>);

impl Entropy for Withheld {
    fn fill(&self, buffer: &mut [u8]) {
        let _held = self.0.lock().expect("nobody panics");
        OsEntropy.fill(buffer);
    }
}

struct World {
    exchange: Exchange,
    entropy: Arc<Withheld>,
    issuer: Arc<Issuer>,
    clock: Arc<ManualClock>,
    consumer: Consumer,
    key: Key,
    text: SecretString,
}

const LIFETIME: SignedDuration = SignedDuration::from_secs(300);

impl World {
    async fn new() -> Self {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
        let clock = Arc::new(ManualClock::at(start));
        let settings = RotationSettings {
            algorithm: SigningAlgorithm::Es256,
            token_lifetime: TokenLifetime::new(LIFETIME).expect("five minutes"),
            rotate_every: SignedDuration::from_hours(720),
            jwks_max_age: SignedDuration::from_secs(300),
            propagation_margin: RotationSettings::MARGIN,
            retire_margin: RotationSettings::MARGIN,
        };
        let config = IssuerConfig {
            issuer: "https://api.example.com/issuer".parse().expect("an issuer"),
            policy: RotationPolicy::new(settings).expect("a policy"),
            rsa_key_size: RsaKeySize::Bits2048,
        };
        let master_key = MasterKey::from_bytes([7; 32]);
        let store = Arc::new(Memory::default());
        let issuer = Arc::new(Issuer::open(store, &master_key, config, start).await.expect("opens"));
        let pepper = Pepper::new([1; 32]);
        let born = IssuedKey::generate(&"mgk".parse().expect("a prefix"), &OsEntropy);
        let consumer = consumer(start);
        let key = Key {
            id: born.id(),
            consumer: consumer.id,
            fingerprint: pepper.fingerprint(&born.digest()),
            format: KeyFormat::Native,
            label: "".parse().expect("a label"),
            scopes: "a".parse().expect("a scope"),
            created: start,
            expires: None,
            first_used: None,
            last_used: None,
            state: KeyState::Active,
            revision: Revision(2),
        };
        let snapshot = Arc::new(Snapshot::new(ClaimMapping::none()));
        let mut loader = snapshot.loader();
        loader.take(Loaded::Consumer(consumer.clone()));
        loader.take(Loaded::Key(key.clone()));
        loader.finish(Revision(2));
        let entropy = Arc::new(Withheld::default());
        let deps = ExchangeDeps {
            snapshot,
            pepper,
            issuer: Arc::clone(&issuer),
            clock: Arc::<ManualClock>::clone(&clock),
            entropy: Arc::<Withheld>::clone(&entropy),
        };
        let exchange = Exchange::start(ExchangeConfig { mint_threads: 2, cached_tokens: 64 }, deps)
            .expect("threads start");
        Self { exchange, entropy, issuer, clock, consumer, key, text: born.reveal() }
    }

    fn authenticate(&self) -> Result<Caller, KeyRefused> {
        self.exchange.authenticate(&PresentedKey::parse(self.text.expose_secret()).expect("well formed"))
    }

    fn permit(&self, audience: &str) -> Permit<Caller> {
        let caller = self.authenticate().expect("the key works");
        route(audience).authorize(caller).expect("no scopes are asked for")
    }

    async fn token(&self, audience: &str) -> Arc<Token> {
        self.exchange.token_for(&self.permit(audience)).await.expect("a token")
    }

    fn change(&self, up_to: u64, consumers: Vec<Consumer>, keys: Vec<Key>) {
        self.exchange.snapshot().apply(ChangeSet {
            up_to: Revision(up_to),
            more: false,
            consumers,
            keys,
            removed_consumers: Vec::new(),
            removed_keys: Vec::new(),
            signing_keys: false,
        });
    }
}

fn consumer(created: Timestamp) -> Consumer {
    Consumer {
        id: ConsumerId::generate(&SeededEntropy::new(1)),
        bucket: "production".parse().expect("a name"),
        name: "alice".parse().expect("a name"),
        subject: "alice".parse().expect("a subject"),
        metadata: Metadata::default(),
        tags: BTreeMap::new(),
        managers: mintgate_types::Managers::none(),
        last_used: None,
        state: ConsumerState::Active,
        created,
        revision: Revision(1),
    }
}

fn route(audience: &str) -> Arc<Route> {
    let settings = RouteSettings {
        name: "all".parse().expect("a name"),
        hosts: Vec::new(),
        pattern: "/{*rest}".parse().expect("a pattern"),
        methods: MethodSet::common(),
        origin: "orders".parse().expect("a name"),
        origin_index: OriginIndex(0),
        audience: audience.parse().expect("an audience"),
        requirement: Requirement::ApiKey,
        scopes: mintgate_types::ScopeSet::none(),
        credentials: mintgate_policy::CredentialSources::default(),
        strip_prefix: None,
        response_timeout: None,
    };
    Arc::new(Route::new(settings).expect("settings that fit"))
}

#[tokio::test]
async fn a_token_is_reused_for_the_same_key_and_origin() {
    let world = World::new().await;
    let (first, second) = (world.token("orders").await, world.token("orders").await);
    assert!(Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn r31_a_token_for_one_audience_is_not_found_for_another() {
    let world = World::new().await;
    let (orders, billing) = (world.token("orders").await, world.token("billing").await);
    assert_ne!(orders.authorization(), billing.authorization());
}

#[tokio::test]
async fn many_requests_for_a_new_token_cost_one_signature() {
    let world = World::new().await;
    let permit = world.permit("orders");
    let (one, two, three) = tokio::join!(
        world.exchange.token_for(&permit),
        world.exchange.token_for(&permit),
        world.exchange.token_for(&permit)
    );
    let (one, two, three) = (one.expect("a token"), two.expect("a token"), three.expect("a token"));
    assert!(Arc::ptr_eq(&one, &two) && Arc::ptr_eq(&two, &three));
}

#[tokio::test]
async fn r33_a_token_with_less_than_a_quarter_of_its_life_left_is_not_forwarded() {
    let world = World::new().await;
    let first = world.token("orders").await;
    world.clock.advance(LIFETIME * 3 / 4);
    assert!(!Arc::ptr_eq(&first, &world.token("orders").await));
}

#[tokio::test]
async fn a_token_is_reused_until_half_of_its_life_is_over() {
    let world = World::new().await;
    let first = world.token("orders").await;
    world.clock.advance(LIFETIME / 2 - SignedDuration::from_millis(1));
    assert!(Arc::ptr_eq(&first, &world.token("orders").await));
    world.clock.advance(SignedDuration::from_millis(1));
    let second = world.token("orders").await;
    assert_ne!(first.authorization(), second.authorization());
}

#[tokio::test]
#[expect(
    clippy::await_holding_lock,
    reason = "the mint threads are to wait for it, and nothing that is awaited takes it"
)]
async fn an_aging_token_is_forwarded_where_signatures_are_slow_to_come() {
    let world = World::new().await;
    let first = world.token("orders").await;
    world.clock.advance(LIFETIME / 2);
    // The mint threads stand still, as they do for others behind a long queue.
    let stopped = world.entropy.0.lock().expect("nobody panics");
    let permit = world.permit("orders");
    let second = world.exchange.token_for(&permit).await.expect("a token");
    assert!(Arc::ptr_eq(&first, &second));
    // From three quarters on it is not, however long the wait.
    drop(stopped);
    world.clock.advance(LIFETIME / 4);
    assert_ne!(first.authorization(), world.token("orders").await.authorization());
}

#[tokio::test]
async fn r33_a_token_whose_signing_key_left_the_jwks_is_not_forwarded() {
    let world = World::new().await;
    let first = world.token("orders").await;
    world
        .issuer
        .rotate_emergency(&Author::system(SystemPart::Start, world.clock.now()))
        .await
        .expect("rotates");
    let second = world.token("orders").await;
    assert_ne!(first.authorization(), second.authorization());
}

#[tokio::test]
async fn a_token_from_before_the_clock_went_back_is_not_forwarded() {
    let world = World::new().await;
    let first = world.token("orders").await;
    world.clock.advance(SignedDuration::from_secs(-60));
    assert!(!Arc::ptr_eq(&first, &world.token("orders").await));
}

#[tokio::test]
async fn a_change_of_the_consumer_is_in_the_next_token() {
    let world = World::new().await;
    let first = world.token("orders").await;
    let renamed = Consumer {
        subject: "bob".parse().expect("a subject"),
        revision: Revision(3),
        ..world.consumer.clone()
    };
    world.change(3, vec![renamed], Vec::new());
    assert_ne!(first.authorization(), world.token("orders").await.authorization());
}

#[tokio::test]
async fn r32_a_revoked_key_is_refused_while_its_token_is_still_cached() {
    let world = World::new().await;
    world.token("orders").await;
    let state = KeyState::Revoked { at: world.clock.now(), reason: None };
    world.change(3, Vec::new(), vec![Key { state, revision: Revision(3), ..world.key.clone() }]);
    assert_eq!(world.authenticate().err(), Some(KeyRefused::Revoked { key: world.key.id }));
    assert_eq!(world.exchange.cached_tokens(), 1);
}

#[tokio::test]
async fn swept_tokens_free_their_room_and_no_more_than_the_room_is_taken() {
    let world = World::new().await;
    for number in 0..200 {
        world.token(&format!("origin-{number}")).await;
    }
    // 64 tokens over 256 shards make room for one in each.
    assert!(world.exchange.cached_tokens() <= 256);
    world.clock.advance(LIFETIME);
    world.exchange.sweep();
    assert_eq!(world.exchange.cached_tokens(), 0);
}

#[tokio::test]
async fn r38_a_token_does_not_show_itself_in_debug_output() {
    let world = World::new().await;
    let token = world.token("orders").await;
    let text = token.authorization().to_str().expect("text").strip_prefix("Bearer ").expect("bearer");
    assert!(!format!("{token:?}").contains(&text[..20]));
    assert_eq!(format!("{:?}", token.authorization()), "Sensitive");
}
