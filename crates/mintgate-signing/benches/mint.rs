//! The time that minting one token takes on one core, per algorithm, and how much of it is not the signature.

use std::{hint::black_box, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use mintgate_signing::{
    ActiveSigner, MappedClaims, RsaKeySize, SigningAlgorithm, SigningKeyPair, TokenLifetime, TokenRequest,
};
use mintgate_types::{
    Audience, ConsumerName, IssuerUrl, KeyId, ScopeSet, SignedDuration, Subject, Timestamp, TokenId,
};

fn signer(algorithm: SigningAlgorithm) -> ActiveSigner {
    let issuer: IssuerUrl = "https://api.example.com/__mintgate/issuer".parse().expect("an issuer");
    let lifetime = TokenLifetime::new(SignedDuration::from_mins(5)).expect("in range");
    let pair = SigningKeyPair::generate(algorithm, RsaKeySize::Bits2048).expect("a key");
    ActiveSigner::new(Arc::new(pair), &issuer, lifetime)
}

fn mint(criterion: &mut Criterion) {
    let subject: Subject = "customer-4711".parse().expect("a subject");
    let audience: Audience = "orders".parse().expect("an audience");
    let client_id: ConsumerName = "customer-4711".parse().expect("a name");
    let key_id: KeyId = "aB3dE5gH7jK9".parse().expect("a key id");
    let scopes: ScopeSet = "orders:read orders:write".parse().expect("scopes");
    let claims = [("plan".parse().expect("a claim name"), "gold".into())].into();
    let extra = MappedClaims::new(&claims).expect("nothing reserved");
    let request = TokenRequest {
        subject: &subject,
        audience: &audience,
        client_id: &client_id,
        key_id,
        scopes: &scopes,
        extra: &extra,
    };
    let now = Timestamp::from_second(1_700_000_000).expect("in range");
    let id: TokenId = "0123456789abcdefghijKL".parse().expect("a token id");

    let mut group = criterion.benchmark_group("mint");
    for algorithm in SigningAlgorithm::ALL {
        let signer = signer(algorithm);
        group.bench_function(algorithm.as_str(), |bencher| {
            bencher.iter(|| signer.mint(black_box(&request), now, id).expect("a token"));
        });
    }
    let signer = signer(SigningAlgorithm::EdDsa);
    group.bench_function("all but the signature", |bencher| {
        bencher.iter(|| signer.prepare(black_box(&request), now, id));
    });
    group.finish();
}

criterion_group!(benches, mint);
criterion_main!(benches);
