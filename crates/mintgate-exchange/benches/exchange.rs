//! What the exchange adds to a request: parse, fingerprint and look-up of a key, and a hit in the mint cache.

use std::{collections::BTreeMap, hint::black_box, sync::Arc};

use async_trait::async_trait;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use mintgate_apikey::{IssuedKey, Pepper, PresentedKey};
use mintgate_exchange::{Exchange, ExchangeConfig, ExchangeDeps, Snapshot};
use mintgate_policy::{CredentialSources, MethodSet, OriginIndex, Requirement, Route, RouteSettings};
use mintgate_signing::{
    ClaimMapping, Issuer, IssuerConfig, RotationPolicy, RotationSettings, RsaKeySize, SigningAlgorithm,
    TokenLifetime,
};
use mintgate_store::{
    Author, Consumer, ConsumerState, Key, KeyFormat, KeyState, Loaded, MasterKey, Metadata, SigningKeyRecord,
    SigningKeys, StoreError,
};
use mintgate_types::{
    BufferedEntropy, Clock, ConsumerId, Kid, OsEntropy, Revision, ScopeSet, SignedDuration, SigningKeyState,
    SystemClock,
};
use secrecy::{ExposeSecret, SecretString};

/// A store of signing keys that keeps none: the issuer's first key lives in memory.
struct Nowhere;

#[async_trait]
impl SigningKeys for Nowhere {
    async fn signing_keys(&self) -> Result<(Vec<SigningKeyRecord>, Revision), StoreError> {
        Ok((Vec::new(), Revision::ZERO))
    }

    async fn change_signing_keys(
        &self,
        _add: Vec<SigningKeyRecord>,
        _states: Vec<(Kid, SigningKeyState)>,
        _expected: Revision,
        _receipt: Option<mintgate_store::Receipt>,
        _by: &Author,
    ) -> Result<Revision, StoreError> {
        Ok(Revision(1))
    }
}

fn exchange(keys: usize, runtime: &tokio::runtime::Runtime) -> (Exchange, Vec<SecretString>) {
    let (pepper, clock) = (Pepper::new([1; 32]), Arc::new(SystemClock));
    let entropy = Arc::new(BufferedEntropy::new(Arc::new(OsEntropy)));
    let consumer = Consumer {
        id: ConsumerId::generate(&*entropy),
        bucket: "production".parse().expect("a name"),
        name: "alice".parse().expect("a name"),
        subject: "alice".parse().expect("a subject"),
        metadata: Metadata::default(),
        tags: BTreeMap::new(),
        managers: mintgate_types::Managers::none(),
        last_used: None,
        state: ConsumerState::Active,
        created: clock.now(),
        revision: Revision(1),
    };
    let snapshot = Arc::new(Snapshot::new(ClaimMapping::none()));
    let mut loader = snapshot.loader();
    loader.take(Loaded::Consumer(consumer.clone()));
    let prefix = "mgk".parse().expect("a prefix");
    let mut texts = Vec::new();
    for _ in 0..keys {
        let issued = IssuedKey::generate(&prefix, &*entropy);
        loader.take(Loaded::Key(Key {
            id: issued.id(),
            consumer: consumer.id,
            fingerprint: pepper.fingerprint(&issued.digest()),
            format: KeyFormat::Native,
            label: "".parse().expect("a label"),
            scopes: ScopeSet::none(),
            created: clock.now(),
            expires: None,
            first_used: None,
            last_used: None,
            state: KeyState::Active,
            revision: Revision(1),
        }));
        texts.push(issued.reveal());
    }
    loader.finish(Revision(1));
    let settings = RotationSettings {
        algorithm: SigningAlgorithm::Es256,
        token_lifetime: TokenLifetime::new(SignedDuration::from_mins(5)).expect("five minutes"),
        rotate_every: SignedDuration::from_hours(720),
        jwks_max_age: SignedDuration::from_mins(5),
        propagation_margin: RotationSettings::MARGIN,
        retire_margin: RotationSettings::MARGIN,
    };
    let config = IssuerConfig {
        issuer: "https://api.example.com/issuer".parse().expect("an issuer"),
        policy: RotationPolicy::new(settings).expect("a policy"),
        rsa_key_size: RsaKeySize::Bits2048,
    };
    let master_key = MasterKey::from_bytes([7; 32]);
    let open = Issuer::open(Arc::new(Nowhere), &master_key, config, clock.now());
    let issuer = Arc::new(runtime.block_on(open).expect("opens"));
    let deps = ExchangeDeps { snapshot, pepper, issuer, clock, entropy };
    let config = ExchangeConfig { mint_threads: 1, cached_tokens: 200_000 };
    (Exchange::start(config, deps).expect("threads start"), texts)
}

fn route() -> Arc<Route> {
    let settings = RouteSettings {
        name: "all".parse().expect("a name"),
        hosts: Vec::new(),
        pattern: "/{*rest}".parse().expect("a pattern"),
        methods: MethodSet::common(),
        origin: "orders".parse().expect("a name"),
        origin_index: OriginIndex(0),
        audience: "orders".parse().expect("an audience"),
        requirement: Requirement::ApiKey,
        scopes: ScopeSet::none(),
        credentials: CredentialSources::default(),
        strip_prefix: None,
        response_timeout: None,
    };
    Arc::new(Route::new(settings).expect("settings that fit"))
}

fn authenticate(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut group = criterion.benchmark_group("parse, fingerprint, look up");
    for keys in [1_000, 1_000_000] {
        let (exchange, texts) = exchange(keys, &runtime);
        let mut next = texts.iter().cycle();
        group.bench_function(BenchmarkId::from_parameter(keys), |bencher| {
            bencher.iter(|| {
                let text = next.next().expect("an endless sequence").expose_secret();
                let presented = PresentedKey::parse(black_box(text)).expect("well formed");
                black_box(exchange.authenticate(&presented).expect("known"))
            });
        });
    }
}

fn mint_cache_hit(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (exchange, texts) = exchange(1_000, &runtime);
    let route = route();
    let permits: Vec<_> = texts
        .iter()
        .map(|text| {
            let presented = PresentedKey::parse(text.expose_secret()).expect("well formed");
            let caller = exchange.authenticate(&presented).expect("known");
            let permit = route.authorize(caller).expect("no scopes are asked for");
            runtime.block_on(exchange.token_for(&permit)).expect("a token");
            permit
        })
        .collect();
    let mut next = permits.iter().cycle();
    criterion.bench_function("mint cache hit", |bencher| {
        bencher.iter(|| {
            let permit = next.next().expect("an endless sequence");
            black_box(runtime.block_on(exchange.token_for(permit)).expect("a token"))
        });
    });
}

criterion_group!(benches, authenticate, mint_cache_hit);
criterion_main!(benches);
