//! The time that verifying one token takes on one core: cold (never seen), warm (seen before), and how much of the cold
//! one is not the signature. The tokens are those of `vectors/`.

use std::{hint::black_box, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use mintgate_jwt::cache::Moment;
use mintgate_types::Timestamp;
use mintgate_verify::{Clocks, Expected, KeySource, TokenPolicy, Verifier};
use serde_json::Value;

/// The time of the vectors, but read from the system's clock as an origin would.
struct VectorClocks {
    system: mintgate_verify::SystemClocks,
    now: Timestamp,
}

impl Clocks for VectorClocks {
    fn now(&self) -> Timestamp {
        black_box(self.system.now());
        self.now
    }

    fn moment(&self) -> Moment {
        self.system.moment()
    }
}

fn verifier(vectors: &Value, most_tokens: usize) -> Verifier {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let policy = TokenPolicy::new(
        Expected::exactly(text(&vectors["policy"]["issuer"]).parse().expect("an issuer")),
        Expected::exactly(text(&vectors["policy"]["audience"]).parse().expect("an audience")),
    );
    let source = KeySource::json(vectors["jwks"].to_string().as_bytes()).expect("a key set");
    let now = Timestamp::from_second(vectors["now"].as_i64().expect("a number")).expect("a date");
    let clocks = VectorClocks { system: mintgate_verify::SystemClocks::start(), now };
    Verifier::builder(policy, source).remember_tokens(most_tokens).clocks(Arc::new(clocks)).build()
}

fn verify(criterion: &mut Criterion) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/tokens.json");
    let vectors: Value =
        serde_json::from_slice(&std::fs::read(path).expect("in the repository")).expect("JSON");
    let token = |name: &str| {
        let cases = vectors["cases"].as_array().expect("a list");
        let case = cases.iter().find(|case| case["name"] == name).expect("a vector of that name");
        case["token"].as_str().expect("a token").to_owned()
    };
    let (cold, warm) = (verifier(&vectors, 0), verifier(&vectors, 4096));
    let mut group = criterion.benchmark_group("verify");
    for (name, vector) in [
        ("RS256", "RS256 with key rsa"),
        ("PS256", "PS256 with key rsa-pss"),
        ("ES256", "ES256 with key p256"),
        ("EdDSA", "EdDSA with key ed25519"),
    ] {
        let token = token(vector);
        group.bench_function(format!("{name} cold"), |bencher| {
            bencher.iter(|| cold.verify(black_box(&token)).expect("a good token"));
        });
    }
    let token = token("RS256 with key rsa");
    group.bench_function("warm", |bencher| {
        bencher.iter(|| warm.verify(black_box(&token)).expect("a good token"));
    });
    group.finish();
}

criterion_group!(benches, verify);
criterion_main!(benches);
